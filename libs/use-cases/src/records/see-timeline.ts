import { timelineOf } from '#read-models/timeline/timeline';
import type { TimelineItem } from '#read-models/timeline/timeline';
import { readsInternal } from '#state-machines/access';
import type { Reader } from '../asked.ts';
import { wholeEvents } from './record-events.ts';
import type { RecordsAccess } from './records-access.ts';
import { recipientOf, visibleHistory } from './visible-record.ts';
import { recordInternal } from './withhold.ts';
import type { RecordReference } from '#lifecycle/kind';

/**
 * A record's history as a reader wants to see it, one line after the other, without what the viewer does not read.
 * @throws CommandRefusedError 404 before the first line, where there is no such record, or it is of a body that the viewer does not see.
 * @throws StoreUnavailableError as `recordInternal`.
 */
export async function seeTimeline(
  access: Pick<RecordsAccess, 'store' | 'readModels' | 'lifecycles' | 'histories' | 'accesses'>,
  viewer: Reader,
  reference: RecordReference,
): Promise<AsyncIterable<TimelineItem>> {
  const { events } = await visibleHistory(access, viewer, reference);
  const seesInternal = readsInternal(viewer, recipientOf(events));
  if (seesInternal) await recordInternal(access, viewer, reference, events);
  return timelineOf(access.lifecycles, events, {
    seesInternal,
    whole: (asked) => wholeEvents(access, asked),
  });
}
