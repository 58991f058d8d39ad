import { atOnce } from '#event-sourcing/folding';
import { inspectionRecommendation } from '#state-machines/inspection-recommendation/v1/lifecycle';
import { chartOf } from '#lifecycle/chart';
import type { RecordChart } from '#lifecycle/travelled-chart';
import { RecordLog } from './record-log.ts';
import { recordChart } from '#use-cases/records/record-chart';
import { lifecycles } from '#state-machines/lifecycles';

export const LIFECYCLE = lifecycles.current('inspection-recommendation').reference;

/** A lifecycle's chart without a record. */
export const plainChart = chartOf(inspectionRecommendation.definition, LIFECYCLE);

/** Returns the log of a record that was closed, reopened and closed again. */
export function closedTwice(): RecordLog {
  const log = new RecordLog();
  log.issue('a', {}, { effectiveOn: '2026-01-01' });
  const moves = [
    ['ProgressStarted', '2026-02-01'],
    ['ClosureRequested', '2026-02-20'],
    ['RecommendationCompleted', '2026-03-01'],
    ['RecommendationReopened', '2026-05-01'],
    ['ClosureRequested', '2026-05-10'],
    ['RecommendationCompleted', '2026-06-01'],
  ] as const;
  for (const [type, effectiveOn] of moves) log.add('a', type, {}, { effectiveOn });
  return log;
}

export const travelled = (effectiveOn: string | null = null): RecordChart =>
  atOnce(
    recordChart(lifecycles, closedTwice().events, { effectiveOn, knownAt: null }, '2026-07-01'),
  ) as RecordChart;
