import {
  CompiledQuery,
  DummyDriver,
  Kysely,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import type { DatabaseConnection, QueryResult, Transaction } from 'kysely';
import { systemClock } from '#event-sourcing/clock';
import { nextTurn } from '#event-sourcing/event-store';
import { Thread, threadModule } from '#threads/thread';
import { abandonSignal, QueryTooSlowError, ReadAbandonedError } from '../limited-reads.ts';
import type { SetTables } from '../operational-tables.ts';
import { ReadModelsUnavailableError } from '../read-model-database.ts';
import type { ReadLimits } from '../read-threads.ts';
import type { ReaderOptions, ReaderTasks, ReadFile } from './reader-worker.ts';

/** A thread with its own connection, which runs one read at a time on one snapshot. */
export class ReaderThread extends Thread<ReaderTasks> {
  readonly #limits: ReadLimits;
  readonly #failed: (error: unknown) => unknown;
  readonly #abandonedRead: Int32Array;
  readonly #db: Kysely<SetTables>;
  #read = 0;
  #began = 0;
  #lastSql: string | null = null;

  /** @param failed returns the error to throw for one of a statement. */
  constructor(
    { path, opened }: ReadFile,
    limits: ReadLimits,
    failed: (error: unknown) => unknown,
    onLost?: (error: Error) => void,
  ) {
    const abandonedRead = new SharedArrayBuffer(4);
    const unavailable = (reason: string, options?: ErrorOptions) =>
      new ReadModelsUnavailableError(path, `a reader thread ${reason}`, options);
    super({
      module: threadModule('reader-worker', import.meta.url),
      data: { path, opened, abandonedRead } satisfies ReaderOptions,
      startMs: limits.startMs,
      unavailable,
      unusable: (error) => unavailable(`does not start: ${error.message}`, { cause: error }),
      closed: () => new ReadAbandonedError(),
      ...(onLost && { onLost }),
    });
    this.#limits = limits;
    this.#failed = failed;
    this.#abandonedRead = new Int32Array(abandonedRead);
    this.#db = new Kysely<SetTables>({
      dialect: {
        createAdapter: () => new SqliteAdapter(),
        createDriver: () => new ThreadDriver(this),
        createIntrospector: (db) => new SqliteIntrospector(db),
        createQueryCompiler: () => new SqliteQueryCompiler(),
      },
    });
  }

  /** The text of its last statement. */
  get lastSql(): string | null {
    return this.#lastSql;
  }

  /**
   * Runs a read in one snapshot, within the time limit.
   * @throws QueryTooSlowError, ReadAbandonedError, ReadModelsUnavailableError; errors of `action`.
   */
  async read<Result>(action: (trx: Transaction<SetTables>) => Promise<Result>): Promise<Result> {
    await this.whenStarted();
    const read = (this.#read += 1);
    this.#began = systemClock.elapsed();
    const signal = abandonSignal();
    const abandon = (): void => {
      Atomics.store(this.#abandonedRead, 0, read);
    };
    if (signal?.aborted === true) abandon();
    signal?.addEventListener('abort', abandon, { once: true });
    try {
      return await this.#db.transaction().execute(action);
    } finally {
      signal?.removeEventListener('abort', abandon);
    }
  }

  override close(patienceMs?: number): Promise<void> {
    // A read that still waits is never started.
    Atomics.store(this.#abandonedRead, 0, this.#read);
    return super.close(patienceMs);
  }

  /** Returns the rows of a statement of the current read. */
  async rowsOf({ sql, parameters }: CompiledQuery): Promise<unknown[]> {
    const { limitMs, graceMs } = this.#limits;
    const leftMs = limitMs - (systemClock.elapsed() - this.#began);
    const tooSlow = () => new QueryTooSlowError(limitMs);
    if (this.lost === null && leftMs <= 0) throw tooSlow();
    this.#lastSql = sql;
    const statement = { read: this.#read, limitMs, leftMs, sql, parameters };
    const rows: unknown[] = [];
    const lists = await this.request('rowsOf', statement, leftMs + graceMs, tooSlow).catch(
      (error: unknown) => {
        throw this.#thrown(error);
      },
    );
    for (const list of lists) {
      if (rows.length > 0) await nextTurn();
      for (const row of JSON.parse(list) as unknown[]) rows.push(row);
    }
    return rows;
  }

  #thrown(error: unknown): unknown {
    if (error === this.lost) return error;
    const code = error instanceof Error && 'code' in error ? error.code : null;
    if (code === 'query-too-slow') return new QueryTooSlowError(this.#limits.limitMs);
    if (code === 'read-abandoned') return new ReadAbandonedError();
    return this.#failed(error);
  }
}

/**
 * A Kysely driver for a thread, which begins a transaction with the first statement; nothing is done before it or after
 * the last.
 */
class ThreadDriver extends DummyDriver {
  readonly #thread: ReaderThread;

  constructor(thread: ReaderThread) {
    super();
    this.#thread = thread;
  }

  override acquireConnection(): Promise<DatabaseConnection> {
    const thread = this.#thread;
    return Promise.resolve({
      async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
        return { rows: (await thread.rowsOf(query)) as Row[] };
      },
      streamQuery() {
        throw new Error('Reader connections do not stream the rows of a statement');
      },
    });
  }

  override commitTransaction(): Promise<void> {
    // Ending the read releases its snapshot.
    this.#thread.send('end', null);
    return Promise.resolve();
  }

  override rollbackTransaction(): Promise<void> {
    return this.commitTransaction();
  }
}
