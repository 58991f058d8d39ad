import type { DecisionContext, Rule } from '#lifecycle/decide';
import type { LifecycleState } from '#lifecycle/lifecycle-definition';
import type { Request } from './persons.ts';

/**
 * An event that changed something on which a decision can depend: the text, the recipient, the publication, or a
 * deadline by its id.
 */
export interface Change extends Request {
  readonly of: string;
  readonly recordedAt: string;
}

/** The changes on which decisions can depend. */
export interface ChangeFacts {
  readonly changes: readonly Change[];
}

/** The events on which a decision depends, by id. */
export interface DecisionEvents {
  /** The events that every decision must list. */
  readonly needed: readonly string[];
  /** The inspectorate's changes since the request, which an approval must list. */
  readonly changes: readonly string[];
  /** The events that a decision may list, which decides them too. */
  readonly others: readonly string[];
}

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
  { facts }: LifecycleState<ChangeFacts>,
  version: number,
  concerns: (change: Change) => boolean = () => true,
): readonly string[] => idsOf(facts.changes.filter((change) => change.version > version && concerns(change)));

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
 * cannot decide.
 */
export const decidesRules = <Facts, Payload extends Naming>(
  decisionEventsOf: DecisionEventsOf<Facts, Payload>,
): readonly Rule<Facts, Payload>[] => [changesNamed(decisionEventsOf), requestNamed(decisionEventsOf)];

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
