import { timelineOf } from '#read-models/timeline/timeline';
import type { TimelineItem } from '#read-models/timeline/timeline';
import { readsInternal } from '#state-machines/access';
import type { Reader } from '../call-context.ts';
import { wholeEvents } from './record-events.ts';
import type { RecordsAccess } from './records-access.ts';
import { recipientOf, visibleHistory } from './visible-record.ts';
import { recordInternal } from './withhold.ts';
import type { RecordReference } from '#lifecycle/kind';

/**
 * Yields a record's history line by line, as far as the viewer may read it.
 * @throws CommandRefusedError 404, before the first line, if the record does not exist or belongs to a body that the viewer cannot see.
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
    whole: (requested) => wholeEvents(access, requested),
  });
}
