import type { Finding, Position } from './anomalies.ts';
import type { WrittenDate } from './ordinal-date.ts';

interface EntryBase extends Position {
  /**
   * ISO plain date. An invalid one is replaced by the date before it in file order, or the next; null only where the
   * file has no valid date at all.
   */
  date: string | null;
}

/** A status as a record tells it. */
export interface StatusEntry extends EntryBase {
  kind: 'status';
  /** One of the four in lower case; any other as written. */
  status: string;
}

/** A comment as a record tells it. */
export interface CommentEntry extends EntryBase {
  kind: 'comment';
  /** Without outer white space, line ends as `\n`. */
  text: string;
  /** Whether the file ends before the comment does: a later copy may go on where this one stops. */
  cutOff: boolean;
}

/** One entry of a record's history. */
export type RegisterEntry = StatusEntry | CommentEntry;

/** An entry while the text is read: placed by offsets in the decoded text, its date not yet resolved. */
export interface FoundEntry {
  kind: 'status' | 'comment';
  /** The date as it stands in the file; null when none does. */
  written: WrittenDate | null;
  /** The status or the text. */
  value: string;
  /** Where the entry begins: its block, or its own tag when others stand before it in the block. */
  offset: number;
  /** Where the status or the text begins. */
  valueOffset: number;
  /** Whether the file ends before the comment does. */
  cutOff?: boolean;
}

/** What a part of the source is: a block holds entries, what lies between holds none. */
export type SegmentKind = 'bom' | 'title' | 'text' | 'block' | 'between';

/** The end of a part, as an offset in the decoded text. */
export interface Boundary {
  kind: SegmentKind;
  end: number;
}

/** What reading a history gives. */
export interface FoundHistory {
  entries: FoundEntry[];
  findings: Finding[];
  boundaries: Boundary[];
}

/** Entries by date, file order on ties: the order in which they become events. */
export function entriesByDate<T extends { date: string | null }>(entries: readonly T[]): T[] {
  // Dates are all null or none is, in a record; elsewhere those without one come last.
  const key = ({ date }: T): string => date ?? '~';
  return entries.toSorted((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
}
