import type { Envelope } from '#event-sourcing/envelope';
import type { StoredEntry, StoreFault } from '#event-sourcing/event-store';
import { keyOf } from './next-events.ts';
import { envelopeOf, reasonOf } from './parse-envelope.ts';

/** A table row of an event with all columns that reads use, not parsed yet. */
export interface StoredRow {
  readonly position: string;
  /** The key of its stream's name. */
  readonly stream: string | number | bigint;
  /** The stream's name; null if it is missing. */
  readonly streamId: string | null;
  readonly version: number;
  readonly commandId: string | null;
  /** How the table stores the id of a keyed command. */
  readonly keyAs: 'given' | 'lower-case';
  readonly envelope: string;
}

export type RowPage = readonly (StoredEntry | StoredRow)[];

/** The rows of a log in order of positions, and what else its tables contain. */
interface LogRows {
  /** Yields all rows, or those of a stream, in pages. Skips and reports unreadable rows. */
  pages(streamId?: string): AsyncIterable<RowPage> | Iterable<RowPage>;
  /** Yields faults outside the events: in names, tables, and the file's own structure. */
  beside(): AsyncIterable<StoredEntry> | Iterable<StoredEntry>;
}

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

export const unusedRedaction = (position: string): StoredEntry =>
  strayEntry(null, `the index of redactions lists position ${position}, at which there is no event`);

/**
 * Finds the positions without an event in a store with consecutive positions. Reports ranges, with the first event
 * after each.
 */
class PositionGaps {
  #last = 0n;
  readonly #gaps: { readonly from: bigint; readonly to: bigint }[] = [];
  #more = 0;

  addPosition(position: string): void {
    const here = BigInt(position);
    const next = this.#last + 1n;
    if (here > next) {
      if (this.#gaps.length < GAPS_MAX) this.#gaps.push({ from: next, to: here - 1n });
      else this.#more += 1;
    }
    this.#last = here;
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

/** Yields all entries of a log's rows in log order, or those of a stream. */
export async function* inspectRows(rows: LogRows, streamId?: string): AsyncGenerator<StoredEntry> {
  const gaps = new PositionGaps();
  for await (const page of rows.pages(streamId)) {
    for (const row of page) {
      if (row.position !== null) gaps.addPosition(row.position);
      yield entryOf(row);
    }
  }
  if (streamId !== undefined) return;
  yield* gaps.entries();
  yield* rows.beside();
}
