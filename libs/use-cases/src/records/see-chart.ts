import { runYielding } from '#event-sourcing/folding';
import type { ViewPoint } from '#lifecycle/effective-view';
import { londonDate } from '#state-machines/london';
import type { RecordChart } from '#lifecycle/travelled-chart';
import type { Viewer } from '#state-machines/access';
import { recordChart } from './record-chart.ts';
import type { RecordsAccess } from './records-access.ts';
import { notKnownAtThatTime, visibleHistory } from './visible-record.ts';
import type { RecordReference } from '#lifecycle/kind';

/**
 * Returns a record's statechart with its current state and path, now or as effective on a date and known at an instant.
 * @param now milliseconds since 1970.
 * @throws CommandRefusedError 404 if the record does not exist or belongs to a body that the viewer cannot see.
 * @throws ProblemError 404 if it did not exist or was not known then.
 */
export async function seeChart(
  access: Pick<RecordsAccess, 'store' | 'readModels' | 'lifecycles' | 'histories'>,
  viewer: Viewer,
  reference: RecordReference,
  { view, now }: { readonly view: ViewPoint; readonly now: number },
): Promise<RecordChart> {
  const { events, state } = await visibleHistory(access, viewer, reference);
  const chart = await runYielding(recordChart(access.lifecycles, events, view, londonDate(now), state));
  if (chart === null) throw notKnownAtThatTime();
  return chart;
}
