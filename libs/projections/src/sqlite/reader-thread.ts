import { extname } from 'node:path';
import { CompiledQuery, Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from 'kysely';
import type { DatabaseConnection, Dialect, Driver, QueryResult, Transaction } from 'kysely';
import { nextTurn } from '#event-sourcing/event-store';
import { giveUpSignal, QueryTooSlowError, ReadAbandonedError } from '../limited-reads.ts';
import type { MetaTables } from '../meta-tables.ts';
import { ReadModelsUnavailableError } from '../read-model-database.ts';
import { ReplaceableThread } from '../replaceable-thread.ts';
import type { ReadLimits } from '../replaceable-thread.ts';
import type {
  AskedStatement,
  ReaderAnswer,
  ReaderError,
  ReaderMessage,
  ReaderOptions,
} from './reader-worker.ts';

/** What becomes of statements in a thread is told where the file is watched over. */
export interface StatementReports {
  readonly succeeded: (sql: string) => void;
  /** Gives the error as it is thrown. */
  readonly failed: (statement: Pick<AskedStatement, 'sql' | 'parameters'>, error: Error) => unknown;
}

interface Pending {
  readonly resolve: (rows: readonly string[]) => void;
  readonly reject: (error: unknown) => void;
  readonly statement: AskedStatement;
}

/** The file that threads read, and which it was when it was opened. */
export interface ReadFile {
  readonly path: string;
  readonly opened: string | null;
}

/** A thread with a connection of its own, in which one read goes on at a time, on one snapshot. */
export class ReaderThread {
  readonly #limits: ReadLimits;
  readonly #reports: StatementReports;
  readonly #thread: ReplaceableThread<ReaderMessage, Exclude<ReaderAnswer, 'ready'>>;
  readonly #givenUp = new Int32Array(new SharedArrayBuffer(4));
  readonly #db: Kysely<MetaTables>;
  readonly #pending = new Map<number, Pending>();
  #read = 0;
  #statement = 0;
  #began = 0;
  #lastSql: string | null = null;

  constructor({ path, opened }: ReadFile, limits: ReadLimits, reports: StatementReports) {
    this.#limits = limits;
    this.#reports = reports;
    this.#thread = new ReplaceableThread({
      // The source runs as it is under Node 26; what was built has its extension.
      module: new URL(`./reader-worker${extname(import.meta.url)}`, import.meta.url),
      workerData: { path, opened, givenUp: this.#givenUp.buffer } satisfies ReaderOptions,
      startMs: limits.startMs,
      unavailable: (reason, options) =>
        new ReadModelsUnavailableError(path, `a reader's thread ${reason}`, options),
      onAnswer: (answer) => {
        this.#take(answer);
      },
      onLost: (error) => {
        for (const { reject } of this.#pending.values()) reject(error);
        this.#pending.clear();
      },
    });
    this.#db = new Kysely<MetaTables>({ dialect: dialectOf(this) });
  }

  get exited(): Promise<unknown> {
    return this.#thread.exited;
  }

  /** Whether it takes another read. */
  get isUsable(): boolean {
    return this.#thread.lost === null;
  }

  /** Why it takes no other read, and the text of the statement that it was at last; null while it does. */
  get end(): { readonly reason: string; readonly sql: string | null } | null {
    const { lost } = this.#thread;
    return lost && { reason: lost.message, sql: this.#lastSql };
  }

  /**
   * Reads in one snapshot, for as long as a read may take.
   * @throws QueryTooSlowError, ReadAbandonedError, ReadModelsUnavailableError; what `action` throws.
   */
  read<Result>(action: (trx: Transaction<MetaTables>) => Promise<Result>): Promise<Result> {
    return this.#thread.whileAsked(() => this.#readInTime(action));
  }

  async #readInTime<Result>(action: (trx: Transaction<MetaTables>) => Promise<Result>): Promise<Result> {
    const { limitMs, graceMs } = this.#limits;
    const read = (this.#read += 1);
    this.#began = performance.now();
    const hung = setTimeout(() => {
      // It is still at a read that is over.
      if (this.#pending.size > 0) this.#thread.replace(new QueryTooSlowError(limitMs));
    }, limitMs + graceMs);
    const signal = giveUpSignal();
    const giveUp = (): void => {
      Atomics.store(this.#givenUp, 0, read);
    };
    if (signal?.aborted === true) giveUp();
    signal?.addEventListener('abort', giveUp, { once: true });
    try {
      return await this.#db.transaction().execute(action);
    } finally {
      clearTimeout(hung);
      signal?.removeEventListener('abort', giveUp);
    }
  }

  /** Ends the thread, after the statement that is under way. */
  async close(): Promise<void> {
    // What had not begun never does.
    Atomics.store(this.#givenUp, 0, this.#read);
    await this.#thread.close();
  }

  /** Waits for it no longer. It ends when its statement does, not before. */
  leave(): void {
    this.#thread.leave();
  }

  /** Gives the rows of a statement of the read that is under way. */
  async ask({ sql, parameters }: CompiledQuery): Promise<unknown[]> {
    if (this.#thread.lost !== null) throw this.#thread.lost;
    const { limitMs } = this.#limits;
    const leftMs = limitMs - (performance.now() - this.#began);
    if (leftMs <= 0) throw new QueryTooSlowError(limitMs);
    const id = (this.#statement += 1);
    const statement = { id, read: this.#read, limitMs, leftMs, sql, parameters };
    const { promise, resolve, reject } = Promise.withResolvers<readonly string[]>();
    this.#lastSql = sql;
    this.#pending.set(id, { resolve, reject, statement });
    this.#thread.send(statement);
    const rows: unknown[] = [];
    for (const list of await promise) {
      if (rows.length > 0) await nextTurn();
      for (const row of JSON.parse(list) as unknown[]) rows.push(row);
    }
    return rows;
  }

  /** Lets the snapshot go. */
  letGo(): void {
    if (this.isUsable) this.#thread.send('end');
  }

  #take(answer: Exclude<ReaderAnswer, 'ready'>): void {
    const pending = this.#pending.get(answer.id);
    if (pending === undefined) return;
    this.#pending.delete(answer.id);
    if ('rows' in answer) {
      this.#reports.succeeded(pending.statement.sql);
      pending.resolve(answer.rows);
    } else pending.reject(this.#thrown(pending.statement, answer.failed));
  }

  #thrown(statement: AskedStatement, { name, code, message, stack }: ReaderError): unknown {
    if (code === 'query-too-slow') return new QueryTooSlowError(statement.limitMs);
    if (code === 'read-abandoned') return new ReadAbandonedError();
    const error = Object.assign(new Error(message), { name }, code !== null && { code });
    if (stack !== undefined) error.stack = stack;
    return this.#reports.failed(statement, error);
  }
}

const dialectOf = (thread: ReaderThread): Dialect => ({
  createAdapter: () => new SqliteAdapter(),
  createDriver: () => new ThreadDriver(thread),
  createIntrospector: (db) => new SqliteIntrospector(db),
  createQueryCompiler: () => new SqliteQueryCompiler(),
});

/** The thread begins a transaction with the first statement: there is nothing to wait for before it, nor after the last. */
class ThreadDriver implements Driver {
  readonly #thread: ReaderThread;
  readonly #connection: DatabaseConnection;

  constructor(thread: ReaderThread) {
    this.#thread = thread;
    this.#connection = {
      async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
        return { rows: (await thread.ask(query)) as Row[] };
      },
      streamQuery() {
        throw new Error('Readers give the rows of a statement at once');
      },
    };
  }

  init = () => Promise.resolve();
  acquireConnection = () => Promise.resolve(this.#connection);
  beginTransaction = () => Promise.resolve();
  commitTransaction = () => this.#end();
  rollbackTransaction = () => this.#end();
  releaseConnection = () => Promise.resolve();
  destroy = () => Promise.resolve();

  #end(): Promise<void> {
    this.#thread.letGo();
    return Promise.resolve();
  }
}
