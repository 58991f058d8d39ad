import type { EventHeader } from '#audit/examine-event';
import { MerkleTree } from '#audit/merkle-tree';
import type { PositionGaps } from '#event-store/inspect-row';
import { EVENT_WORDS, KIND, readFigures, STREAM, VERSION, writeFigures } from '#use-cases/log/event-figures';
import type { EventFigures, EventKind, FigureReader } from '#use-cases/log/event-figures';
import type { ExaminedEntry, ExaminedPage } from '#use-cases/log/examine-entry';

/** The rows of a log that a thread reads and examines: after one position, up to another. */
export interface Part {
  readonly after: string;
  readonly to: string;
}

/** A page's entries as sent between threads. Valid entries are packed into numbers, which is ten times as fast. */
export interface PackedPage {
  readonly length: number;
  readonly words: Uint32Array<ArrayBuffer>;
  readonly kinds: readonly EventKind[];
  /** The names of newly numbered streams, in order. */
  readonly streams: readonly string[];
  /** The entries that are not packed, by their index in the page. */
  readonly others: ReadonlyMap<number, ExaminedEntry>;
  readonly tree: ExaminedPage['tree'];
  /** The positions of its entries in order, as runs without gaps. */
  readonly runs: readonly (readonly [first: string, last: string])[];
}

/** Numbers streams in the order in which a thread reads them. */
export class StreamNumbers {
  readonly #known = new Map<
    string | number | bigint,
    { readonly number: number; readonly streamId: string }
  >();
  #next = 0;
  #newNames: string[] = [];

  /** Returns a stream's number. @param key identifies the stream in its source */
  numberOf(key: string | number | bigint, streamId: string): number {
    const existing = this.#known.get(key);
    if (existing?.streamId === streamId) return existing.number;
    this.#known.set(key, { number: this.#next, streamId });
    this.#newNames.push(streamId);
    return this.#next++;
  }

  /** Returns the names numbered since the last call. */
  newNames(): string[] {
    const names = this.#newNames;
    this.#newNames = [];
    return names;
  }
}

/** Packs a page entry by entry. Allocates nothing per entry for valid entries. */
export class PagePacker {
  readonly #numbers: StreamNumbers;
  readonly #words: Uint32Array<ArrayBuffer>;
  readonly #bytes: Buffer;
  readonly #kinds = new Kinds();
  readonly #others = new Map<number, ExaminedEntry>();
  readonly #runs = new Runs();
  /** The tree over all hashes; null once one cannot be read. */
  #tree: MerkleTree | null = new MerkleTree();
  #length = 0;

  /** @param entries the maximum number of entries */
  constructor(numbers: StreamNumbers, entries: number) {
    this.#numbers = numbers;
    this.#words = new Uint32Array(entries * EVENT_WORDS);
    this.#bytes = Buffer.from(this.#words.buffer);
  }

  /** Adds an entry. @param stream identifies its stream in the source; null if there is none */
  add(entry: ExaminedEntry, stream: string | number | bigint | null): void {
    this.#runs.add(entry.position);
    const hash: unknown = entry.event?.header.hash;
    if (stream === null || !isPlain(entry) || !this.#addFigures(entry.event.header, stream)) {
      this.#others.set(this.#length, entry);
      if (typeof hash !== 'string' || !SHA256_HEX.test(hash)) this.#tree = null;
    }
    this.#tree?.appendHash(hash as string);
    this.#length += 1;
  }

  #addFigures(header: EventHeader, stream: string | number | bigint): boolean {
    const at = this.#length * EVENT_WORDS;
    if (!writeFigures(this.#words, this.#bytes, at, header)) {
      this.#words[at + VERSION] = 0;
      return false;
    }
    this.#words[at + STREAM] = this.#numbers.numberOf(stream, header.streamId);
    this.#words[at + KIND] = this.#kinds.numberOf(header);
    return true;
  }

  finish(): PackedPage {
    const isTree = this.#length > 1 && Number.isInteger(Math.log2(this.#length));
    return {
      length: this.#length,
      words: this.#words,
      kinds: this.#kinds.all,
      streams: this.#numbers.newNames(),
      others: this.#others,
      tree: isTree && this.#tree !== null ? { size: this.#length, root: this.#tree.rootHex() } : null,
      runs: this.#runs.all,
    };
  }
}

const SHA256_HEX = /^[0-9a-f]{64}$/;

/** Numbers the kinds of a page's events. */
class Kinds {
  readonly all: EventKind[] = [];
  /** The numbers of the kinds of each type. */
  readonly #numbers = new Map<string, number[]>();

  numberOf({ type, lifecycle, state }: EventKind): number {
    const numbers = this.#numbers.get(type) ?? [];
    for (const number of numbers) {
      const kind = this.all[number] as EventKind;
      if (isSame(kind.lifecycle, lifecycle) && isSame(kind.state, state)) return number;
    }
    const number = this.all.push({ type, lifecycle, state }) - 1;
    this.#numbers.set(type, [...numbers, number]);
    return number;
  }
}

/** Reports whether two objects are equal, without a deep comparison; false if unsure. */
function isSame(one: object | null, other: object | null): boolean {
  if (one === null || other === null) return one === other;
  if (typeof one !== 'object' || typeof other !== 'object' || Array.isArray(one) !== Array.isArray(other))
    return false;
  const members = one as Readonly<Record<string, unknown>>;
  const otherMembers = other as Readonly<Record<string, unknown>>;
  let count = 0;
  for (const name in otherMembers) {
    if (members[name] !== otherMembers[name]) return false;
    count += 1;
  }
  for (const _ in members) count -= 1;
  return count === 0;
}

function isPlain(
  entry: ExaminedEntry,
): entry is ExaminedEntry & { event: NonNullable<ExaminedEntry['event']> } {
  const { event, position, streamId, version, faults } = entry;
  if (event === null || faults.length > 0) return false;
  const { header } = event;
  return (
    event.changed === null &&
    event.values === null &&
    event.missing.length === 0 &&
    event.redaction === null &&
    event.unsaltedCommand === null &&
    header.position === position &&
    header.streamId === streamId &&
    header.version === version
  );
}

/** A page as unpacked from the numbers of a thread. */
export class UnpackedPage implements ExaminedPage {
  readonly length: number;
  readonly tree: ExaminedPage['tree'];
  readonly figures: EventFigures;
  readonly #packed: PackedPage;
  #positions: readonly string[] | null = null;

  /** @param reader the state of the thread that packed it */
  constructor(packed: PackedPage, reader: FigureReader) {
    this.#packed = packed;
    this.length = packed.length;
    this.tree = packed.tree;
    this.figures = { reader, words: packed.words, kinds: packed.kinds };
  }

  /** Adds the page's positions to `gaps`. */
  see(gaps: PositionGaps): void {
    for (const [first, last] of this.#packed.runs) gaps.addPosition(first, last);
  }

  entryAt(index: number): ExaminedEntry {
    const entry = this.#packed.others.get(index);
    if (entry !== undefined) return entry;
    this.#positions ??= positionsOf(this.#packed.runs);
    const position = this.#positions[index] as string;
    const header = { position, ...readFigures(this.figures, index) };
    const { streamId, version } = header;
    const event = { header, changed: null, contentHash: null, values: null, missing: [], redaction: null };
    return { position, streamId, version, event: { ...event, unsaltedCommand: null }, faults: [] };
  }
}

const positionsOf = (runs: PackedPage['runs']): string[] =>
  runs.flatMap(([first, last]) => {
    const from = BigInt(first);
    return Array.from({ length: Number(BigInt(last) - from) + 1 }, (_, index) =>
      String(from + BigInt(index)),
    );
  });

/** Runs of positions without gaps. */
class Runs {
  readonly all: [string, string][] = [];
  #next = Number.NaN;

  /** Adds a position. @throws TypeError if it is null: every row of a table has a position */
  add(position: string | null): void {
    if (position === null) throw new TypeError('an event of the log has no position');
    const current = Number(position);
    const run = this.all.at(-1);
    if (run !== undefined && current === this.#next && Number.isSafeInteger(current)) run[1] = position;
    else this.all.push([position, position]);
    this.#next = current + 1;
  }
}
