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

/** A known entry, with the differences that a file may have. */
export type KnownEntry = HistoryEntry & {
  /** True for a comment written in Docket, which a file may lack. */
  readonly live?: boolean;
  /** True if its day was in the future when it was read, so that earlier entries may be inserted before it. */
  readonly ahead?: boolean;
};

/** A comment whose text differs from the known one at its place. */
export interface ChangedEntry<Known, Read> {
  readonly how: 'completed' | 'corrected';
  readonly known: Known;
  readonly read: Read;
}

/** The result of comparing a file's history with the known one. */
type HistoryComparison<Known, Read> =
  | {
      /**
       * The file has all known entries, or the first of them, followed by `newEntries`, by date. Both lists are empty if nothing changed.
       */
      readonly agrees: true;
      readonly newEntries: readonly Read[];
      readonly changed: readonly ChangedEntry<Known, Read>[];
      /** Each known entry with the file's entry at its place. */
      readonly pairs: readonly (readonly [Known, Read])[];
      /** True if the file lacks a known entry, or the end of one, other than live comments. */
      readonly isPartial: boolean;
    }
  /** `at` is the first entry of the file that differs from the known one at its place. */
  | { readonly agrees: false; readonly at: Read };

export interface CompareOptions {
  /** True if a comment with a different text at its place is a correction instead of a difference. */
  readonly corrects?: boolean;
}

/** The content of an entry, prepared for comparison; null if erased. */
interface ComparedEntry<Entry> {
  readonly entry: Entry;
  readonly words: string | null;
}

const comparedEntry = <Entry extends HistoryEntry>(entry: Entry): ComparedEntry<Entry> => ({
  entry,
  words: wordsOf(entry),
});

function wordsOf(entry: HistoryEntry): string | null {
  if (entry.kind === 'status') return entry.status === null ? null : normaliseStatus(entry.status);
  return entry.text === null ? null : normaliseText(entry.text);
}

const keyOf = ({ entry, words }: ComparedEntry<HistoryEntry>): string =>
  `${entry.kind} ${String(entry.date)} ${String(words)}`;

type Match = 'same' | 'completed' | 'corrected' | null;

function matchOf(
  known: ComparedEntry<KnownEntry>,
  read: ComparedEntry<HistoryEntry>,
  corrects: boolean,
): Match {
  const { entry } = known;
  if (entry.kind !== read.entry.kind) return null;
  // A file without a valid date has no dates to compare: its entries were dated on import.
  if (read.entry.date !== null && read.entry.date !== entry.date) return null;
  if (known.words === null || known.words === read.words) return 'same';
  if (entry.kind === 'status' || read.words === null) return null;
  // A copy that ends earlier agrees up to its end.
  if (isCutOff(read) && known.words.startsWith(withoutCutEnd(read.words))) return 'same';
  if (entry.live) return null;
  if (entry.cutOff && read.words.startsWith(withoutCutEnd(known.words))) return 'completed';
  return corrects ? 'corrected' : null;
}

const isCutOff = ({ entry }: ComparedEntry<HistoryEntry>): boolean =>
  entry.kind === 'comment' && entry.cutOff === true;

/** Returns a comment cut by the end of the file, without a broken character or a partial tag. */
function withoutCutEnd(text: string): string {
  const tag = cutTag(text);
  const end = tag ?? (text.endsWith('\ufffd') ? text.length - 1 : text.length);
  return trimWhiteSpace(text, 0, end);
}

/** The maximum number of places followed in parallel. There are only more if there are as many identical live comments. */
const PLACES_MAX = 100;

/**
 * Compares a file's history with the known one, entry by entry, both sorted by date (ties in list order). A shorter history that agrees is
 * unchanged. Skips live comments that the file lacks. An unknown entry before a known one is a difference: nothing can be inserted into
 * history, except before entries dated in the future.
 */
export function compareHistory<Known extends KnownEntry, Read extends HistoryEntry>(
  known: readonly Known[],
  read: readonly Read[],
  { corrects = false }: CompareOptions = {},
): HistoryComparison<Known, Read> {
  const knownByDate = entriesByDate(known).map(comparedEntry);
  const readByDate = entriesByDate(read).map(comparedEntry);
  const inOrder = compareInOrder(knownByDate, readByDate, corrects);
  if (inOrder.agrees) return { ...inOrder, isPartial: lacksSome(known, inOrder) };
  const apart = withoutFutureEntries(knownByDate, readByDate);
  if (apart === null) return inOrder;
  const others = compareInOrder(apart.known, apart.read, corrects);
  if (!others.agrees) return inOrder;
  const matched = { ...others, pairs: [...others.pairs, ...apart.pairs] };
  return { ...matched, isPartial: lacksSome(known, matched) };
}

type Matched<Known, Read> = Omit<Extract<HistoryComparison<Known, Read>, { agrees: true }>, 'isPartial'>;
type Differing<Known, Read> = Extract<HistoryComparison<Known, Read>, { agrees: false }>;

function lacksSome<Known extends KnownEntry, Read extends HistoryEntry>(
  known: readonly Known[],
  { pairs, changed }: Matched<Known, Read>,
): boolean {
  const found = new Map(pairs);
  const replaced = new Set(changed.map((each) => each.known));
  return known.some((entry) => {
    const read = found.get(entry);
    if (read === undefined) return !entry.live;
    const words = wordsOf(entry);
    return words !== null && words !== wordsOf(read) && !replaced.has(entry);
  });
}

function compareInOrder<Known extends KnownEntry, Read extends HistoryEntry>(
  known: readonly ComparedEntry<Known>[],
  read: readonly ComparedEntry<Read>[],
  corrects: boolean,
): Matched<Known, Read> | Differing<Known, Read> {
  // The numbers of the file's entries that can be matched before each known entry, largest first.
  const places: number[][] = [[0]];
  for (const entry of known) {
    const before = places.at(-1) as number[];
    const after = placesAfter(entry, before, read, corrects);
    if (after.length === 0)
      return { agrees: false, at: (read[before[0] as number] as ComparedEntry<Read>).entry };
    places.push(after);
  }
  let at = places.at(-1)?.[0] as number;
  const newEntries = read.slice(at);
  const matched: { known: ComparedEntry<Known>; read: ComparedEntry<Read>; match: Match }[] = [];
  for (let index = known.length - 1; index >= 0; index -= 1) {
    const before = places[index] as number[];
    if (at === read.length && before.includes(at)) continue;
    const match =
      at > 0
        ? matchOf(known[index] as ComparedEntry<Known>, read[at - 1] as ComparedEntry<Read>, corrects)
        : null;
    if (match === null || !before.includes(at - 1)) continue;
    at -= 1;
    matched.push({
      known: known[index] as ComparedEntry<Known>,
      read: read[at] as ComparedEntry<Read>,
      match,
    });
  }
  matched.reverse();
  const changed = matched.flatMap(({ known: { entry }, read: other, match }) =>
    match === 'completed' || match === 'corrected' ? [{ how: match, known: entry, read: other.entry }] : [],
  );
  const moved = movedEntry(known, read, matched);
  if (moved !== undefined) return { agrees: false, at: moved };
  const pairs = matched.map(({ known: { entry }, read: other }) => [entry, other.entry] as const);
  return { agrees: true, newEntries: newEntries.map(({ entry }) => entry), changed, pairs };
}

function placesAfter(
  entry: ComparedEntry<KnownEntry>,
  before: readonly number[],
  read: readonly ComparedEntry<HistoryEntry>[],
  corrects: boolean,
): number[] {
  const after = new Set<number>();
  for (const place of before) {
    const next = read[place];
    // The file ends before the known history.
    if (next === undefined) after.add(place);
    else if (matchOf(entry, next, corrects) !== null) after.add(place + 1);
    if (entry.entry.live) after.add(place);
  }
  return [...after].sort((a, b) => b - a).slice(0, PLACES_MAX);
}

/**
 * Returns the entry of a false correction, whose old text is elsewhere in the file or whose new text is known
 * elsewhere; undefined if there is none.
 */
function movedEntry<Known extends KnownEntry, Read extends HistoryEntry>(
  known: readonly ComparedEntry<Known>[],
  read: readonly ComparedEntry<Read>[],
  matched: readonly { known: ComparedEntry<Known>; read: ComparedEntry<Read>; match: Match }[],
): Read | undefined {
  const corrected = matched.filter(({ match }) => match === 'corrected');
  if (corrected.length === 0) return undefined;
  const same = new Set<ComparedEntry<HistoryEntry>>(
    matched.filter(({ match }) => match === 'same').flatMap((pair) => [pair.known, pair.read]),
  );
  const findUnmatched = (all: readonly ComparedEntry<HistoryEntry>[]) =>
    new Set(all.filter((each) => !same.has(each)).map(keyOf));
  const [knownKeys, readKeys] = [findUnmatched(known), findUnmatched(read)];
  return corrected.find((pair) => knownKeys.has(keyOf(pair.read)) || readKeys.has(keyOf(pair.known)))?.read
    .entry;
}

/** Returns both histories without the known entries with future dates; null if the file lacks one of them. */
function withoutFutureEntries<Known extends KnownEntry, Read extends HistoryEntry>(
  known: readonly ComparedEntry<Known>[],
  read: readonly ComparedEntry<Read>[],
) {
  const pairs: (readonly [Known, Read])[] = [];
  const paired = new Set<ComparedEntry<Read>>();
  let place = 0;
  for (const ahead of known.filter(({ entry }) => entry.ahead)) {
    while (place < read.length && matchOf(ahead, read[place] as ComparedEntry<Read>, false) !== 'same')
      place += 1;
    const found = read[place];
    if (found === undefined) return null;
    paired.add(found);
    pairs.push([ahead.entry, found.entry]);
    place += 1;
  }
  if (pairs.length === 0) return null;
  return {
    known: known.filter(({ entry }) => !entry.ahead),
    read: read.filter((each) => !paired.has(each)),
    pairs,
  };
}

/** The possible matches of a known entry with one of the file, closest first. */
const CLOSENESS: readonly ((known: ComparedEntry<KnownEntry>, match: Match) => boolean)[] = [
  ({ words }, match) => match === 'same' && words !== null,
  (_, match) => match === 'completed',
  // An erased entry matches any entry of its day.
  (_, match) => match === 'same',
  (_, match) => match === 'corrected',
];

/**
 * Compares entries by date and content at any place: each known entry matches one of the file, and
 * `newEntries` are the others, by date. A comment that replaces one of the same day is `corrected`.
 */
export function compareContents<Known extends KnownEntry, Read extends HistoryEntry>(
  known: readonly Known[],
  read: readonly Read[],
): { readonly newEntries: readonly Read[]; readonly changed: readonly ChangedEntry<Known, Read>[] } {
  const changed: ChangedEntry<Known, Read>[] = [];
  const byContent = withoutPairs(
    entriesByDate(known).map(comparedEntry),
    entriesByDate(read).map(comparedEntry),
  );
  let { known: knownLeft, read: readLeft } = byContent;
  for (const isClose of CLOSENESS) {
    const found = new Set<ComparedEntry<Known>>();
    readLeft = readLeft.filter((each) => {
      const pair = knownLeft.find((one) => !found.has(one) && isClose(one, matchOf(one, each, true)));
      if (pair === undefined) return true;
      found.add(pair);
      const match = matchOf(pair, each, true);
      if (match === 'completed' || match === 'corrected') {
        changed.push({ how: match, known: pair.entry, read: each.entry });
      }
      return false;
    });
    knownLeft = knownLeft.filter((each) => !found.has(each));
  }
  return { newEntries: readLeft.map(({ entry }) => entry), changed };
}

/** Returns both lists without pairs of equal entries of the same day. */
function withoutPairs<Known extends KnownEntry, Read extends HistoryEntry>(
  known: readonly ComparedEntry<Known>[],
  read: readonly ComparedEntry<Read>[],
): { readonly known: readonly ComparedEntry<Known>[]; readonly read: readonly ComparedEntry<Read>[] } {
  const byKey = Map.groupBy(
    known.filter(({ words }) => words !== null),
    keyOf,
  );
  const found = new Set<ComparedEntry<Known>>();
  const left = read.filter((each) => {
    const pair = byKey.get(keyOf(each))?.shift();
    if (pair !== undefined) found.add(pair);
    return pair === undefined;
  });
  return { known: known.filter((each) => !found.has(each)), read: left };
}
