import { examineEvent } from '#audit/forms';
import type { ExaminedEvent } from '#audit/examine-event';
import { nextTurn } from '#event-sourcing/event-store';
import type { StoredEntry } from '#event-sourcing/event-store';
import type { EventFigures } from './event-figures.ts';

/** An event as a store keeps it, with all that it shows by itself. */
export interface ExaminedEntry extends Omit<StoredEntry, 'event' | 'isUnescaped'> {
  readonly event: ExaminedEvent | null;
}

/** Entries that follow each other in the log. */
export interface ExaminedPage {
  readonly length: number;
  /** The entry at a place of the page. */
  entryAt(index: number): ExaminedEntry;
  /** The same in figures, for each of which that will do; null where there are none. */
  readonly figures: EventFigures | null;
  /** The Merkle tree over all their hashes (its root in hex), where they are a power of two and can all be read. */
  readonly tree: { readonly size: number; readonly root: string } | null;
}

/** Entries that were examined one by one. */
export const pageOf = (entries: readonly ExaminedEntry[]): ExaminedPage => ({
  length: entries.length,
  entryAt: (index) => entries[index] as ExaminedEntry,
  figures: null,
  tree: null,
});

export const examineEntry = ({
  position,
  streamId,
  version,
  event,
  isUnescaped,
  faults,
}: StoredEntry): ExaminedEntry => ({
  position,
  streamId,
  version,
  event: event === null ? null : examineEvent(event, isUnescaped),
  faults,
});

/** Events at the log's beginning that were verified earlier: only the hashes that they state are taken. */
export interface PassedPage {
  readonly passed: readonly (string | null)[];
  /** The position of the last of them. */
  readonly last: string | null;
}

/** Whether an entry stands for an event, be it readable or not. */
export const isEvent = ({
  event,
  faults,
}: {
  readonly event: object | null;
  readonly faults: StoredEntry['faults'];
}): boolean => event !== null || faults.some(({ code }) => code === 'unreadable');

/** Entries that are examined here, one by one; of the first so many events, which were verified earlier, the hashes. */
export async function* examineEntries(
  entries: AsyncIterable<StoredEntry>,
  since = 0,
): AsyncGenerator<ExaminedPage | PassedPage> {
  let left = since;
  for await (const entry of entries) {
    // A store in memory waits for nothing, and all else has its turn.
    await nextTurn();
    if (left === 0) yield pageOf([examineEntry(entry)]);
    else if (entry.position !== null && isEvent(entry)) {
      left -= 1;
      yield { passed: [entry.event?.hash ?? null], last: entry.position };
    }
  }
}
