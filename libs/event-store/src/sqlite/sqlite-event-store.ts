import { setImmediate } from 'node:timers/promises';
import type { Envelope, Pointer } from '#event-sourcing/envelope';
import { StoreUnavailableError } from '#event-sourcing/errors';
import { READ_LIMIT } from '#event-sourcing/event-store';
import type {
  AppendResult,
  Commit,
  EventStore,
  StoredEntry,
  LogParts,
  Redaction,
  Subscription,
} from '#event-sourcing/event-store';
import type { SealedEnvelope } from '#event-sourcing/sealer';
import type { StoreReports } from '#event-sourcing/store-observer';
import { LogFollowers, parsePosition } from '../follow-log.ts';
import { entryOf, inspectAll } from '../inspect-row.ts';
import { redactionAt } from '../parse-envelope.ts';
import { openForReading, openReader } from './database.ts';
import { ROWS_MODULE } from './inspect-log.ts';
import { LOOKED_THROUGH_MAX, LogReader } from './log-reader.ts';
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
 * @throws StoreUnavailableError if the file is not an event store, or one of a newer version.
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

class SqliteEventStore implements EventStore {
  readonly erasedRemains = 'nowhere';
  readonly #reader: LogReader;
  readonly #writer: WriterThread | null;
  readonly #followers: LogFollowers;
  #closing: Promise<void> | undefined;

  constructor(reader: LogReader, writer: WriterThread | null, followers: LogFollowers) {
    this.#reader = reader;
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

  // eslint-disable-next-line @typescript-eslint/require-await -- async, so that errors reject
  async readStream(
    streamId: string,
    { after = 0, limit = READ_LIMIT, enough }: { after?: number; limit?: number; enough?: number } = {},
  ): Promise<Envelope[]> {
    return this.#reading().stream(streamId, after, limit, enough);
  }

  // eslint-disable-next-line @typescript-eslint/require-await
  async readAll({
    after = '0',
    limit = READ_LIMIT,
    enough,
  }: { after?: string; limit?: number; enough?: number } = {}): Promise<Envelope[]> {
    return this.#reading().log(parsePosition(after), limit, enough);
  }

  // eslint-disable-next-line @typescript-eslint/require-await
  async findCommand(commandId: string): Promise<Envelope[]> {
    return this.#reading().command(commandId);
  }

  async findEvents(streamId: string, eventIds: readonly string[]): Promise<Envelope[]> {
    const last = this.#reading().lastVersion(streamId);
    const found: Envelope[] = [];
    for (let after = 0; after < last; after += LOOKED_THROUGH_MAX) {
      if (after > 0) await setImmediate();
      found.push(...this.#reading().withIds(streamId, after, eventIds));
    }
    return found;
  }

  // eslint-disable-next-line @typescript-eslint/require-await
  async redactions(options: { after?: string; limit?: number } = {}): Promise<Redaction[]> {
    const after = parsePosition(options.after ?? '0');
    return this.#reading()
      .redactions(after, options.limit ?? READ_LIMIT)
      .map(redactionAt);
  }

  async *inspect(streamId?: string): AsyncGenerator<StoredEntry> {
    const reading = this.#reading();
    const pages = streamId === undefined ? inspectAll(reading.rows) : reading.inspect(streamId);
    for await (const rows of pages) yield* rows.map(entryOf);
  }

  get parts(): LogParts | undefined {
    const { rows, rowsOptions: options } = this.#reading();
    if (options === null) return undefined;
    return {
      after: (position) => rows.after(position),
      next: (after) => rows.next(after),
      beside: (isAll) => rows.beside(isAll),
      hashes: () => rows.hashes(),
      opened: { module: ROWS_MODULE, options },
    };
  }

  // eslint-disable-next-line @typescript-eslint/require-await
  async lastPosition(): Promise<string> {
    return String(this.#reading().lastPosition());
  }

  // eslint-disable-next-line @typescript-eslint/require-await
  async lastEvent(): Promise<Envelope | null> {
    return this.#reading().lastEvent();
  }

  subscribe(after: string, handler: (batch: readonly Envelope[]) => Promise<void>): Subscription {
    this.#reading();
    return this.#followers.follow(after, handler);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#followers.closeAll();
    // The writer closes last: only a connection that writes can empty and remove the WAL.
    this.#reader.close();
    await this.#writer?.close();
  }

  #reading(): LogReader {
    if (this.#closing !== undefined) throw new StoreUnavailableError('the event store is closed');
    return this.#reader;
  }

  #writing(): WriterThread {
    if (this.#closing !== undefined) throw new StoreUnavailableError('the event store is closed');
    if (this.#writer === null) throw new StoreUnavailableError('the event store is open for reading only');
    return this.#writer;
  }
}
