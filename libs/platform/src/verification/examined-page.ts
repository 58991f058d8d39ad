import type { Said } from '#audit/examine-event';
import type { ExaminedEntry } from '#use-cases/log/examine-entry';

/** What an event's state is judged by: a page has few that differ. */
type Kind = Pick<Said, 'type' | 'lifecycle' | 'state'>;

/** What an event of which nothing is wrong says, beside its kind. */
type Plain = [
  position: string,
  streamId: string,
  version: number,
  eventId: string,
  hash: string,
  previousHash: string | null,
  kind: number,
];

/** A page's entries as threads hand them over: as one text where nothing is to be said of them, which takes a tenth of the time. */
export interface ExaminedPage {
  readonly kinds: readonly Kind[];
  readonly plain: string;
  /** The others, by their place in the page. */
  readonly others: ReadonlyMap<number, ExaminedEntry>;
}

/** Packs a page where it was examined. */
export function packPage(entries: readonly ExaminedEntry[]): ExaminedPage {
  const kinds = new Map<string, readonly [number, Kind]>();
  const plain: Plain[] = [];
  const others = new Map<number, ExaminedEntry>();
  for (const [index, entry] of entries.entries()) {
    if (!isPlain(entry)) {
      others.set(index, entry);
      continue;
    }
    const { position, streamId, version, eventId, hash, previousHash, ...kind } = entry.event.said;
    const name = JSON.stringify(kind);
    const [number] = kinds.get(name) ?? [kinds.size];
    kinds.set(name, [number, kind]);
    plain.push([position, streamId, version, eventId, hash, previousHash, number]);
  }
  return { kinds: [...kinds.values()].map(([, kind]) => kind), plain: JSON.stringify(plain), others };
}

function isPlain(
  entry: ExaminedEntry,
): entry is ExaminedEntry & { event: NonNullable<ExaminedEntry['event']> } {
  const { event, position, streamId, version, faults } = entry;
  if (event === null || faults.length > 0) return false;
  const { said } = event;
  return (
    event.changed === null &&
    event.values === null &&
    event.missing.length === 0 &&
    event.redaction === null &&
    event.unsaltedCommand === null &&
    said.position === position &&
    said.streamId === streamId &&
    said.version === version &&
    isTexts(said.eventId, said.hash, said.previousHash ?? '')
  );
}

/** What is stored may be anything, however well it is sealed. */
const isTexts = (...values: readonly unknown[]): boolean =>
  values.every((value) => typeof value === 'string');

/** What `packPage` was given, in the same order. */
export function unpackPage({ kinds, plain, others }: ExaminedPage): ExaminedEntry[] {
  const rows = (JSON.parse(plain) as Plain[]).values();
  const entries: ExaminedEntry[] = [];
  for (;;) {
    const other = others.get(entries.length);
    if (other !== undefined) {
      entries.push(other);
      continue;
    }
    const { value: row, done } = rows.next();
    if (done === true) return entries;
    entries.push(plainEntry(row, kinds));
  }
}

const NOTHING: readonly never[] = [];

function plainEntry(row: Plain, kinds: readonly Kind[]): ExaminedEntry {
  const [position, streamId, version, eventId, hash, previousHash, number] = row;
  const { type, lifecycle, state } = kinds[number] as Kind;
  const said = { streamId, version, position, eventId, type, lifecycle, state, hash, previousHash };
  const event = {
    said,
    changed: null,
    contentHash: null,
    values: null,
    missing: NOTHING,
    redaction: null,
    unsaltedCommand: null,
  };
  return { position, streamId, version, event, faults: NOTHING };
}
