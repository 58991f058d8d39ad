import type { LifecycleReference, StateValue } from '#event-sourcing/envelope';
import { chartOf } from '#lifecycle/chart';
import type { Chart } from '#lifecycle/chart';
import { effectiveView } from '#lifecycle/effective-view';
import type { ViewPoint } from '#lifecycle/effective-view';
import { travelledChart } from '#lifecycle/travelled-chart';
import type { RecordChart, TravelledRegion } from '#lifecycle/travelled-chart';
import { inspectionRecommendation } from '#state-machines/inspection-recommendation/v1/lifecycle';
import type { RecordEnvelope } from '#state-machines/inspection-recommendation/v1/record-event';
import { readRecord } from './read-record.ts';

/** The state of each region. */
const standing = ({ regions }: Chart<TravelledRegion>): StateValue =>
  Object.fromEntries(regions.map(({ region, current }) => [region, current]));

/**
 * A record in its statechart, as it stands now, or as it was effective on a date and known at an instant. It is where
 * the record's own page says that it is; the path is told in effective order. Null where it did not exist then, or was
 * not known yet.
 */
export function recordChart(
  events: readonly RecordEnvelope[],
  view: ViewPoint,
  today: string,
  lifecycle: LifecycleReference,
): RecordChart | null {
  const record = readRecord(events, view, today);
  if (record === null) return null;
  const { id, version, status, state } = record;
  const day = view.effectiveOn ?? today;
  const steps = effectiveView(inspectionRecommendation, events, view);
  const structure = chartOf(inspectionRecommendation.definition, lifecycle);
  const chart = travelledChart(inspectionRecommendation, structure, steps, state, day);
  const { machine } = inspectionRecommendation;
  const snapshot = machine.getPersistedSnapshot(
    machine.resolveState({ value: standing(chart), context: {} }),
  );
  return { id, version, status, view, day, snapshot, ...chart };
}
