import type { Envelope } from '#event-sourcing/envelope';
import type { LogRows, RowPage, StoredEntry, StoredRow, StoreFault } from '#event-sourcing/event-store';
import { keyOf } from './next-events.ts';
import { envelopeOf, reasonOf } from './parse-envelope.ts';

/** Reads a row where it was not read yet: its columns are compared with its event. */
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
  const faults = isFoundAsSaid(row, stored) ? NONE : foundOtherwise(row, stored).map(indexFault);
  // It is ours alone, and a copy of all its members would take as long as some of the checks.
  stored.position = position;
  const isUnescaped = !row.envelope.includes('\\') && row.envelope.isWellFormed();
  return { position, streamId, version, event: stored, isUnescaped, faults };
}

const NONE: readonly never[] = [];

/** Whether there is nothing to tell, which is so of nearly every row. */
const isFoundAsSaid = (row: StoredRow, stored: Envelope): boolean =>
  row.streamId === stored.streamId &&
  row.version === stored.version &&
  row.commandId === keyedBy(stored, row.keyAs) &&
  JSON.stringify(stored) === row.envelope;

function foundOtherwise(row: StoredRow, stored: Envelope): string[] {
  const { streamId, version } = row;
  return [
    ...(streamId === null ? [`it stands under the stream number ${row.stream}, which has no name`] : []),
    ...(streamId === null ? [] : differing('stream', streamId, stored.streamId)),
    ...differing('version', version, stored.version),
    ...differing('command', row.commandId, keyedBy(stored, row.keyAs)),
    ...(JSON.stringify(stored) === row.envelope ? [] : ['its text is not as the store writes it']),
  ];
}

export const indexFault = (detail: string): StoreFault => ({ code: 'index', detail });

/** What reads find an event by, where its envelope says another. */
export function differing(
  what: string,
  found: string | number | null,
  said: string | number | null,
): string[] {
  if (found === said) return [];
  return [`reads find it by the ${what} ${JSON.stringify(found)}, and it says ${JSON.stringify(said)}`];
}

function keyedBy(stored: Envelope, keyAs: StoredRow['keyAs']): string | null {
  const { command } = stored as Partial<Envelope>;
  // Whoever judges the envelope says that it has none.
  if (typeof command?.id !== 'string') return null;
  const key = keyOf(stored);
  return keyAs === 'given' ? key : (key?.toLowerCase() ?? null);
}

/** What stands in an index and belongs to no event. */
export const strayEntry = (streamId: string | null, detail: string): StoredEntry => ({
  position: null,
  streamId,
  version: null,
  event: null,
  faults: [indexFault(detail)],
});

/** The positions that have no event, where a store gives them one after another: told as ranges, with the first event after. */
export class PositionGaps {
  #last: bigint;
  readonly #gaps: { readonly from: bigint; readonly to: bigint }[] = [];
  #more = 0;

  /** @param after the position behind which gaps are looked for. */
  constructor(after = '0') {
    this.#last = BigInt(after);
  }

  /** Takes a position that has an event, or the first and the last of several without a gap. */
  seen(position: string, last = position): void {
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
      const detail = `no event stands at ${which}: positions are given one after another, so that what was there is gone`;
      yield { ...strayEntry(null, detail), position: String(from) };
    }
    if (this.#more > 0) yield strayEntry(null, `positions are missing at ${this.#more} more places`);
  }
}

const GAPS_MAX = 1_000;

/** How long the end of an event's text is, in which it states its hash: the last member, and the last thing in the text. */
export const HASH_TAIL = 75;
const STATED = /^,"hash":"([0-9a-f]{64})"\}$/;

/** The hash that an event states, told from the end of its text; where that is not as the store writes it, from all of it. */
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

/** Everything that a log's rows show, in its order. */
export async function* inspectAll(rows: Pick<LogRows, 'after' | 'beside'>): AsyncGenerator<RowPage> {
  const gaps = new PositionGaps();
  for await (const page of rows.after(null)) {
    for (const { position } of page) if (position !== null) gaps.seen(position);
    yield page;
  }
  yield [...gaps.entries(), ...(await Array.fromAsync(rows.beside(true)))];
}
