import type { Envelope } from '#event-sourcing/envelope';
import type { LogRows, RowPage, StoredEntry, StoredRow, StoreFault } from '#event-sourcing/event-store';
import { keyOf } from './next-events.ts';
import { envelopeOf, reasonOf } from './parse-envelope.ts';

/** Returns a row with its parsed event, and the differences between its columns and the event. */
export function entryOf(row: StoredEntry | StoredRow): StoredEntry {
  if (!('envelope' in row)) return row;
  const { position, streamId, version } = row;
  let stored: { -readonly [Member in keyof Envelope]: Envelope[Member] };
  try {
    stored = envelopeOf(row.envelope) as Envelope;
  } catch (error) {
    return {
      position,
      streamId,
      version,
      event: null,
      faults: [{ code: 'unreadable', detail: reasonOf(error) }],
    };
  }
  const faults = isConsistent(row, stored) ? NONE : foundOtherwise(row, stored).map(indexFault);
  // The event is mutated, because it is not shared, and a copy would take as long as some of the checks.
  stored.position = position;
  const isUnescaped = !row.envelope.includes('\\') && row.envelope.isWellFormed();
  return { position, streamId, version, event: stored, isUnescaped, faults };
}

const NONE: readonly never[] = [];

/** Returns whether columns and event are consistent, as in nearly every row. */
const isConsistent = (row: StoredRow, stored: Envelope): boolean =>
  row.streamId === stored.streamId &&
  row.version === stored.version &&
  row.commandId === keyedBy(stored, row.keyAs) &&
  JSON.stringify(stored) === row.envelope;

function foundOtherwise(row: StoredRow, stored: Envelope): string[] {
  const { streamId, version } = row;
  return [
    ...(streamId === null ? [`its stream number ${row.stream} has no name`] : []),
    ...(streamId === null ? [] : mismatch('stream', streamId, stored.streamId)),
    ...mismatch('version', version, stored.version),
    ...mismatch('command', row.commandId, keyedBy(stored, row.keyAs)),
    ...(JSON.stringify(stored) === row.envelope ? [] : ["its text differs from the store's form"]),
  ];
}

export const indexFault = (detail: string): StoreFault => ({ code: 'index', detail });

/** Returns a message if an index finds an event by another value than its envelope contains; else null. */
export function mismatch(
  what: string,
  found: string | number | null,
  contained: string | number | null,
): string[] {
  if (found === contained) return [];
  return [
    `reads find it by the ${what} ${JSON.stringify(found)}, but it contains ${JSON.stringify(contained)}`,
  ];
}

function keyedBy(stored: Envelope, keyAs: StoredRow['keyAs']): string | null {
  const { command } = stored as Partial<Envelope>;
  // The envelope's check reports that it has no command.
  if (typeof command?.id !== 'string') return null;
  const key = keyOf(stored);
  return keyAs === 'given' ? key : (key?.toLowerCase() ?? null);
}

/** Returns an entry for data that belongs to no event. */
export const strayEntry = (streamId: string | null, detail: string): StoredEntry => ({
  position: null,
  streamId,
  version: null,
  event: null,
  faults: [indexFault(detail)],
});

/**
 * Finds the positions without an event in a store with consecutive positions. Reports ranges, with the first event
 * after each.
 */
export class PositionGaps {
  #last: bigint;
  readonly #gaps: { readonly from: bigint; readonly to: bigint }[] = [];
  #more = 0;

  /** @param after the position after which gaps count. */
  constructor(after = '0') {
    this.#last = BigInt(after);
  }

  /** Adds a position with an event, or the first and last of several consecutive ones. */
  addPosition(position: string, last = position): void {
    const here = BigInt(position);
    const next = this.#last + 1n;
    if (here > next) {
      if (this.#gaps.length < GAPS_MAX) this.#gaps.push({ from: next, to: here - 1n });
      else this.#more += 1;
    }
    this.#last = BigInt(last);
  }

  *entries(): Generator<StoredEntry> {
    for (const { from, to } of this.#gaps) {
      const which = from === to ? `position ${from}` : `positions ${from} to ${to}`;
      const detail = `there is no event at ${which}: positions are consecutive, so an event was deleted`;
      yield { ...strayEntry(null, detail), position: String(from) };
    }
    if (this.#more > 0) yield strayEntry(null, `positions are missing at ${this.#more} more places`);
  }
}

const GAPS_MAX = 1_000;

/** The length of the end of an envelope's text, which contains the hash as its last member. */
export const HASH_TAIL = 75;
const STATED = /^,"hash":"([0-9a-f]{64})"\}$/;

/**
 * Returns the stated hash from the end of an event's text; from the full text if the end has another form than the
 * store writes.
 */
export function statedHash(tail: string, read: () => string | undefined): string | null {
  const [, hash] = STATED.exec(tail) ?? [];
  if (hash !== undefined) return hash;
  try {
    const { hash: stated } = envelopeOf(read() ?? '') as { readonly hash?: unknown };
    return typeof stated === 'string' ? stated : null;
  } catch {
    return null;
  }
}

/** Rows that are found by stream too. */
interface InspectedRows extends Pick<LogRows, 'after' | 'beside'> {
  ofStream(streamId: string): AsyncIterable<RowPage> | Iterable<RowPage>;
}

/** Yields all entries of a log's rows in log order, or those of a stream. */
export async function* inspectRows(rows: InspectedRows, streamId?: string): AsyncGenerator<StoredEntry> {
  const gaps = new PositionGaps();
  for await (const page of streamId === undefined ? rows.after(null) : rows.ofStream(streamId)) {
    if (streamId === undefined)
      for (const { position } of page) if (position !== null) gaps.addPosition(position);
    yield* page.map(entryOf);
  }
  if (streamId !== undefined) return;
  yield* gaps.entries();
  yield* rows.beside(true);
}
