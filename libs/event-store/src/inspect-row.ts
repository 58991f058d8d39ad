import type { Envelope } from '#event-sourcing/envelope';
import type { StoredEntry, StoreFault } from '#event-sourcing/event-store';
import { keyOf } from './next-events.ts';
import { envelopeOf, reasonOf } from './parse-envelope.ts';

/** A row of a table of events, with all that reads find it by. */
export interface InspectedRow {
  readonly position: string;
  /** Under which number its stream's name stands. */
  readonly stream: string;
  /** The name; null where none stands there. */
  readonly streamId: string | null;
  readonly version: number;
  readonly commandId: string | null;
  readonly envelope: string;
}

/** The entry of a row: its columns are compared with its event. `keyAsKept` is how a table keeps the id of a keyed command. */
export function entryOf(row: InspectedRow, keyAsKept: (id: string) => string): StoredEntry {
  const { position, streamId, version } = row;
  const place = { position, streamId, version };
  let stored: Envelope;
  try {
    stored = envelopeOf(row.envelope) as Envelope;
  } catch (error) {
    return { ...place, event: null, faults: [{ code: 'unreadable', detail: reasonOf(error) }] };
  }
  const details = [
    ...(streamId === null ? [`it stands under the stream number ${row.stream}, which has no name`] : []),
    ...(streamId === null ? [] : differing('stream', streamId, stored.streamId)),
    ...differing('version', version, stored.version),
    ...differing('command', row.commandId, keyedBy(stored, keyAsKept)),
    ...(JSON.stringify(stored) === row.envelope ? [] : ['its text is not as the store writes it']),
  ];
  return { ...place, event: { ...stored, position }, faults: details.map(indexFault) };
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

function keyedBy(stored: Envelope, keyAsKept: (id: string) => string): string | null {
  const { command } = stored as Partial<Envelope>;
  // Whoever judges the envelope says that it has none.
  if (typeof command?.id !== 'string') return null;
  const key = keyOf(stored);
  return key === null ? null : keyAsKept(key);
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
  #last = 0n;
  readonly #gaps: { readonly from: bigint; readonly to: bigint }[] = [];
  #more = 0;

  seen(position: string): void {
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
      const detail = `no event stands at ${which}: positions are given one after another, so that what was there is gone`;
      yield { ...strayEntry(null, detail), position: String(from) };
    }
    if (this.#more > 0) yield strayEntry(null, `positions are missing at ${this.#more} more places`);
  }
}

const GAPS_MAX = 1_000;
