import { atOnce, FOLDED_AT_ONCE } from '#event-sourcing/folding';
import type { Folding } from '#event-sourcing/folding';
import { effectiveView } from '#lifecycle/effective-view';
import type { ViewPoint } from '#lifecycle/effective-view';
import type { FoldedByRule, Lifecycles } from '#lifecycle/lifecycles';
import type { LifecycleState } from '#lifecycle/lifecycle-definition';
import { ownState } from '#state-machines/inspection-recommendation/v1/lifecycle';
import type { Facts } from '#state-machines/inspection-recommendation/v1/facts';
import {
  deadlinesOn,
  pendingOn,
  recordDetails,
  stateOn,
} from '#state-machines/inspection-recommendation/v1/record';
import { recordIdOf } from '#state-machines/record-streams';
import type { RecordEnvelope } from '#state-machines/inspection-recommendation/v1/record-event';

/**
 * The state after the last of a stream's events; null for a stream without any.
 * @throws UnknownLifecycleError
 */
export function* foldedState(
  lifecycles: Lifecycles,
  events: Iterable<FoldedByRule>,
): Folding<LifecycleState | null> {
  let state: LifecycleState | null = null;
  let count = 0;
  for (const event of events) {
    state = lifecycles.evolve(state, event);
    count += 1;
    if (count % FOLDED_AT_ONCE === 0) yield;
  }
  return state;
}

/** The same in one go; throws as it does. */
export const currentState = (lifecycles: Lifecycles, events: Iterable<FoldedByRule>) =>
  atOnce(foldedState(lifecycles, events));

/**
 * A record as it stands now, or as it was effective on a date and known at an instant; null where it did not exist
 * then, or was not known yet.
 * @param known the state after all of the events, where somebody has folded them.
 * @throws UnknownLifecycleError
 */
export function* readRecord(
  lifecycles: Lifecycles,
  events: readonly RecordEnvelope[],
  view: ViewPoint,
  today: string,
  known: LifecycleState | null = null,
) {
  const isView = view.effectiveOn !== null || view.knownAt !== null;
  const steps = isView ? yield* effectiveView(lifecycles, events, view) : [];
  const taken = isView ? steps.map(({ event }) => event) : events;
  const last = steps.at(-1)?.state;
  const state = isView
    ? last && inStreamOrder(ownState(last), taken)
    : (known ?? (yield* foldedState(lifecycles, events)));
  const first = taken[0];
  const latest = latestOf(taken);
  if (!state || first === undefined || latest === undefined) return null;
  const day = view.effectiveOn ?? today;
  const own = ownState(state);
  const { value, facts, firstOn } = own;
  const lifecycle = lifecycles.of(latest);
  const pending = pendingOn(own);
  return {
    id: recordIdOf(first.streamId) as string,
    ...recordDetails(taken),
    recipient: facts.recipient,
    owner: facts.owner,
    status: lifecycle.statusOf(value),
    statusOrigin: facts.statusOrigin,
    state: stateOn(own, day),
    version: latest.version,
    lifecycle: { name: lifecycle.reference.name, version: lifecycle.reference.version },
    issuedOn: firstOn,
    deadlines: deadlinesOn(own, day),
    pending,
    proposedDeadlines: pending.proposals,
    supersededBy: facts.supersededBy,
  };
}

/** What is told of a record. */
export type ReadRecord =
  ReturnType<typeof readRecord> extends Folding<infer Result> ? NonNullable<Result> : never;

/** The event that was stored last. */
export const latestOf = (events: readonly RecordEnvelope[]): RecordEnvelope | undefined =>
  events.reduce<RecordEnvelope | undefined>(
    (latest, event) => (latest === undefined || event.version > latest.version ? event : latest),
    undefined,
  );

/** What a view folds in effective order is listed as the record itself lists it. */
function inStreamOrder(
  { facts, ...state }: LifecycleState<Facts>,
  taken: readonly RecordEnvelope[],
): LifecycleState<Facts> {
  const ordered = <Item>(
    items: readonly Item[],
    keyOf: (item: Item) => string,
    keyIn: (event: RecordEnvelope) => string | null,
  ): readonly Item[] => {
    if (items.length < 2) return items;
    const versions = new Map(taken.map((event) => [keyIn(event), event.version]));
    return items.toSorted((a, b) => (versions.get(keyOf(a)) ?? 0) - (versions.get(keyOf(b)) ?? 0));
  };
  const { deadlines, proposals, extensions } = facts;
  return {
    ...state,
    facts: {
      ...facts,
      deadlines: ordered(
        deadlines,
        ({ id }) => id,
        ({ type, data }) => (type === 'DeadlineSet' ? data.deadlineId : null),
      ),
      proposals: ordered(
        proposals,
        ({ id }) => id,
        ({ type, data }) => (type === 'DeadlineProposed' ? data.deadlineId : null),
      ),
      extensions: ordered(
        extensions,
        ({ eventId }) => eventId,
        ({ eventId }) => eventId,
      ),
    },
  };
}
