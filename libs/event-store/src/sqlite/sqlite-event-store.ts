import type { Pointer } from '#event-sourcing/envelope';
import type { AppendResult, Commit, EventStore, StoredEntry } from '#event-sourcing/event-store';
import type { SealedEnvelope } from '#event-sourcing/sealer';
import type { StoreReports } from '#event-sourcing/store-observer';
import { parsePosition } from '../follow-log.ts';
import { inspectRows } from '../inspect-row.ts';
import { OpenStore } from '../open-store.ts';
import type { Opening } from '../store-entry.ts';
import { openForReading, openReader } from './database.ts';
import { LogReader } from './log-reader.ts';
import { WriterThread } from './writer-thread.ts';
import type { WriterOptions } from './writer-worker.ts';

export type SqliteEventStoreOptions = Opening & {
  readonly path: string;
  /** A module that exports `createSealer(): Sealer`. The writer's thread imports it. */
  readonly sealerModule: URL;
};

/** The interval in milliseconds at which a subscription at the end of the log looks for events of other processes. */
const POLL_MS = 50;

/**
 * Opens the event log in a SQLite file. Several processes may have it open.
 * @throws StoreMissingError if there is no file and `create` is false.
 * @throws StoreUnavailableError if the file is not an event store, or one of another build.
 */
export async function openSqliteEventStore(options: SqliteEventStoreOptions): Promise<EventStore> {
  const { path, sealerModule, create, readOnly = false, reports } = options;
  const reader = new LogReader(readOnly ? openForReading(path) : openReader(path, create));
  const store = new SqliteEventStore(reader, readOnly, reports);
  if (readOnly) return store;
  try {
    await store.startWriter({ path, sealerModule: sealerModule.href });
    return store;
  } catch (error) {
    reader.close();
    throw error;
  }
}

class SqliteEventStore extends OpenStore<number, LogReader> {
  readonly erasedRemains = 'nowhere';
  readonly #reports: StoreReports | undefined;
  #writer: WriterThread | null = null;

  constructor(reader: LogReader, isReadOnly: boolean, reports: StoreReports | undefined) {
    super(reader, { positionOf: parsePosition, pollMs: POLL_MS, isOnServer: false, reports, isReadOnly });
    this.#reports = reports;
  }

  async startWriter(options: WriterOptions): Promise<void> {
    this.#writer = await WriterThread.start(options, ({ commits, events }) => {
      this.followers.hint();
      if (commits > 0) this.#reports?.groupWritten(commits, events);
    });
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

  protected async release(): Promise<void> {
    // The writer closes last: only a connection that writes can empty and remove the WAL.
    this.reader.close();
    await this.#writer?.close();
  }

  #writing(): WriterThread {
    this.assertWritable();
    return this.#writer as WriterThread;
  }
}
