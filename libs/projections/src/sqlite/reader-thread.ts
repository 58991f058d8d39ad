import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { CompiledQuery, Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from 'kysely';
import type { DatabaseConnection, Dialect, Driver, QueryResult, Transaction } from 'kysely';
import { giveUpSignal, QueryTooSlowError, ReadAbandonedError } from '../limited-reads.ts';
import type { MetaTables } from '../meta-tables.ts';
import { ReadModelsUnavailableError } from '../read-model-database.ts';
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

export interface ReadLimits {
  readonly limitMs: number;
  /** How long a thread may go on with a read that is over. */
  readonly graceMs: number;
  /** How long a thread may take until it can be asked. */
  readonly startMs: number;
  /** How long closing waits for threads: one ends when its statement does, not before. */
  readonly closeMs: number;
}

interface Pending {
  readonly resolve: (rows: string) => void;
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
  readonly #path: string;
  readonly #limits: ReadLimits;
  readonly #reports: StatementReports;
  readonly #worker: Worker;
  readonly #givenUp = new Int32Array(new SharedArrayBuffer(4));
  readonly #db: Kysely<MetaTables>;
  readonly #pending = new Map<number, Pending>();
  /** Settles when it can be asked, or never can. */
  readonly #started = Promise.withResolvers<undefined>();
  readonly exited: Promise<unknown>;
  #isStarted = false;
  #read = 0;
  #statement = 0;
  #began = 0;
  #lost: Error | null = null;
  #lastSql: string | null = null;
  #closing: Error | null = null;

  constructor({ path, opened }: ReadFile, limits: ReadLimits, reports: StatementReports) {
    this.#path = path;
    this.#limits = limits;
    this.#reports = reports;
    // The source runs as it is under Node 26; what was built has its extension.
    this.#worker = new Worker(new URL(`./reader-worker${extname(import.meta.url)}`, import.meta.url), {
      workerData: { path, opened, givenUp: this.#givenUp.buffer } satisfies ReaderOptions,
    });
    this.exited = new Promise((resolve) => this.#worker.once('exit', resolve));
    this.#worker.on('message', (answer: ReaderAnswer) => {
      this.#take(answer);
    });
    this.#worker.on('error', (error: Error) => {
      this.#lose(
        new ReadModelsUnavailableError(path, `a reader's thread failed: ${error.message}`, { cause: error }),
      );
    });
    this.#worker.on('exit', () => {
      this.#lose(new ReadModelsUnavailableError(path, "a reader's thread has ended"));
    });
    // A process that has nothing to read ends.
    this.#worker.unref();
    this.#db = new Kysely<MetaTables>({ dialect: dialectOf(this) });
  }

  /** Whether it takes another read. */
  get isUsable(): boolean {
    return this.#lost === null;
  }

  /** Why it takes no other read, and the text of the statement that it was at last; null while it does. */
  get end(): { readonly reason: string; readonly sql: string | null } | null {
    return this.#lost && { reason: this.#lost.message, sql: this.#lastSql };
  }

  /**
   * Reads in one snapshot, for as long as a read may take.
   * @throws QueryTooSlowError, ReadAbandonedError, ReadModelsUnavailableError; what `action` throws.
   */
  async read<Result>(action: (trx: Transaction<MetaTables>) => Promise<Result>): Promise<Result> {
    const { limitMs, graceMs } = this.#limits;
    this.#worker.ref();
    await this.#whenStarted();
    const read = (this.#read += 1);
    this.#began = performance.now();
    const hung = setTimeout(() => {
      // It is still at a read that is over.
      if (this.#pending.size > 0) this.#replace(new QueryTooSlowError(limitMs));
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
      // Who closes it waits for its end.
      if (this.#closing === null) this.#worker.unref();
    }
  }

  /** Ends the thread, after the statement that is under way. */
  async close(): Promise<void> {
    // What had not begun never does.
    this.#closing = new ReadAbandonedError();
    Atomics.store(this.#givenUp, 0, this.#read);
    this.#worker.ref();
    if (this.isUsable) this.#send('close');
    await this.exited;
  }

  /** Waits for it no longer. It ends when its statement does, not before. */
  leave(): void {
    this.#replace(new ReadAbandonedError());
    this.#worker.unref();
  }

  /** Gives the rows of a statement of the read that is under way. */
  async ask({ sql, parameters }: CompiledQuery): Promise<unknown[]> {
    if (this.#lost !== null) throw this.#lost;
    const { limitMs } = this.#limits;
    const leftMs = limitMs - (performance.now() - this.#began);
    if (leftMs <= 0) throw new QueryTooSlowError(limitMs);
    const id = (this.#statement += 1);
    const statement = { id, read: this.#read, limitMs, leftMs, sql, parameters };
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    this.#lastSql = sql;
    this.#pending.set(id, { resolve, reject, statement });
    this.#send(statement);
    return JSON.parse(await promise) as unknown[];
  }

  /** Lets the snapshot go. */
  letGo(): void {
    if (this.isUsable) this.#send('end');
  }

  #send(message: ReaderMessage): void {
    this.#worker.postMessage(message);
  }

  #take(answer: ReaderAnswer): void {
    if (answer === 'ready') {
      this.#isStarted = true;
      this.#started.resolve(undefined);
      return;
    }
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

  /** @throws nothing: of a thread that cannot be asked, the first statement tells. */
  async #whenStarted(): Promise<void> {
    if (this.#isStarted) return;
    const { startMs } = this.#limits;
    const hung = setTimeout(() => {
      const reason = `a reader's thread has not started within ${startMs / 1_000} s`;
      this.#replace(new ReadModelsUnavailableError(this.#path, reason));
    }, startMs);
    await this.#started.promise;
    clearTimeout(hung);
  }

  /** Another thread takes its place. */
  #replace(error: Error): void {
    this.#lose(error);
    if (this.#closing === null) this.#worker.unref();
    void this.#worker.terminate();
  }

  #lose(error: Error): void {
    this.#lost ??= this.#closing ?? error;
    this.#started.resolve(undefined);
    for (const { reject } of this.#pending.values()) reject(this.#lost);
    this.#pending.clear();
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
