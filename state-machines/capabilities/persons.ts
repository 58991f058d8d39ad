import type { CommandPayload, Rule } from '#lifecycle/decide';
import type { FoldedEvent } from '#lifecycle/folded-event';
import { isOfBody } from '#lifecycle/kind';
import type { RecordKind } from '#lifecycle/kind';

/** Returns the person of a subject: command line (`cli:ann`) and token (`ann`) are the same person. */
export const personOf = (subject: string): string => subject.replace(/^(cli:)+/, '');

/** Returns whether two subjects are the same person; null is never the same. */
export const isSamePerson = (one: string | null, other: string | null): boolean =>
  one !== null && other !== null && personOf(one) === personOf(other);

/** Returns why a person does not act on a body's record in some roles. */
export function whyNotAs(
  { organisations }: { readonly organisations: readonly string[] },
  recipient: string | null,
  roles: readonly string[],
): string {
  const inThese = roles.join(' or ');
  if (recipient === null) return `the record has no body, and you cannot act on it as ${inThese}`;
  const which = organisations.includes(recipient) ? 'one of' : 'not one of';
  return `${recipient} is ${which} your organisations; you cannot act on its records as ${inThese}`;
}

/**
 * Returns the person who recorded an event; null if it was only imported. The importer of a closing status is its
 * requester.
 */
export const recorderOf = ({ type, origin, actor }: FoldedEvent): string | null =>
  origin === 'import' && type !== 'ClosureRequested' ? null : actor.subject;

/** A request for a decision. */
export interface Request {
  readonly eventId: string;
  /** Null if the event was only imported. */
  readonly requester: string | null;
  /** Its effective date. */
  readonly on: string;
  /** In the stream. */
  readonly version: number;
  /** The requester's role; absent if no command made the request, or no rule needs it. */
  readonly role?: string;
}

/** The rest of a request of which a row contains only the requester. */
export const UNKNOWN_REQUEST = { eventId: '', on: '', version: 0 };

export const requestFrom = (event: FoldedEvent): Request => ({
  eventId: event.eventId,
  requester: recorderOf(event),
  on: event.effectiveOn,
  version: event.version,
  ...(event.decision !== null && { role: event.decision.role }),
});

/** Returns a request as records show it. */
export const requestView = ({ eventId, requester, on: requestedOn }: Request) => ({
  eventId,
  requester,
  requestedOn,
});

/** Returns the people with the actor added; the same list if already included. */
export function including(
  persons: readonly string[],
  { actor }: Pick<FoldedEvent, 'actor'>,
): readonly string[] {
  const person = personOf(actor.subject);
  return persons.includes(person) ? persons : [...persons, person];
}

/** Returns the only item of a list; undefined if there are more or none. */
export const onlyOne = <Item>(items: readonly Item[]): Item | undefined =>
  items.length === 1 ? items[0] : undefined;

/** People of a body act as of today: they may not backdate. */
export const actsToday = (kind: RecordKind): Rule<unknown, CommandPayload> => ({
  code: 'effective-date-not-yours',
  isMet: (_, { effectiveOn }, { role, today }) =>
    effectiveOn === undefined || effectiveOn === today || !isOfBody(kind, role),
  detail: (_, { effectiveOn = '' }, { role, today }) =>
    `As ${role} you cannot backdate to ${effectiveOn}; leave effectiveOn out to use today, ${today}`,
});
