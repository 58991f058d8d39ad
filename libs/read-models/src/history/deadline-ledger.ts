import { summaryBy } from '../record-row.ts';
import type { ProjectedEvent, RowEvent } from '../record-row.ts';
import type { Stream } from './head.ts';
import type { HistoryEventRow } from './history-tables.ts';

/**
 * Returns 1 if the event affects or reports the record's deadlines, 2 if it changes only other data in lists of
 * deadlines, else 0.
 */
export function decidesOf(before: Stream, event: ProjectedEvent): HistoryEventRow['decides'] {
  const { dates } = event.rules.code;
  if (dates === undefined) return 0;
  if (dates.ledger.empty.after(event) !== dates.ledger.empty) return 1;
  const after = streamAfter(before, event);
  const isChanged = after.body !== before.body || after.status !== before.status;
  const isNews = dates.news(event) !== null || event.texts.some(({ kind }) => kind === 'owner');
  return isChanged || isNews ? 2 : 0;
}

/** Returns the record's state after an event, in stored order. */
export function streamAfter(before: Stream, event: RowEvent): Stream {
  const { status } = event;
  const named = summaryBy(event.rules).body?.(before, event) ?? before;
  return named === before && status === before.status
    ? before
    : { body: named.body, event: named.event, status };
}
