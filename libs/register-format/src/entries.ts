import type { Finding, Position } from './anomalies.ts';
import type { WrittenDate } from './ordinal-date.ts';

interface EntryBase extends Position {
  /**
   * ISO plain date. An invalid one is replaced by the date before it in file order, or the next; null only if the file
   * has no valid date at all.
   */
  date: string | null;
}

/** A status in a record. */
export interface StatusEntry extends EntryBase {
  kind: 'status';
  /** One of the four in lower case; any other as written. */
  status: string;
}

/** A comment in a record. */
export interface CommentEntry extends EntryBase {
  kind: 'comment';
  /** Without outer white space, line ends as `\n`. */
  text: string;
  /** True if the file ends within the comment: a later copy may have the rest. */
  cutOff: boolean;
}

/** One entry of a record's history. */
export type RegisterEntry = StatusEntry | CommentEntry;

/** An entry by offsets in the decoded text; its date is not yet resolved. */
export interface FoundEntry {
  kind: 'status' | 'comment';
  /** The date in the file; null if there is none. */
  written: WrittenDate | null;
  /** The status or the text. */
  value: string;
  /** The start of the entry: its block, or its own tag if another entry precedes it in the block. */
  offset: number;
  /** The start of the status or text. */
  valueOffset: number;
  /** True if the file ends within the comment. */
  cutOff?: boolean;
}

/** The kinds of parts of the source: only blocks contain entries. */
export type SegmentKind = 'bom' | 'title' | 'text' | 'block' | 'between';

/** The end of a part, as an offset in the decoded text. */
export interface Boundary {
  kind: SegmentKind;
  end: number;
}

/** The result of reading a history. */
export interface FoundHistory {
  entries: FoundEntry[];
  findings: Finding[];
  boundaries: Boundary[];
}

/** Returns entries by date, ties in file order: the order in which they become events. */
export function entriesByDate<T extends { date: string | null }>(entries: readonly T[]): T[] {
  // In a record, either all dates are null or none is; elsewhere entries without a date sort last.
  const key = ({ date }: T): string => date ?? '~';
  return entries.toSorted((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
}
