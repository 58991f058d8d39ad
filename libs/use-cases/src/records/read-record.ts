import { atOnce, FOLDED_AT_ONCE } from '#event-sourcing/folding';
import type { Folding } from '#event-sourcing/folding';
import { effectiveView } from '#lifecycle/effective-view';
import type { ViewPoint } from '#lifecycle/effective-view';
import type { FoldableEvent, Lifecycles, ReadEvent } from '#lifecycle/lifecycles';
import type { LifecycleState } from '#lifecycle/lifecycle-definition';
import { idIn } from '#lifecycle/kind';
import { viewOf } from '#state-machines/any-kind';
import { NO_PARTS } from '#state-machines/record-parts';
import type { RecordParts } from '#state-machines/record-parts';
import type { RecordHead, ShownRecord } from '#state-machines/record-view';

/** Returns the state after the last of a stream's events; null without events. @throws UnknownLifecycleError */
function* foldedState(
  lifecycles: Lifecycles,
  events: Iterable<FoldableEvent>,
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

/** Returns the same as `foldedState`, without yielding to other work. */
export const currentState = (lifecycles: Lifecycles, events: Iterable<FoldableEvent>) =>
  atOnce(foldedState(lifecycles, events));

/**
 * Returns a record now, or as effective on a date and known at an instant; null if it did not exist or was not known then.
 * @param known the state after all of the events, if already folded.
 * @throws UnknownLifecycleError
 */
export function* shownRecord(
  lifecycles: Lifecycles,
  events: readonly ReadEvent[],
  view: ViewPoint,
  today: string,
  known: LifecycleState | null = null,
): Folding<ShownRecord | null> {
  const isView = view.effectiveOn !== null || view.knownAt !== null;
  const steps = isView ? yield* effectiveView(lifecycles, events, view) : [];
  const included = isView ? steps.map(({ event }) => event) : events;
  const state = isView ? steps.at(-1)?.state : (known ?? (yield* foldedState(lifecycles, events)));
  const first = included[0];
  const latest = latestOf(included);
  if (!state || first === undefined || latest === undefined) return null;
  const day = view.effectiveOn ?? today;
  const lifecycle = lifecycles.of(latest);
  const { name, version } = lifecycle.reference;
  const recordView = viewOf(state.of);
  const head: RecordHead = {
    id: idIn(first.streamId),
    status: lifecycle.statusOf(state.value),
    state: recordView.stateOn(state, day),
    version: latest.version,
    lifecycle: { name, version },
    issuedOn: state.firstOn,
  };
  return recordView.show(head, state, included, day);
}

/** A record with all parts; parts that its lifecycle lacks are empty. */
export type ReadRecord = RecordHead & RecordParts;

export const withAllParts = (record: ShownRecord): ReadRecord => ({
  ...record,
  ...NO_PARTS,
  ...record,
  pending: { ...NO_PARTS.pending, ...record.pending },
});

/** Returns a record as `shownRecord` does, with all parts. Throws as it does. */
export function* readRecord(...args: Parameters<typeof shownRecord>): Folding<ReadRecord | null> {
  const record = yield* shownRecord(...args);
  return record && withAllParts(record);
}

/** Returns the event that was stored last. */
export const latestOf = (events: readonly ReadEvent[]): ReadEvent | undefined =>
  events.reduce<ReadEvent | undefined>(
    (latest, event) => (latest === undefined || event.version > latest.version ? event : latest),
    undefined,
  );
