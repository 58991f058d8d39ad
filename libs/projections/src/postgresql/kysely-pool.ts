import type { PostgresPool, PostgresPoolClient, PostgresQueryResult } from 'kysely';
import { DatabaseError } from 'pg';
import type { Pool, PoolClient } from 'pg';
import { systemClock } from '#event-sourcing/clock';
import { concernsRequest, reasonOf } from '#postgresql/pool';
import { giveUpSignal, QueryTooSlowError, ReadAbandonedError } from '../limited-reads.ts';
import type { SchemaDefinition } from '../schema-definition.ts';
import { fromStorable, toStorable } from './storable-text.ts';

/** The server has ended a statement, for it took too long. */
const QUERY_CANCELED = '57014';
/** So much may be gone of a read's time before the server is told anew what is left. */
const UNTOLD_MS_MAX = 100;

/** A statement that is wrong for this server or its tables, and broken data: no other moment makes it right. */
const OF_THE_STATEMENT = /^(?:0A|42(?!501)|XX)/;

/** A server, as people may see it, and the error for what it cannot do now. */
export interface Server extends Pick<SchemaDefinition, 'Unavailable'> {
  readonly shown: string;
}

/** What went wrong, as callers are told: a lost server, a lock that is not to be had, a full disk, … is trouble. */
export function told({ shown, Unavailable }: Server, error: unknown): Error {
  if (error instanceof Unavailable) return error;
  if (error instanceof DatabaseError) {
    if (concernsRequest(error) || OF_THE_STATEMENT.test(error.code ?? '')) return error;
  }
  return new Unavailable(shown, reasonOf(error), { cause: error });
}

/**
 * The pool as Kysely asks it: every text can be stored, and comes back as it was; errors say whether it is trouble.
 * @param limitMs how long a transaction may take; null for any time.
 */
export function kyselyPool(pool: Pool, server: Server, limitMs: number | null = null): PostgresPool {
  // Kysely knows a connection by its client.
  const known = new WeakMap<PoolClient, TellingClient>();
  return {
    options: pool.options,
    async connect() {
      const client = await pool.connect().catch((error: unknown) => {
        throw told(server, error);
      });
      const connection = known.get(client) ?? new TellingClient(client, pool, server, limitMs);
      known.set(client, connection);
      return connection;
    },
    // Of several on one pool each would end it.
    end: () => (limitMs === null ? pool.end() : Promise.resolve()),
  };
}

const BEGINS = /^start transaction/;
const ENDS = /^(?:commit|rollback)/;

/** What gives the statements behind it more time, or takes it back. */
const GIVES_TIME = /^set (?:local )?statement_timeout = (\d+)$/;
const TAKES_BACK = /^(?:commit|rollback(?! to)|reset statement_timeout)/;
/** How much longer than the server may take its answer is waited for. */
const ANSWER_LATE_MS = 5_000;

const endedAfter = (milliseconds: number): string =>
  `set local statement_timeout = ${Math.max(1, Math.ceil(milliseconds))}`;

/** @throws nothing: a statement that is not ended so has its limit. */
async function cancel(other: PoolClient, pid: unknown): Promise<void> {
  try {
    await other.query('select pg_cancel_backend($1)', [pid]);
    other.release();
  } catch {
    other.release(true);
  }
}

class TellingClient implements PostgresPoolClient {
  readonly #client: PoolClient;
  readonly #pool: Pool;
  readonly #server: Server;
  readonly #limitMs: number | null;
  #began = 0;
  /** The server's process; not `processID`, which is another's where a pooler lies between. */
  #pid: unknown;
  /** What the connection broke at; nothing may be asked on it any more. */
  #broken: Error | undefined;
  /** How long an answer is waited for, where that is longer than otherwise. */
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
    if (giveUpSignal()?.aborted === true) throw new ReadAbandonedError();
    try {
      if (BEGINS.test(text)) {
        this.#pid ??= (await this.#query('select pg_backend_pid() as pid', [])).rows[0]?.pid;
        this.#began = systemClock.elapsed();
        return await this.#query(`${text}; ${endedAfter(limitMs)}`, []);
      }
      const gone = systemClock.elapsed() - this.#began;
      if (gone >= limitMs) throw new QueryTooSlowError(limitMs);
      if (gone > UNTOLD_MS_MAX) await this.#query(endedAfter(limitMs - gone), []);
      return await this.#whileWanted(() => this.#query(text, parameters));
    } catch (error) {
      const { cause } = error as Error;
      if (!(cause instanceof DatabaseError) || cause.code !== QUERY_CANCELED) throw error;
      throw new QueryTooSlowError(limitMs, { cause });
    }
  }

  /** The server ends a statement for which nobody waits any more; where it cannot be told, its limit does. */
  async #whileWanted<Result>(ask: () => Promise<Result>): Promise<Result> {
    const signal = giveUpSignal();
    if (signal === undefined) return ask();
    let isOver = false;
    let cancelled: Promise<void> | undefined;
    const giveUp = (): void => {
      const unheard = (): undefined => undefined;
      void this.#pool.connect().then((other) => {
        if (isOver) other.release();
        else cancelled = cancel(other, this.#pid);
      }, unheard);
    };
    signal.addEventListener('abort', giveUp, { once: true });
    const answer = ask();
    await answer.catch(() => undefined);
    isOver = true;
    signal.removeEventListener('abort', giveUp);
    if (!signal.aborted) return answer;
    await cancelled;
    // What comes too late meets no other read: the connection is not used again.
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
      const given = GIVES_TIME.exec(text)?.[1];
      const answerMs = Number(given) + ANSWER_LATE_MS;
      if (answerMs > (this.#pool.options.query_timeout ?? 0)) this.#answerMsMax = answerMs;
      else if (TAKES_BACK.test(text)) this.#answerMsMax = undefined;
      // Of several statements there are several answers.
      const { command, rowCount, rows } = [answer].flat().at(-1) as typeof answer;
      for (const row of rows) for (const name in row) row[name] = fromStorable(row[name]);
      return {
        command: command as PostgresQueryResult<unknown>['command'],
        rowCount: rowCount ?? 0,
        rows,
      };
    } catch (error) {
      const reason = told(this.#server, error);
      // After anything but the server's answer it may still be at the statement.
      if (!(error instanceof DatabaseError)) this.#broken = reason;
      throw reason;
    }
  }
}
