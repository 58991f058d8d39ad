import type { Actor } from '#event-sourcing/envelope';
import type { DecisionContext, Guard, Rule } from '#lifecycle/decide';
import type { LifecycleState } from '#lifecycle/lifecycle-definition';
import { hasWritten } from './authors.ts';
import type { AuthorFacts, Written } from './authors.ts';
import type { Request } from './persons.ts';

/** The events on which a decision depends, by id. */
export interface DecisionEvents {
  /** The events that every decision must list. */
  readonly needed: readonly string[];
  /** The inspectorate's changes since the request, which an approval must list. */
  readonly changes: readonly string[];
  /** The events that a decision may list, which decides them too. */
  readonly others: readonly string[];
  /** The others that it decides even if it does not list them. */
  readonly covered?: readonly string[];
  /**
   * Returns whether the decision relies on what was written. Absent for a refusal, which changes nothing on the record.
   */
  readonly reliesOn?: ReliesOn;
}

export type ReliesOn = (written: Written) => boolean;

export const NOTHING: DecisionEvents = { needed: [], changes: [], others: [] };

type Deciding<Facts> = Pick<DecisionContext<Facts>, 'actor' | 'others'>;

/** Returns the events of a decision; null if the payload does not identify a request yet. */
export type DecisionEventsOf<Facts, Payload> = (
  state: LifecycleState<Facts>,
  payload: Payload,
  context: Deciding<Facts>,
) => DecisionEvents | null;

export interface Naming {
  readonly decides?: readonly string[];
}

/** Returns ids in stream order, because a view may fold in another order. */
export const idsOf = (events: readonly Pick<Request, 'eventId' | 'version'>[]): readonly string[] =>
  events.toSorted((one, other) => one.version - other.version).map(({ eventId }) => eventId);

export const changesSince = (
  { facts: { written = [] } }: LifecycleState<Partial<AuthorFacts>>,
  version: number,
  reliesOn: ReliesOn,
): readonly string[] =>
  idsOf(written.filter((each) => each.isChange && each.version > version && reliesOn(each)));

/**
 * Returns the events for a refusal, which may but need not list the changes, because it changes nothing on the record.
 */
export const forRefusal = ({ needed, changes, others }: DecisionEvents): DecisionEvents => ({
  needed,
  changes: [],
  others: [...changes, ...others],
});

/** Returns the events that a decision decides, out of those that it lists. */
export function decidedEvents(
  { needed, changes, others }: DecisionEvents,
  { decides = [] }: Naming,
): readonly string[] {
  const named = new Set(decides);
  return [...needed, ...changes, ...others.filter((eventId) => named.has(eventId))];
}

/** Returns whether a person wrote something that a decision covers or relies on. What they issued does not count. */
export const isAuthor = (
  { facts }: LifecycleState<Partial<AuthorFacts>>,
  subject: string,
  toDecide: DecisionEvents,
  payload: Naming = {},
): boolean => {
  const { reliesOn, covered: also = [] } = toDecide;
  if (reliesOn === undefined) return false;
  const covered = new Set([...decidedEvents(toDecide, payload), ...also]);
  return hasWritten(facts, subject, (each) =>
    covered.has(each.eventId)
      ? each.isChange || reliesOn(each)
      : each.isChange && !each.isOfIssue && reliesOn(each),
  );
};

const AUTHOR = {
  code: 'not-an-author',
  detail: () =>
    'You changed the text, the body or a date on which this decision relies, or submitted evidence that it considers; another person must decide',
} as const;

/**
 * Refuses the authors of what every possible decision covers or relies on.
 *
 * @param decisions returns the decisions that the person may make otherwise.
 */
export const notAnAuthor = <Facts extends Partial<AuthorFacts>>(
  decisions: (state: LifecycleState<Facts>, actor: Actor) => readonly DecisionEvents[],
): Guard<Facts> => ({
  ...AUTHOR,
  isMet: (state, actor) => {
    const possible = decisions(state, actor);
    return possible.length === 0 || possible.some((each) => !isAuthor(state, actor.subject, each));
  },
});

/** The most events that the message of a refusal lists. */
const NAMED_MAX = 20;

export function listIds(eventIds: readonly string[]): string {
  const more = eventIds.length > NAMED_MAX ? ` and ${eventIds.length - NAMED_MAX} more` : '';
  return `${eventIds.slice(0, NAMED_MAX).join(', ')}${more}`;
}

export const missingFrom = (named: readonly string[] | undefined, wanted: readonly string[]): string[] => {
  const known = new Set(named);
  return wanted.filter((eventId) => !known.has(eventId));
};

const namesOthers = ({ needed, changes, others }: DecisionEvents, decides: readonly string[]): boolean =>
  missingFrom([...needed, ...changes, ...others], decides).length > 0;

/**
 * Requires a decision to list every event that it must, including changes since the request, and no event that it
 * cannot decide; and a decider who wrote none of it.
 */
export const decidesRules = <Facts extends Partial<AuthorFacts>, Payload extends Naming>(
  decisionEventsOf: DecisionEventsOf<Facts, Payload>,
): readonly Rule<Facts, Payload>[] => [
  changesNamed(decisionEventsOf),
  requestNamed(decisionEventsOf),
  {
    ...AUTHOR,
    kind: 'people',
    isMet: (state, payload, context) => {
      const toDecide = decisionEventsOf(state, payload, context);
      return toDecide === null || !isAuthor(state, context.actor.subject, toDecide, payload);
    },
  },
];

function changesNamed<Facts, Payload extends Naming>(
  decisionEventsOf: DecisionEventsOf<Facts, Payload>,
): Rule<Facts, Payload> {
  const missing = (
    state: LifecycleState<Facts>,
    payload: Payload,
    context: Deciding<Facts>,
  ): readonly string[] => {
    const toDecide = decisionEventsOf(state, payload, context);
    if (toDecide === null || namesOthers(toDecide, payload.decides ?? [])) return [];
    if (missingFrom(payload.decides, toDecide.changes).length === 0) return [];
    return missingFrom(payload.decides, decidedEvents(toDecide, payload));
  };
  return {
    code: 'decides-outdated',
    kind: 'state',
    hasOwnCode: true,
    isMet: (state, payload, context) => missing(state, payload, context).length === 0,
    detail: (state, payload, context) =>
      `The text, recipient, publication date or a deadline of the record or its successor changed after the request. Read the record again and add to "decides": ${listIds(missing(state, payload, context))}`,
    members: (state, payload, context) => ({ events: missing(state, payload, context) }),
  };
}

function requestNamed<Facts, Payload extends Naming>(
  decisionEventsOf: DecisionEventsOf<Facts, Payload>,
): Rule<Facts, Payload> {
  return {
    code: 'decides-what-stands',
    kind: 'state',
    isMet: (state, payload, context) => {
      const toDecide = decisionEventsOf(state, payload, context);
      if (payload.decides === undefined || toDecide === null) return true;
      return (
        !namesOthers(toDecide, payload.decides) && missingFrom(payload.decides, toDecide.needed).length === 0
      );
    },
    detail: (state, payload, context) => {
      const toDecide = decisionEventsOf(state, payload, context);
      const wanted = toDecide === null ? [] : decidedEvents(toDecide, payload);
      return `"decides" does not match the pending request: it must list ${listIds(wanted)}. Read the record again; its "pending" has the ids`;
    },
  };
}
