import type { Pool } from 'pg';
import type { Pointer } from '#event-sourcing/envelope';
import { StoreUnavailableError } from '#event-sourcing/errors';
import type { AppendResult, Commit, EventStore, StoredEntry } from '#event-sourcing/event-store';
import type { SealedEnvelope, Sealer } from '#event-sourcing/sealer';
import { inspectRows } from '../inspect-row.ts';
import { GroupQueue } from '../group-queue.ts';
import { OpenStore } from '../open-store.ts';
import type { Opening } from '../store-entry.ts';
import { parsePosition } from '../follow-log.ts';
import type { PostgresqlAddress } from '#postgresql/address';
import { resultOf } from './append-group.ts';
import type { AppendRequest } from './append-group.ts';
import { openPool, TIMEOUTS } from '#postgresql/pool';
import type { Timeouts } from '#postgresql/pool';
import { PostgresqlRows } from './inspect-log.ts';
import { LogReader } from './log-reader.ts';
import { LogWriter } from './log-writer.ts';
import { eraseRow } from './row-eraser.ts';
import { openSchema } from './schema.ts';

export type PostgresqlEventStoreOptions = Opening & {
  readonly address: PostgresqlAddress;
  readonly sealer: Sealer;
  readonly timeouts?: Timeouts;
};

const READERS_MAX = 8;
/** The most waiting appends. Others are refused at once, so that waits do not grow without limit. */
export const APPENDS_WAITING_MAX = 10_000;
const GROUP_APPENDS_MAX = 256;
/** The interval in milliseconds at which a subscription at the end of the log looks for events of other processes. */
const POLL_MS = 50;

/**
 * Opens the event log in a schema of a PostgreSQL database (15 or later). Several processes may have it open.
 * @throws StoreMissingError if the schema contains no store and `create` is false.
 * @throws StoreUnavailableError if the server cannot be reached, or its content cannot be used.
 */
export async function openPostgresqlEventStore(options: PostgresqlEventStoreOptions): Promise<EventStore> {
  const { address, create, readOnly = false, timeouts = TIMEOUTS } = options;
  const readers = openPool(address, { max: READERS_MAX, pipeline: false }, timeouts);
  try {
    await openSchema(readers, address, create && !readOnly);
  } catch (error) {
    await readers.end();
    throw error;
  }
  return new PostgresqlEventStore(readers, options);
}

class PostgresqlEventStore extends OpenStore<number, LogReader> {
  readonly erasedRemains = 'until-vacuum';
  readonly #address: PostgresqlAddress;
  readonly #pools: readonly Pool[];
  readonly #readers: Pool;
  readonly #rows: PostgresqlRows;
  readonly #appends: GroupQueue<AppendRequest, AppendResult>;

  constructor(
    readers: Pool,
    { address, sealer, timeouts = TIMEOUTS, reports, readOnly = false }: PostgresqlEventStoreOptions,
  ) {
    super(new LogReader(readers, address), {
      positionOf: parsePosition,
      pollMs: POLL_MS,
      isOnServer: true,
      reports,
      isReadOnly: readOnly,
    });
    this.#address = address;
    this.#readers = readers;
    this.#rows = new PostgresqlRows(readers, address);
    // The writer has its own connection, so that appends never wait for reads.
    const writing = openPool(address, { max: 1, pipeline: true }, timeouts);
    this.#pools = [readers, writing];
    const writer = new LogWriter(writing, address, sealer, reports);
    this.#appends = new GroupQueue({
      sizeOf: () => GROUP_APPENDS_MAX,
      write: async (group) => {
        const outcomes = await writer.writeGroup(group);
        if (outcomes.some((outcome) => 'appended' in outcome && outcome.appended.length > 0)) {
          this.followers.hint();
        }
        return outcomes.map(resultOf);
      },
      turn: () => Promise.resolve(),
    });
  }

  async append(commit: Commit): Promise<AppendResult> {
    return this.#append({ commit });
  }

  async appendSealed(events: readonly SealedEnvelope[]): Promise<void> {
    await this.#append({ sealed: events });
  }

  #append(request: AppendRequest): Promise<AppendResult> {
    this.assertWritable();
    if (this.#appends.length >= APPENDS_WAITING_MAX) {
      throw new StoreUnavailableError(
        `the event store is busy: ${APPENDS_WAITING_MAX} appends are waiting; try again later`,
      );
    }
    return this.#appends.add(request);
  }

  async erase(streamId: string, version: number, pointers: readonly Pointer[]): Promise<void> {
    this.assertWritable();
    await this.track(eraseRow(this.#readers, this.#address, { streamId, version, pointers }));
  }

  inspect(streamId?: string): AsyncGenerator<StoredEntry> {
    this.assertOpen();
    return inspectRows(this.#rows, streamId);
  }

  protected async release(): Promise<void> {
    await this.#appends.settled();
    await Promise.all(this.#pools.map((pool) => pool.end()));
  }
}
