import { entriesByDate } from './entries.ts';
import { normaliseStatus } from './statuses.ts';
import { cutTag } from './tags.ts';
import { normaliseText, trimmed } from './white-space.ts';

/** An entry to compare. A redacted comment has no text, a redacted unknown status no status. */
export type HistoryEntry =
  | { readonly kind: 'status'; readonly date: string | null; readonly status: string | null }
  | {
      readonly kind: 'comment';
      readonly date: string | null;
      readonly text: string | null;
      /** Whether its file ends before it does: another copy may go on where it stops. */
      readonly cutOff?: boolean;
    };

/** An entry that is known, with what a file may have done otherwise. */
export type KnownEntry = HistoryEntry & {
  /** A comment that was written here: a file may lack it. */
  readonly live?: boolean;
  /** Its day lay ahead when it was read: it keeps nothing from coming before it. */
  readonly ahead?: boolean;
};

/** A comment that reads otherwise than the known one at its place. */
export interface ChangedEntry<Known, Read> {
  readonly how: 'completed' | 'corrected';
  readonly known: Known;
  readonly read: Read;
}

/** How a history that was read stands to the known one. */
type HistoryComparison<Known, Read> =
  | {
      /** All that is known, or the beginning of it; then `news`, by date. Both empty: nothing changes. */
      readonly agrees: true;
      readonly news: readonly Read[];
      readonly changed: readonly ChangedEntry<Known, Read>[];
      /** Each known entry with what was read at its place. */
      readonly pairs: readonly (readonly [Known, Read])[];
      /** Whether what was read lacks an entry that is known, or the end of one; what was written here it need not have. */
      readonly lacks: boolean;
    }
  /** `at` is the first entry that was read and is not the known one at its place. */
  | { readonly agrees: false; readonly at: Read };

export interface CompareOptions {
  /** Whether a comment with another text at its place is a correction, and no difference. */
  readonly corrects?: boolean;
}

/** What an entry says, ready to compare; null where it was erased. */
interface Said<Entry> {
  readonly entry: Entry;
  readonly words: string | null;
}

const saidBy = <Entry extends HistoryEntry>(entry: Entry): Said<Entry> => ({ entry, words: wordsOf(entry) });

function wordsOf(entry: HistoryEntry): string | null {
  if (entry.kind === 'status') return entry.status === null ? null : normaliseStatus(entry.status);
  return entry.text === null ? null : normaliseText(entry.text);
}

const keyOf = ({ entry, words }: Said<HistoryEntry>): string =>
  `${entry.kind} ${String(entry.date)} ${String(words)}`;

type Match = 'same' | 'completed' | 'corrected' | null;

function matchOf(known: Said<KnownEntry>, read: Said<HistoryEntry>, corrects: boolean): Match {
  const { entry } = known;
  if (entry.kind !== read.entry.kind) return null;
  // A file without any valid date says nothing of dates: its entries were dated when they were recorded.
  if (read.entry.date !== null && read.entry.date !== entry.date) return null;
  if (known.words === null || known.words === read.words) return 'same';
  if (entry.kind === 'status' || read.words === null) return null;
  // A copy that ends earlier agrees so far.
  if (isCutOff(read) && known.words.startsWith(withoutCutEnd(read.words))) return 'same';
  if (entry.live) return null;
  if (entry.cutOff && read.words.startsWith(withoutCutEnd(known.words))) return 'completed';
  return corrects ? 'corrected' : null;
}

const isCutOff = ({ entry }: Said<HistoryEntry>): boolean =>
  entry.kind === 'comment' && entry.cutOff === true;

/** A comment that the file's end cut, without the character that it broke or the beginning of a tag. */
function withoutCutEnd(text: string): string {
  const tag = cutTag(text);
  const end = tag ?? (text.endsWith('\ufffd') ? text.length - 1 : text.length);
  return trimmed(text, 0, end);
}

/** Places in what was read that are followed at once. More are there only where as many live comments say the same. */
const PLACES_MAX = 100;

/**
 * Compares a history that was read again with the known one, entry by entry, both sorted by date (order of the list
 * on ties). A shorter one that agrees so far is unchanged. Live comments that the file lacks are passed over. An entry that
 * sorts before a known one and is not known is a difference: history cannot be inserted, except before what was dated
 * ahead of its time.
 */
export function compareHistory<Known extends KnownEntry, Read extends HistoryEntry>(
  known: readonly Known[],
  read: readonly Read[],
  { corrects = false }: CompareOptions = {},
): HistoryComparison<Known, Read> {
  const knownByDate = entriesByDate(known).map(saidBy);
  const readByDate = entriesByDate(read).map(saidBy);
  const inOrder = compareInOrder(knownByDate, readByDate, corrects);
  if (inOrder.agrees) return { ...inOrder, lacks: lacksSome(known, inOrder) };
  const apart = withoutThoseAhead(knownByDate, readByDate);
  if (apart === null) return inOrder;
  const others = compareInOrder(apart.known, apart.read, corrects);
  if (!others.agrees) return inOrder;
  const matched = { ...others, pairs: [...others.pairs, ...apart.pairs] };
  return { ...matched, lacks: lacksSome(known, matched) };
}

type Matched<Known, Read> = Omit<Extract<HistoryComparison<Known, Read>, { agrees: true }>, 'lacks'>;
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
  known: readonly Said<Known>[],
  read: readonly Said<Read>[],
  corrects: boolean,
): Matched<Known, Read> | Differing<Known, Read> {
  // Before each known entry, how much of what was read can be matched so far, the most first.
  const places: number[][] = [[0]];
  for (const entry of known) {
    const before = places.at(-1) as number[];
    const after = placesAfter(entry, before, read, corrects);
    if (after.length === 0) return { agrees: false, at: (read[before[0] as number] as Said<Read>).entry };
    places.push(after);
  }
  let at = places.at(-1)?.[0] as number;
  const news = read.slice(at);
  const matched: { known: Said<Known>; read: Said<Read>; match: Match }[] = [];
  for (let index = known.length - 1; index >= 0; index -= 1) {
    const before = places[index] as number[];
    if (at === read.length && before.includes(at)) continue;
    const match = at > 0 ? matchOf(known[index] as Said<Known>, read[at - 1] as Said<Read>, corrects) : null;
    if (match === null || !before.includes(at - 1)) continue;
    at -= 1;
    matched.push({ known: known[index] as Said<Known>, read: read[at] as Said<Read>, match });
  }
  matched.reverse();
  const changed = matched.flatMap(({ known: { entry }, read: said, match }) =>
    match === 'completed' || match === 'corrected' ? [{ how: match, known: entry, read: said.entry }] : [],
  );
  const moved = movedEntry(known, read, matched);
  if (moved !== undefined) return { agrees: false, at: moved };
  const pairs = matched.map(({ known: { entry }, read: said }) => [entry, said.entry] as const);
  return { agrees: true, news: news.map(({ entry }) => entry), changed, pairs };
}

function placesAfter(
  entry: Said<KnownEntry>,
  before: readonly number[],
  read: readonly Said<HistoryEntry>[],
  corrects: boolean,
): number[] {
  const after = new Set<number>();
  for (const place of before) {
    const next = read[place];
    // The file ends before what is known does.
    if (next === undefined) after.add(place);
    else if (matchOf(entry, next, corrects) !== null) after.add(place + 1);
    if (entry.entry.live) after.add(place);
  }
  return [...after].sort((a, b) => b - a).slice(0, PLACES_MAX);
}

/** A correction that is none: what it takes away stands elsewhere in the file, or what it brings is known elsewhere. */
function movedEntry<Known extends KnownEntry, Read extends HistoryEntry>(
  known: readonly Said<Known>[],
  read: readonly Said<Read>[],
  matched: readonly { known: Said<Known>; read: Said<Read>; match: Match }[],
): Read | undefined {
  const corrected = matched.filter(({ match }) => match === 'corrected');
  if (corrected.length === 0) return undefined;
  const same = new Set<Said<HistoryEntry>>(
    matched.filter(({ match }) => match === 'same').flatMap((pair) => [pair.known, pair.read]),
  );
  const unmatched = (all: readonly Said<HistoryEntry>[]) =>
    new Set(all.filter((each) => !same.has(each)).map(keyOf));
  const [knownKeys, readKeys] = [unmatched(known), unmatched(read)];
  return corrected.find((pair) => knownKeys.has(keyOf(pair.read)) || readKeys.has(keyOf(pair.known)))?.read
    .entry;
}

/** Both histories without the known entries that were dated ahead, each of which the file must have; null where it has not. */
function withoutThoseAhead<Known extends KnownEntry, Read extends HistoryEntry>(
  known: readonly Said<Known>[],
  read: readonly Said<Read>[],
) {
  const pairs: (readonly [Known, Read])[] = [];
  const taken = new Set<Said<Read>>();
  let place = 0;
  for (const ahead of known.filter(({ entry }) => entry.ahead)) {
    while (place < read.length && matchOf(ahead, read[place] as Said<Read>, false) !== 'same') place += 1;
    const found = read[place];
    if (found === undefined) return null;
    taken.add(found);
    pairs.push([ahead.entry, found.entry]);
    place += 1;
  }
  if (pairs.length === 0) return null;
  return {
    known: known.filter(({ entry }) => !entry.ahead),
    read: read.filter((each) => !taken.has(each)),
    pairs,
  };
}

/** Which known entries account for one that was read, the closest first. */
const CLOSENESS: readonly ((known: Said<KnownEntry>, match: Match) => boolean)[] = [
  ({ words }, match) => match === 'same' && words !== null,
  (_, match) => match === 'completed',
  // An erased entry stands for any of its day.
  (_, match) => match === 'same',
  (_, match) => match === 'corrected',
];

/**
 * Compares entries by date and content, wherever they stand: each known one accounts for one that was read, and `news` is what
 * is left, by date. A comment that the file has instead of one of the same day is `corrected`.
 */
export function compareContents<Known extends KnownEntry, Read extends HistoryEntry>(
  known: readonly Known[],
  read: readonly Read[],
): { readonly news: readonly Read[]; readonly changed: readonly ChangedEntry<Known, Read>[] } {
  const changed: ChangedEntry<Known, Read>[] = [];
  const byContent = withoutPairs(entriesByDate(known).map(saidBy), entriesByDate(read).map(saidBy));
  let { known: knownLeft, read: readLeft } = byContent;
  for (const isClose of CLOSENESS) {
    const found = new Set<Said<Known>>();
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
  return { news: readLeft.map(({ entry }) => entry), changed };
}

/** What is left of both where each that says the same on the same day accounts for another. */
function withoutPairs<Known extends KnownEntry, Read extends HistoryEntry>(
  known: readonly Said<Known>[],
  read: readonly Said<Read>[],
): { readonly known: readonly Said<Known>[]; readonly read: readonly Said<Read>[] } {
  const byKey = Map.groupBy(
    known.filter(({ words }) => words !== null),
    keyOf,
  );
  const found = new Set<Said<Known>>();
  const left = read.filter((each) => {
    const pair = byKey.get(keyOf(each))?.shift();
    if (pair !== undefined) found.add(pair);
    return pair === undefined;
  });
  return { known: known.filter((each) => !found.has(each)), read: left };
}
