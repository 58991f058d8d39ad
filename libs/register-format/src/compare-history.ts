import { entriesByDate } from './entries.ts';
import { normaliseStatus } from './statuses.ts';
import { cutTag } from './tags.ts';
import { normaliseText, trimWhiteSpace } from './white-space.ts';

/** An entry to compare. A redacted comment has no text; a redacted unknown status has no status. */
export type HistoryEntry =
  | { readonly kind: 'status'; readonly date: string | null; readonly status: string | null }
  | {
      readonly kind: 'comment';
      readonly date: string | null;
      readonly text: string | null;
      /** True if the file ends within the comment, so that another copy may have the rest. */
      readonly cutOff?: boolean;
    };

export type KnownEntry = HistoryEntry & {
  /** True if its day was in the future when it was read, so that earlier entries may be inserted before it. */
  readonly ahead?: boolean;
};

/** A comment that a file completes. */
export interface CompletedComment<Known, Read> {
  readonly known: Known;
  readonly read: Read;
}

/** The result of comparing a file's history with the known one. */
type HistoryComparison<Known, Read> =
  | {
      /** The file has all known entries, or the first of them, followed by `newEntries`, by date. */
      readonly agrees: true;
      readonly newEntries: readonly Read[];
      readonly completed: readonly CompletedComment<Known, Read>[];
      /** True if the file lacks a known entry, or the end of one. */
      readonly isPartial: boolean;
    }
  /** `at` is the first entry of the file that differs from the known one at its place. */
  | { readonly agrees: false; readonly at: Read };

/** Returns the content of an entry in the form in which it is compared; null if erased. */
function wordsOf(entry: HistoryEntry): string | null {
  if (entry.kind === 'status') return entry.status === null ? null : normaliseStatus(entry.status);
  return entry.text === null ? null : normaliseText(entry.text);
}

type Match = 'same' | 'completed' | 'shortened' | null;

function matchOf(known: HistoryEntry, read: HistoryEntry): Match {
  if (known.kind !== read.kind) return null;
  // A file without a valid date has no dates to compare: its entries were dated on import.
  if (read.date !== null && read.date !== known.date) return null;
  const [before, after] = [wordsOf(known), wordsOf(read)];
  if (before === null || before === after) return 'same';
  if (after === null) return null;
  // A copy that ends earlier agrees up to its end.
  if (isCutOff(read) && before.startsWith(withoutCutEnd(after))) return 'shortened';
  return isCutOff(known) && after.startsWith(withoutCutEnd(before)) ? 'completed' : null;
}

const isCutOff = (entry: HistoryEntry): boolean => entry.kind === 'comment' && entry.cutOff === true;

/** Returns a comment cut by the end of the file, without a broken character or a partial tag. */
function withoutCutEnd(text: string): string {
  const tag = cutTag(text);
  const end = tag ?? (text.endsWith('\ufffd') ? text.length - 1 : text.length);
  return trimWhiteSpace(text, 0, end);
}

/**
 * Compares a file's history with the known one, entry by entry, both sorted by date (ties in list order). A shorter history that agrees is
 * unchanged. An unknown entry before a known one is a difference: nothing can be inserted into history, except before entries dated in the
 * future.
 */
export function compareHistory<Known extends KnownEntry, Read extends HistoryEntry>(
  known: readonly Known[],
  read: readonly Read[],
): HistoryComparison<Known, Read> {
  const [knownByDate, readByDate] = [entriesByDate(known), entriesByDate(read)];
  const inOrder = compareInOrder(knownByDate, readByDate);
  if (inOrder.agrees) return inOrder;
  const apart = withoutFutureEntries(knownByDate, readByDate);
  const others = apart && compareInOrder(apart.known, apart.read);
  // A file that ends before the last known entry adds nothing.
  return others?.agrees === true && (apart?.isWhole === true || others.newEntries.length === 0)
    ? others
    : inOrder;
}

function compareInOrder<Known extends KnownEntry, Read extends HistoryEntry>(
  known: readonly Known[],
  read: readonly Read[],
): HistoryComparison<Known, Read> {
  const completed: CompletedComment<Known, Read>[] = [];
  let isPartial = read.length < known.length;
  for (const [index, entry] of known.entries()) {
    const at = read[index];
    // The file ends before the known history.
    if (at === undefined) break;
    const match = matchOf(entry, at);
    if (match === null) return { agrees: false, at };
    if (match === 'completed') completed.push({ known: entry, read: at });
    if (match === 'shortened') isPartial = true;
  }
  return { agrees: true, newEntries: read.slice(known.length), completed, isPartial };
}

/** Returns both histories without the known entries with future dates that the file has; null if it has none. */
function withoutFutureEntries<Known extends KnownEntry, Read extends HistoryEntry>(
  known: readonly Known[],
  read: readonly Read[],
): { readonly known: readonly Known[]; readonly read: readonly Read[]; readonly isWhole: boolean } | null {
  const aheadOnes = known.filter((entry) => entry.ahead);
  const found = new Set<Read>();
  let place = 0;
  for (const ahead of aheadOnes) {
    while (place < read.length && matchOf(ahead, read[place] as Read) !== 'same') place += 1;
    const same = read[place];
    if (same === undefined) break;
    found.add(same);
    place += 1;
  }
  if (found.size === 0) return null;
  return {
    known: known.filter((entry) => !entry.ahead),
    read: read.filter((entry) => !found.has(entry)),
    isWhole: found.size === aheadOnes.length,
  };
}

/** Returns the entries of a file that a history lacks, by date. Each known entry matches one of the file, at any place. */
export function unknownEntries<Read extends HistoryEntry>(
  known: readonly HistoryEntry[],
  read: readonly Read[],
): Read[] {
  // In a file, all dates are null or none is.
  const isDated = read.some(({ date }) => date !== null);
  const keyOf = (entry: HistoryEntry, words = wordsOf(entry)): string =>
    `${entry.kind} ${isDated ? String(entry.date) : ''} ${words === null ? 'erased' : `"${words}`}`;
  const byKey = Map.groupBy(entriesByDate(known), (entry) => keyOf(entry));
  const left = entriesByDate(read).filter((entry) => byKey.get(keyOf(entry))?.shift() === undefined);
  return left.filter((entry) => {
    // Only the last comment of a file can be cut off by its end; it matches the whole one.
    const isShortened = (each: HistoryEntry) => matchOf(each, entry) === 'shortened';
    if (isCutOff(entry) && [...byKey.values()].some((others) => others.some(isShortened))) return false;
    // An erased entry matches any entry of its day.
    return byKey.get(keyOf(entry, null))?.shift() === undefined;
  });
}
