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
import { giveUpSignal, QueryTooSlowError, ReadAbandonedError } from '../limited-reads.ts';
import type { MetaTables } from '../meta-tables.ts';
import { ReadModelsUnavailableError } from '../read-model-database.ts';
import type { ReadLimits } from '../read-threads.ts';
import type { AskedStatement, ReaderOptions, ReaderTasks, ReadFile } from './reader-worker.ts';

/** What becomes of statements in a thread is told where the file is watched over. */
export interface StatementReports {
  readonly succeeded: (sql: string) => void;
  /** Gives the error as it is thrown. */
  readonly failed: (statement: Pick<AskedStatement, 'sql' | 'parameters'>, error: unknown) => unknown;
}

/** A thread with a connection of its own, in which one read goes on at a time, on one snapshot. */
export class ReaderThread extends Thread<ReaderTasks> {
  readonly #limits: ReadLimits;
  readonly #reports: StatementReports;
  readonly #givenUp: Int32Array;
  readonly #db: Kysely<MetaTables>;
  #read = 0;
  #began = 0;
  #lastSql: string | null = null;

  constructor(
    { path, opened }: ReadFile,
    limits: ReadLimits,
    reports: StatementReports,
    onLost?: (error: Error) => void,
  ) {
    const givenUp = new SharedArrayBuffer(4);
    const unavailable = (reason: string, options?: ErrorOptions) =>
      new ReadModelsUnavailableError(path, `a reader's thread ${reason}`, options);
    super({
      module: threadModule('reader-worker', import.meta.url),
      data: { path, opened, givenUp } satisfies ReaderOptions,
      startMs: limits.startMs,
      unavailable,
      unusable: (error) => unavailable(`does not start: ${error.message}`, { cause: error }),
      closed: () => new ReadAbandonedError(),
      ...(onLost && { onLost }),
    });
    this.#limits = limits;
    this.#reports = reports;
    this.#givenUp = new Int32Array(givenUp);
    this.#db = new Kysely<MetaTables>({
      dialect: {
        createAdapter: () => new SqliteAdapter(),
        createDriver: () => new ThreadDriver(this),
        createIntrospector: (db) => new SqliteIntrospector(db),
        createQueryCompiler: () => new SqliteQueryCompiler(),
      },
    });
  }

  /** The text of the statement that it was at last. */
  get lastSql(): string | null {
    return this.#lastSql;
  }

  /**
   * Reads in one snapshot, for as long as a read may take.
   * @throws QueryTooSlowError, ReadAbandonedError, ReadModelsUnavailableError; what `action` throws.
   */
  async read<Result>(action: (trx: Transaction<MetaTables>) => Promise<Result>): Promise<Result> {
    await this.started();
    const read = (this.#read += 1);
    this.#began = systemClock.elapsed();
    const signal = giveUpSignal();
    const giveUp = (): void => {
      Atomics.store(this.#givenUp, 0, read);
    };
    if (signal?.aborted === true) giveUp();
    signal?.addEventListener('abort', giveUp, { once: true });
    try {
      return await this.#db.transaction().execute(action);
    } finally {
      signal?.removeEventListener('abort', giveUp);
    }
  }

  override close(patienceMs?: number): Promise<void> {
    // What had not begun never does.
    Atomics.store(this.#givenUp, 0, this.#read);
    return super.close(patienceMs);
  }

  /** Gives the rows of a statement of the read that is under way. */
  async rowsOf({ sql, parameters }: CompiledQuery): Promise<unknown[]> {
    const { limitMs, graceMs } = this.#limits;
    const leftMs = limitMs - (systemClock.elapsed() - this.#began);
    const tooSlow = () => new QueryTooSlowError(limitMs);
    if (this.lost === null && leftMs <= 0) throw tooSlow();
    this.#lastSql = sql;
    const statement = { read: this.#read, limitMs, leftMs, sql, parameters };
    const rows: unknown[] = [];
    const lists = await this.ask('rowsOf', statement, leftMs + graceMs, tooSlow).catch((error: unknown) => {
      throw this.#thrown(statement, error);
    });
    this.#reports.succeeded(sql);
    for (const list of lists) {
      if (rows.length > 0) await nextTurn();
      for (const row of JSON.parse(list) as unknown[]) rows.push(row);
    }
    return rows;
  }

  #thrown(statement: AskedStatement, error: unknown): unknown {
    if (error === this.lost) return error;
    const code = error instanceof Error && 'code' in error ? error.code : null;
    if (code === 'query-too-slow') return new QueryTooSlowError(statement.limitMs);
    if (code === 'read-abandoned') return new ReadAbandonedError();
    return this.#reports.failed(statement, error);
  }
}

/** The thread begins a transaction with the first statement: there is nothing to wait for before it, nor after the last. */
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
        throw new Error('Readers give the rows of a statement at once');
      },
    });
  }

  override commitTransaction(): Promise<void> {
    // Lets the snapshot go.
    this.#thread.send('end', null);
    return Promise.resolve();
  }

  override rollbackTransaction(): Promise<void> {
    return this.commitTransaction();
  }
}
