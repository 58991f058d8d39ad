import type { Envelope, Pointer } from '#event-sourcing/envelope';
import { READ_LIMIT } from '#event-sourcing/event-store';
import type {
  AppendResult,
  Commit,
  EventStore,
  StoredEntry,
  Subscription,
} from '#event-sourcing/event-store';
import type { SealedEnvelope } from '#event-sourcing/sealer';
import type { StoreReports } from '#event-sourcing/store-observer';
import { LogFollowers, parsePosition } from '../follow-log.ts';
import { inspectRows } from '../inspect-row.ts';
import { OpenStore } from '../open-store.ts';
import { openForReading, openReader } from './database.ts';
import { LogReader } from './log-reader.ts';
import { WriterThread } from './writer-thread.ts';

export interface SqliteEventStoreOptions {
  readonly path: string;
  /** A module that exports `createSealer(): Sealer`. The writer's thread imports it. */
  readonly sealerModule: URL;
  /** True to create a missing file. */
  readonly create: boolean;
  /** True to open without a writer: appends and erasures reject. */
  readonly readOnly?: boolean;
  /** Receives groups, and subscriptions that end with an error. */
  readonly reports?: StoreReports | undefined;
}

/** The interval in milliseconds at which a subscription at the end of the log looks for events of other processes. */
const POLL_MS = 200;

/**
 * Opens the event log in a SQLite file. Several processes may have it open.
 * @throws StoreMissingError if there is no file and `create` is false.
 * @throws StoreUnavailableError if the file is not an event store, or one of another build.
 */
export async function openSqliteEventStore(options: SqliteEventStoreOptions): Promise<EventStore> {
  const { path, sealerModule, create, readOnly = false, reports } = options;
  const reader = new LogReader(readOnly ? openForReading(path) : openReader(path, create));
  const followers = new LogFollowers({
    readBatch: (position) => reader.log(position, READ_LIMIT),
    pollMs: POLL_MS,
    reports,
  });
  try {
    const writer = readOnly
      ? null
      : await WriterThread.start({ path, sealerModule: sealerModule.href }, ({ commits, events }) => {
          followers.hint();
          if (commits > 0) reports?.groupWritten(commits, events);
        });
    return new SqliteEventStore(reader, writer, followers);
  } catch (error) {
    reader.close();
    throw error;
  }
}

class SqliteEventStore extends OpenStore<number, LogReader> {
  readonly erasedRemains = 'nowhere';
  readonly #writer: WriterThread | null;
  readonly #followers: LogFollowers;

  constructor(reader: LogReader, writer: WriterThread | null, followers: LogFollowers) {
    super(reader, parsePosition, writer === null);
    this.#writer = writer;
    this.#followers = followers;
  }

  async append(commit: Commit): Promise<AppendResult> {
    return this.#writing().append(commit);
  }

  async appendSealed(events: readonly SealedEnvelope[]): Promise<void> {
    await this.#writing().appendSealed(events);
  }

  async erase(streamId: string, version: number, pointers: readonly Pointer[]): Promise<void> {
    await this.#writing().erase({ streamId, version, pointers });
  }

  inspect(streamId?: string): AsyncGenerator<StoredEntry> {
    this.assertOpen();
    return inspectRows(this.reader.rows, streamId);
  }

  subscribe(after: string, handler: (batch: readonly Envelope[]) => Promise<void>): Subscription {
    this.assertOpen();
    return this.#followers.follow(after, handler);
  }

  protected async release(): Promise<void> {
    await this.settled();
    await this.#followers.closeAll();
    // The writer closes last: only a connection that writes can empty and remove the WAL.
    this.reader.close();
    await this.#writer?.close();
  }

  #writing(): WriterThread {
    this.assertWritable();
    return this.#writer as WriterThread;
  }
}
