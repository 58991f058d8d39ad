import { NO_LEDGER } from '#state-machines/inspection-recommendation/v1/thresholds';
import { bodyAfter } from '#state-machines/inspection-recommendation/v1/corrected-facts';
import type { NamedBody } from '#state-machines/inspection-recommendation/v1/corrected-facts';
import type { EventType } from '#state-machines/inspection-recommendation/v1/events';
import type { ProjectedEvent } from '../record-row.ts';
import type { Stream } from './head.ts';
import type { HistoryEventRow } from './history-tables.ts';

/** What changes a record's deadlines in the list of them, or for whom they are, without deciding when one is crossed. */
const CHANGING: ReadonlySet<string> = new Set<EventType>([
  'OwnerAssigned',
  'ExtensionRefused',
  'ExtensionWithdrawn',
]);

/** What an event is to the record's deadlines: 1 where it decides on them or tells of them, 2 where it changes besides what is shown. */
export function decidesOf(before: Stream, event: ProjectedEvent): HistoryEventRow['decides'] {
  if (NO_LEDGER.after(event) !== NO_LEDGER) return 1;
  const after = streamAfter(before, event);
  const isChanged = after.recipient !== before.recipient || after.status !== before.status;
  return isChanged || CHANGING.has(event.type) ? 2 : 0;
}

/** How the record stands as things were stored. */
export function streamAfter(before: Stream, event: ProjectedEvent): Stream {
  const { status } = event;
  const body = bodyAfter<NamedBody>(before, event);
  const { recipient, recipientEvent } = body;
  return body === before && status === before.status ? before : { recipient, recipientEvent, status };
}
