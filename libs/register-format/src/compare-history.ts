import { entriesByDate } from './entries.ts';
import { normaliseStatus } from './statuses.ts';
import { normaliseText } from './white-space.ts';

/** An entry to compare. A redacted comment has no text, a redacted unknown status no status. */
export type HistoryEntry =
  | { kind: 'status'; date: string | null; status: string | null }
  | { kind: 'comment'; date: string | null; text: string | null };

/** How a history that was read stands to the known one. */
export type HistoryComparison<Read> =
  | { outcome: 'unchanged'; news: [] }
  /** All that is known, and then `news`, by date. */
  | { outcome: 'appended'; news: Read[] }
  /** `at` is the first entry that was read and is not the known one at its place. */
  | { outcome: 'differs'; news: []; at: Read };

function agree(known: HistoryEntry, read: HistoryEntry): boolean {
  // A file without any valid date says nothing of dates: its entries were dated when they were recorded.
  if (read.date !== null && read.date !== known.date) return false;
  if (known.kind === 'status') {
    if (read.kind === 'comment') return false;
    return (
      known.status === null ||
      (read.status !== null && normaliseStatus(known.status) === normaliseStatus(read.status))
    );
  }
  if (read.kind === 'status') return false;
  return (
    known.text === null || (read.text !== null && normaliseText(known.text) === normaliseText(read.text))
  );
}

/**
 * Compares a history that was read again with the known one, entry by entry, both sorted by date (order of the list
 * on ties). A shorter one that agrees so far is unchanged. An entry that sorts before a known one and is not known is a
 * difference: history cannot be inserted.
 */
export function compareHistory<Read extends HistoryEntry>(
  known: readonly HistoryEntry[],
  read: readonly Read[],
): HistoryComparison<Read> {
  const knownByDate = entriesByDate(known);
  const readByDate = entriesByDate(read);
  const at = readByDate.find((entry, index) => {
    const counterpart = knownByDate[index];
    return counterpart !== undefined && !agree(counterpart, entry);
  });
  if (at !== undefined) return { outcome: 'differs', news: [], at };
  const news = readByDate.slice(knownByDate.length);
  return news.length === 0 ? { outcome: 'unchanged', news: [] } : { outcome: 'appended', news };
}
