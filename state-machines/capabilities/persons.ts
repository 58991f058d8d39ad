import type { CommandPayload, Rule } from '#lifecycle/decide';
import type { FoldedEvent } from '#lifecycle/folded-event';
import { isOfBody } from '#lifecycle/kind';
import type { RecordKind } from '#lifecycle/kind';

/** The person behind a subject: who acts at the command line (`cli:ann`) and with a token (`ann`) is one and the same. */
export const personOf = (subject: string): string => subject.replace(/^(cli:)+/, '');

/** Whether two subjects are of one person; nobody (null) is no one's same. */
export const isSamePerson = (one: string | null, other: string | null): boolean =>
  one !== null && other !== null && personOf(one) === personOf(other);

/** Why a person does not act on the record of a body in roles that they have, or ask to act in. */
export function whyNotAs(
  { organisations }: { readonly organisations: readonly string[] },
  recipient: string | null,
  roles: readonly string[],
): string {
  const inThese = roles.join(' or ');
  if (recipient === null) return `the record is for no body, and on it you do not act as ${inThese}`;
  const which = organisations.includes(recipient) ? 'one' : 'none';
  return `${recipient} is ${which} of your organisations; on its records you do not act as ${inThese}`;
}

/** Who recorded an event; whoever only imported it did not. A closure that a file leads to is requested by its importer. */
export const recorderOf = ({ type, origin, actor }: FoldedEvent): string | null =>
  origin === 'import' && type !== 'ClosureRequested' ? null : actor.subject;

/** What somebody asks others to decide on. */
export interface Request {
  readonly eventId: string;
  /** Who asked; null where the event was only imported. */
  readonly requester: string | null;
  /** The date on which it was asked. */
  readonly on: string;
  /** In the stream. */
  readonly version: number;
  /** In which role it was asked; absent where no command asked, or nobody needs to know. */
  readonly role?: string;
}

/** A request of which a row keeps no more than by whom. */
export const UNKNOWN_REQUEST = { eventId: '', on: '', version: 0 };

export const requestFrom = (event: FoldedEvent): Request => ({
  eventId: event.eventId,
  requester: recorderOf(event),
  on: event.effectiveOn,
  version: event.version,
  ...(event.decision !== null && { role: event.decision.role }),
});

/** A request as a record shows it. */
export const requestShown = ({ eventId, requester, on: requestedOn }: Request) => ({
  eventId,
  requester,
  requestedOn,
});

/** Persons with the one who acts, each once; the same list where they are in it. */
export function including(
  persons: readonly string[],
  { actor }: Pick<FoldedEvent, 'actor'>,
): readonly string[] {
  const person = personOf(actor.subject);
  return persons.includes(person) ? persons : [...persons, person];
}

/** The only item of a list; undefined where there is another number. */
export const onlyOne = <Item>(items: readonly Item[]): Item | undefined =>
  items.length === 1 ? items[0] : undefined;

/** The people of a body act today: when something was done is not for them to say. */
export const actsToday = (kind: RecordKind): Rule<unknown, CommandPayload> => ({
  code: 'effective-date-not-yours',
  holds: (_, { effectiveOn }, { role, today }) =>
    effectiveOn === undefined || effectiveOn === today || !isOfBody(kind, role),
  detail: (_, { effectiveOn = '' }, { role, today }) =>
    `As ${role} you act today, ${today}, and not on ${effectiveOn}; leave effectiveOn out`,
});
