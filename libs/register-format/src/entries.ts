import type { Finding, Position } from './anomalies.ts';
import type { WrittenDate } from './ordinal-date.ts';

interface EntryBase extends Position {
  /**
   * An ISO plain date. An invalid date is replaced by the previous date in file order, or else the next one.
   * Null only if the file has no valid date.
   */
  date: string | null;
}

/** A status in a record. */
interface StatusEntry extends EntryBase {
  kind: 'status';
  /** One of the four statuses in lower case, or any other status as written. */
  status: string;
}

/** A comment in a record. */
interface CommentEntry extends EntryBase {
  kind: 'comment';
  /** The text without outer white space, with line ends as `\n`. */
  text: string;
  /** True if the file ends within the comment, so that a later copy may have the rest. */
  cutOff: boolean;
}

/** One entry of a record's history. */
export type RegisterEntry = StatusEntry | CommentEntry;

/** An entry by offsets in the decoded text. Its date is not resolved yet. */
export interface FoundEntry {
  kind: 'status' | 'comment';
  /** The date in the file; null if there is none. */
  written: WrittenDate | null;
  /** The status or the text. */
  value: string;
  /** The start of the entry: of its block, or of its own tag if another entry precedes it in the block. */
  offset: number;
  /** The start of the status or the text. */
  valueOffset: number;
  /** True if the file ends within the comment. */
  cutOff?: boolean;
}

/** The kinds of parts of the source. Only blocks contain entries. */
export type SegmentKind = 'bom' | 'title' | 'text' | 'block' | 'between';

/** The end of a part, as an offset in the decoded text. */
export interface Boundary {
  kind: SegmentKind;
  end: number;
}

export interface FoundHistory {
  entries: FoundEntry[];
  findings: Finding[];
  boundaries: Boundary[];
}

/** Returns entries by date, ties in file order. They become events in this order. */
export function entriesByDate<T extends { date: string | null }>(entries: readonly T[]): T[] {
  // In a record, all dates are null or none is. Elsewhere, entries without a date sort last.
  const key = ({ date }: T): string => date ?? '~';
  return entries.toSorted((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
}
