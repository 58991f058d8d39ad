import type { StateValue } from '#event-sourcing/envelope';
import type { Folding } from '#event-sourcing/folding';
import { chartOf } from '#lifecycle/chart';
import type { Chart } from '#lifecycle/chart';
import { effectivePath } from '#lifecycle/effective-view';
import type { PathStep, ViewPoint } from '#lifecycle/effective-view';
import type { LifecycleState } from '#lifecycle/lifecycle-definition';
import type { Lifecycles, ReadEvent } from '#lifecycle/lifecycles';
import { travelledChart } from '#lifecycle/travelled-chart';
import type { RecordChart, TravelledRegion } from '#lifecycle/travelled-chart';
import { latestOf, readRecord } from './read-record.ts';
import type { ReadRecord } from './read-record.ts';

const currentState = ({ regions }: Chart<TravelledRegion>): StateValue =>
  Object.fromEntries(regions.map(({ region, current }) => [region, current]));

/**
 * Returns the chart of a record's statechart, now or as effective on a date and known at an instant. Its state equals the record page's;
 * the path is in effective order. Null if the record did not exist or was not known then.
 * @param known the state after all of the events, if already folded.
 * @throws UnknownLifecycleError
 */
export function* recordChart(
  lifecycles: Lifecycles,
  events: readonly ReadEvent[],
  view: ViewPoint,
  today: string,
  known: LifecycleState | null = null,
): Folding<RecordChart | null> {
  const record = yield* readRecord(lifecycles, events, view, today, known);
  if (record === null) return null;
  const steps = yield* effectivePath(lifecycles, events, view);
  return chartOfSteps(lifecycles, record, steps, { view, day: view.effectiveOn ?? today });
}

/** Returns the chart of a record that was already read, with the steps of the same view. */
export function chartOfSteps(
  lifecycles: Lifecycles,
  { id, version, status, state }: ReadRecord,
  steps: readonly PathStep<unknown, ReadEvent>[],
  { view, day }: { readonly view: ViewPoint; readonly day: string },
): RecordChart {
  const latest = latestOf(steps.map(({ event }) => event));
  if (latest === undefined) throw new Error('A record has at least one event');
  const lifecycle = lifecycles.of(latest);
  const structure = chartOf(lifecycle.definition, lifecycle.reference);
  const chart = travelledChart(lifecycle, structure, steps, state, day);
  const { machine } = lifecycle;
  const snapshot = machine.getPersistedSnapshot(
    machine.resolveState({ value: currentState(chart), context: {} }),
  );
  return { id, version, status, view, day, snapshot, ...chart };
}
