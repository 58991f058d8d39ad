import type { Kysely } from 'kysely';
import type { Models } from '#projections/projection';
import { redactionOf } from '#event-sourcing/erasure';
import type { EventsByRecord, ProjectedEvent } from '../record-row.ts';
import { stateFrom, textOf } from './folded-state.ts';
import type { FoldedState } from './folded-state.ts';

/** The columns that every event changes. */
interface EventColumns {
  readonly version: number;
  readonly updated_on: string;
  readonly lifecycle_name: string | null;
  readonly lifecycle_version: number | null;
}

/** A record as folded: its state, and the columns that every event changes. */
export interface FoldedRecord extends EventColumns {
  readonly state: FoldedState;
}

/** The stored columns of a folded record, of which the state is JSON. */
interface StoredRecord extends EventColumns {
  readonly stream: string;
  readonly state: string;
}

/** A record after the event with this hash. */
interface Known {
  readonly record: FoldedRecord;
  readonly hash: string;
  readonly length: number;
}

/**
 * The records that were folded last, at most a number of characters of them. A hash stands for all events of a record
 * up to its event, so an entry is right wherever the next event names its hash: after a transaction that was rolled
 * back, and beside another node that folds too.
 */
class LastFolded {
  readonly #known = new Map<string, Known>();
  #length = 0;

  /** Returns the record before an event; undefined if it is not known. */
  before({ streamId, previousHash }: ProjectedEvent): FoldedRecord | undefined {
    const known = this.#known.get(streamId);
    return known !== undefined && known.hash === previousHash ? known.record : undefined;
  }

  keep({ streamId, hash }: ProjectedEvent, record: FoldedRecord, length: number): void {
    this.#forget(streamId);
    this.#known.set(streamId, { record, hash, length });
    this.#length += length;
    for (const oldest of this.#known.keys()) {
      if (this.#length <= LENGTH_MAX) return;
      this.#forget(oldest);
    }
  }

  #forget(stream: string): void {
    this.#length -= this.#known.get(stream)?.length ?? 0;
    this.#known.delete(stream);
  }
}

/** The most characters of the states that are kept. */
const LENGTH_MAX = 8_000_000;

const lastFolded = new LastFolded();

/** Keeps a record for its next event. */
export function keepFolded(last: ProjectedEvent, record: FoldedRecord): void {
  lastFolded.keep(last, record, textOf(record.state).length);
}

/** Returns the records before their events. Those that are not known are read; one that loses a text always is. */
export async function recordsBefore(
  { db, sql: dialect }: Models,
  events: EventsByRecord,
): Promise<ReadonlyMap<string, FoldedRecord>> {
  const records = new Map<string, FoldedRecord>();
  const missing: string[] = [];
  for (const [stream, own] of events) {
    const [first] = own as [ProjectedEvent];
    const known = own.some((event) => redactionOf(event) !== null) ? undefined : lastFolded.before(first);
    if (known !== undefined) records.set(stream, known);
    else if (first.version > 1) missing.push(stream);
  }
  if (missing.length === 0) return records;
  const rows = await (db as Kysely<{ register: StoredRecord }>)
    .selectFrom('register')
    .select(['stream', 'state', 'version', 'updated_on', 'lifecycle_name', 'lifecycle_version'])
    .where('stream', 'in', dialect.listed(missing))
    .execute();
  for (const { stream, state, ...row } of rows) records.set(stream, { ...row, state: stateFrom(state) });
  return records;
}
