import type { FoldedEvent } from '#lifecycle/folded-event';

/**
 * Returns the person of a subject, in Unicode's form NFC. On the command line (`cli:ann`) and in a token (`ann`) it is
 * the same person.
 */
export const personOf = (subject: string): string => subject.replace(/^(cli:)+/, '').normalize('NFC');

/** Returns whether two subjects are the same person; null never is. */
export const isSamePerson = (one: string | null, other: string | null): boolean =>
  one !== null && other !== null && personOf(one) === personOf(other);

/** Returns the reason why a person does not act on a body's record in these roles, as the end of a sentence. */
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
 * Returns the person who recorded an event; null if it was imported. The importer of a closing status counts as its
 * requester.
 */
export const recorderOf = ({ type, origin, actor }: FoldedEvent): string | null =>
  origin === 'import' && type !== 'ClosureRequested' ? null : actor.subject;

/** A request for a decision. */
export interface Request {
  readonly eventId: string;
  /** The subject of the requester; null if the event was imported. */
  readonly requester: string | null;
  /** The effective date. */
  readonly on: string;
  /** The version in the stream. */
  readonly version: number;
  /** The role of the requester; absent if no command made the request, or no rule needs it. */
  readonly role?: string;
}

export const requestFrom = (event: FoldedEvent): Request => ({
  eventId: event.eventId,
  requester: recorderOf(event),
  on: event.effectiveOn,
  version: event.version,
  ...(event.decision !== null && { role: event.decision.role }),
});

/** Returns those who requested all of these requests, so that they may decide none: one person, or nobody. */
export function requesterOfAll(requests: readonly Pick<Request, 'requester'>[]): readonly (string | null)[] {
  const persons = new Set(requests.map(({ requester }) => requester && personOf(requester)));
  return persons.size === 1 ? [...persons] : [];
}

/** Returns a request in the form in which records show it. */
export const requestView = ({ eventId, requester, on: requestedOn }: Request) => ({
  eventId,
  requester,
  requestedOn,
});

/** Returns the people and the actor; the same list if it already includes the actor. */
export function withActor(
  persons: readonly string[],
  { actor }: Pick<FoldedEvent, 'actor'>,
): readonly string[] {
  const person = personOf(actor.subject);
  return persons.includes(person) ? persons : [...persons, person];
}

/** Returns the only item of a list; undefined if there are more or none. */
export const onlyOne = <Item>(items: readonly Item[]): Item | undefined =>
  items.length === 1 ? items[0] : undefined;
