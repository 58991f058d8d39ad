import type { PostgresPool, PostgresPoolClient, PostgresQueryResult } from 'kysely';
import { DatabaseError } from 'pg';
import type { Pool, PoolClient } from 'pg';
import { systemClock } from '#event-sourcing/clock';
import { concernsRequest, reasonOf } from '#postgresql/pool';
import { abandonSignal, QueryTooSlowError, ReadAbandonedError } from '../limited-reads.ts';
import type { SchemaDefinition } from '../schema-definition.ts';

/** The code of a statement that the server cancelled at its time limit. */
const QUERY_CANCELED = '57014';
/** The decrease of a read's remaining time, in milliseconds, after which the server's limit is set again. */
const STALE_LIMIT_MS_MAX = 100;

/** The codes of errors of the statement or of corrupt data, which a retry cannot fix. */
const OF_THE_STATEMENT = /^(?:0A|42(?!501)|XX)/;

/** A server's name for messages, and its error class for temporary failures. */
export interface Server extends Pick<SchemaDefinition, 'Unavailable'> {
  readonly shown: string;
}

/**
 * Returns an error for callers: the server's `Unavailable` for a lost connection, a lock timeout, a full disk and the
 * like.
 */
export function toServerError({ shown, Unavailable }: Server, error: unknown): Error {
  if (error instanceof Unavailable) return error;
  if (error instanceof DatabaseError) {
    if (concernsRequest(error) || OF_THE_STATEMENT.test(error.code ?? '')) return error;
  }
  return new Unavailable(shown, reasonOf(error), { cause: error });
}

interface PoolUse {
  /** The time limit of a transaction; null for none. */
  readonly limitMs: number | null;
  /** The schemas in which tables are found, in this order; null for any that were set before. */
  readonly schemas: readonly string[] | null;
  /** Whether Kysely ends the pool. */
  readonly isOwned: boolean;
}

/** The schemas that are set on connections. */
const schemasOn = new WeakMap<PoolClient, string>();

async function setSchemas(client: PoolClient, schemas: PoolUse['schemas']): Promise<void> {
  const path = schemas?.map((schema) => `"${schema}"`).join(', ');
  if (path === undefined || schemasOn.get(client) === path) return;
  try {
    await client.query(`SET search_path TO ${path}`);
    schemasOn.set(client, path);
  } catch (error) {
    client.release(true);
    throw error;
  }
}

/**
 * Returns the pool in the form that Kysely needs. Every text can be stored and is read back unchanged; errors are
 * converted.
 */
export function kyselyPool(
  pool: Pool,
  server: Server,
  { limitMs, schemas, isOwned }: PoolUse = { limitMs: null, schemas: null, isOwned: true },
): PostgresPool {
  // Kysely identifies a connection by its client.
  const known = new WeakMap<PoolClient, ConvertingClient>();
  return {
    options: pool.options,
    async connect() {
      const client = await pool.connect().catch((error: unknown) => {
        throw toServerError(server, error);
      });
      await setSchemas(client, schemas).catch((error: unknown) => {
        throw toServerError(server, error);
      });
      const connection = known.get(client) ?? new ConvertingClient(client, pool, server, limitMs);
      known.set(client, connection);
      return connection;
    },
    // If several wrappers share a pool, only one may end it.
    end: () => (isOwned ? pool.end() : Promise.resolve()),
  };
}

const BEGINS = /^start transaction/;
const ENDS = /^(?:commit|rollback)/;

/** Statements that set or reset the time limit of the following ones. */
const SETS_TIMEOUT = /^set (?:local )?statement_timeout = (\d+)$/;
const RESETS_TIMEOUT = /^(?:commit|rollback(?! to)|reset statement_timeout)/;
/** The time to wait for a response after the server's own limit, in milliseconds. */
const ANSWER_LATE_MS = 5_000;

const endedAfter = (milliseconds: number): string =>
  `set local statement_timeout = ${Math.max(1, Math.ceil(milliseconds))}`;

/** Cancels the statement of another connection. Never throws: a statement that is not cancelled ends at its limit. */
async function cancel(other: PoolClient, pid: unknown): Promise<void> {
  try {
    await other.query('select pg_cancel_backend($1)', [pid]);
    other.release();
  } catch {
    other.release(true);
  }
}

class ConvertingClient implements PostgresPoolClient {
  readonly #client: PoolClient;
  readonly #pool: Pool;
  readonly #server: Server;
  readonly #limitMs: number | null;
  #began = 0;
  /** The server's process id. `processID` is that of another process behind a pooler. */
  #pid: unknown;
  /** The error that broke the connection, which must not be used again. */
  #broken: Error | undefined;
  /** The time limit for a response, if it is longer than the default. */
  #answerMsMax: number | undefined;

  constructor(client: PoolClient, pool: Pool, server: Server, limitMs: number | null) {
    this.#client = client;
    this.#pool = pool;
    this.#server = server;
    this.#limitMs = limitMs;
  }

  query(text: unknown, parameters: readonly unknown[] = []): never {
    return this.#limited(String(text), parameters) as never;
  }

  release(destroy?: boolean): void {
    this.#client.release(destroy === true || this.#broken !== undefined);
  }

  async #limited(text: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<unknown>> {
    const limitMs = this.#limitMs;
    if (limitMs === null || ENDS.test(text)) return this.#query(text, parameters);
    if (abandonSignal()?.aborted === true) throw new ReadAbandonedError();
    try {
      if (BEGINS.test(text)) {
        this.#pid ??= (await this.#query('select pg_backend_pid() as pid', [])).rows[0]?.pid;
        this.#began = systemClock.elapsed();
        return await this.#query(`${text}; ${endedAfter(limitMs)}`, []);
      }
      const gone = systemClock.elapsed() - this.#began;
      if (gone >= limitMs) throw new QueryTooSlowError(limitMs);
      if (gone > STALE_LIMIT_MS_MAX) await this.#query(endedAfter(limitMs - gone), []);
      return await this.#whileWanted(() => this.#query(text, parameters));
    } catch (error) {
      const { cause } = error as Error;
      if (!(cause instanceof DatabaseError) || cause.code !== QUERY_CANCELED) throw error;
      throw new QueryTooSlowError(limitMs, { cause });
    }
  }

  /**
   * Runs a statement, and cancels it when the caller no longer waits. If cancelling fails, the statement ends at its
   * limit.
   */
  async #whileWanted<Result>(run: () => Promise<Result>): Promise<Result> {
    const signal = abandonSignal();
    if (signal === undefined) return run();
    let isOver = false;
    let cancelled: Promise<void> | undefined;
    const abandon = (): void => {
      const unheard = (): undefined => undefined;
      void this.#pool.connect().then((other) => {
        if (isOver) other.release();
        else cancelled = cancel(other, this.#pid);
      }, unheard);
    };
    signal.addEventListener('abort', abandon, { once: true });
    const answer = run();
    await answer.catch(() => undefined);
    isOver = true;
    signal.removeEventListener('abort', abandon);
    if (!signal.aborted) return answer;
    await cancelled;
    // A late cancellation must not affect another read, so the connection is not reused.
    this.#broken ??= new ReadAbandonedError();
    throw new ReadAbandonedError();
  }

  async #query(
    text: string,
    parameters: readonly unknown[],
  ): Promise<PostgresQueryResult<Record<string, unknown>>> {
    if (this.#broken !== undefined) throw this.#broken;
    try {
      const answer = await this.#client.query<Record<string, unknown>>({
        text,
        values: parameters.map(toStorable),
        ...(this.#answerMsMax !== undefined && { query_timeout: this.#answerMsMax }),
      });
      const allowedMs = SETS_TIMEOUT.exec(text)?.[1];
      const answerMs = Number(allowedMs) + ANSWER_LATE_MS;
      if (answerMs > (this.#pool.options.query_timeout ?? 0)) this.#answerMsMax = answerMs;
      else if (RESETS_TIMEOUT.test(text)) this.#answerMsMax = undefined;
      // Several statements return several results.
      const { command, rowCount, rows } = [answer].flat().at(-1) as typeof answer;
      for (const row of rows) for (const name in row) row[name] = fromStorable(row[name]);
      return {
        command: command as PostgresQueryResult<unknown>['command'],
        rowCount: rowCount ?? 0,
        rows,
      };
    } catch (error) {
      const reason = toServerError(this.#server, error);
      // Without a response from the server, the statement may still be running.
      if (!(error instanceof DatabaseError)) this.#broken = reason;
      throw reason;
    }
  }
}

/*
 * PostgreSQL stores every character except U+0000. This one and U+0001 are each written as two characters, so that
 * texts are read back unchanged, with the same order and equality.
 */
const NUL = '\x01\x01';
const ONE = '\x01\x02';

/** Returns a text, or the texts of a list, in the form in which they are stored; any other value unchanged. */
function toStorable(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll('\x01', ONE).replaceAll('\0', NUL);
  return Array.isArray(value) ? value.map(toStorable) : value;
}

/** Returns a stored text in its original form; any other value unchanged. */
function fromStorable(value: unknown): unknown {
  if (typeof value !== 'string' || !value.includes('\x01')) return value;
  return value.replaceAll(NUL, '\0').replaceAll(ONE, '\x01');
}
