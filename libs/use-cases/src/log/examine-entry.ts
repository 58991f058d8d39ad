import { examineEvent } from '#audit/forms';
import type { ExaminedEvent } from '#audit/examine-event';
import { nextTurn } from '#event-sourcing/event-store';
import type { StoredEntry } from '#event-sourcing/event-store';
import type { EventFigures } from './event-figures.ts';

/** A stored event with everything that can be verified without other events. */
export interface ExaminedEntry extends Omit<StoredEntry, 'event' | 'isUnescaped'> {
  readonly event: ExaminedEvent | null;
}

/** Consecutive entries of the log. */
export interface ExaminedPage {
  readonly length: number;
  /** Returns the entry at an index of the page. */
  entryAt(index: number): ExaminedEntry;
  /** The entries as figures, where possible; null without figures. */
  readonly figures: EventFigures | null;
  /** The Merkle tree over all their hashes (its root in hex), if their number is a power of two and all can be read. */
  readonly tree: { readonly size: number; readonly root: string } | null;
}

/** Returns a page of entries that were examined individually. */
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

/** Events at the start of the log that were verified earlier: only their stored hashes are read. */
export interface PassedPage {
  readonly passed: readonly (string | null)[];
  /** The position of the last one. */
  readonly last: string | null;
}

/** Reports whether an entry is an event, readable or not. */
export const isEvent = ({
  event,
  faults,
}: {
  readonly event: object | null;
  readonly faults: StoredEntry['faults'];
}): boolean => event !== null || faults.some(({ code }) => code === 'unreadable');

/** Examines entries in this thread, one by one. Of events that were verified earlier, yields only the hashes. */
export async function* examineEntries(
  entries: AsyncIterable<StoredEntry>,
  since = 0,
): AsyncGenerator<ExaminedPage | PassedPage> {
  let remaining = since;
  for await (const entry of entries) {
    // A store in memory never waits, so it would block other work.
    await nextTurn();
    if (remaining === 0) yield pageOf([examineEntry(entry)]);
    else if (entry.position !== null && isEvent(entry)) {
      remaining -= 1;
      yield { passed: [entry.event?.hash ?? null], last: entry.position };
    }
  }
}
