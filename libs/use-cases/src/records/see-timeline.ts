import { timelineOf } from '#read-models/timeline/timeline';
import type { TimelineItem } from '#read-models/timeline/timeline';
import type { Viewer } from '#state-machines/access';
import { readsInternal } from '#state-machines/access';
import { wholeEvents } from './record-events.ts';
import type { RecordsAccess } from './records-access.ts';
import { recipientOf, visibleWithoutTexts } from './visible-record.ts';

/**
 * A record's history as a reader wants to see it, one line after the other, without what the viewer does not read.
 * @throws CommandRefusedError 404 before the first line, where there is no such record, or it is of a body that the viewer does not see.
 */
export async function seeTimeline(
  access: Pick<RecordsAccess, 'store' | 'readModels' | 'lifecycles'>,
  viewer: Viewer,
  id: string,
): Promise<AsyncIterable<TimelineItem>> {
  const events = await visibleWithoutTexts(access, viewer, id);
  return timelineOf(access.lifecycles, events, {
    seesInternal: readsInternal(viewer, recipientOf(events)),
    whole: (asked) => wholeEvents(access.store, asked),
  });
}
