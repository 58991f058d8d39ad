import type { DecisionContext, Rule } from '#lifecycle/decide';
import type { LifecycleState } from '#lifecycle/lifecycle-definition';
import type { Request } from './persons.ts';

/** An event that changed something a decision can depend on: the text, the recipient, the publication, or a deadline by its id. */
export interface Change extends Request {
  readonly of: string;
  readonly recordedAt: string;
}

/** The changes to what decisions depend on. */
export interface ChangeFacts {
  readonly changes: readonly Change[];
}

/** The events on which a decision depends, by id. */
export interface DecisionEvents {
  /** Every decision must name these. */
  readonly needed: readonly string[];
  /** The inspectorate's changes since the request, which an approval must name. */
  readonly changes: readonly string[];
  /** Optional: decided as well if named. */
  readonly others: readonly string[];
}

export const NOTHING: DecisionEvents = { needed: [], changes: [], others: [] };

type Deciding<Facts> = Pick<DecisionContext<Facts>, 'actor' | 'others'>;

/** Returns null if the payload does not identify a request yet. */
export type DecisionEventsOf<Facts, Payload> = (
  state: LifecycleState<Facts>,
  payload: Payload,
  context: Deciding<Facts>,
) => DecisionEvents | null;

export interface Naming {
  readonly decides?: readonly string[];
}

/** Returns ids in stream order, even if a view folds in another order. */
export const idsOf = (events: readonly Pick<Request, 'eventId' | 'version'>[]): readonly string[] =>
  events.toSorted((one, other) => one.version - other.version).map(({ eventId }) => eventId);

export const changesSince = (
  { facts }: LifecycleState<ChangeFacts>,
  version: number,
  concerns: (change: Change) => boolean = () => true,
): readonly string[] => idsOf(facts.changes.filter((change) => change.version > version && concerns(change)));

/** A refusal changes nothing on the record, so naming the changes is optional. */
export const forRefusal = ({ needed, changes, others }: DecisionEvents): DecisionEvents => ({
  needed,
  changes: [],
  others: [...changes, ...others],
});

/** Returns the events that a decision decides, from those that it names. */
export function decidedEvents(
  { needed, changes, others }: DecisionEvents,
  { decides = [] }: Naming,
): readonly string[] {
  const named = new Set(decides);
  return [...needed, ...changes, ...others.filter((eventId) => named.has(eventId))];
}

/** The most events listed in the message of a refusal. */
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
 * A decision must name every event required of it, including changes since the request, and nothing that cannot be
 * decided.
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
