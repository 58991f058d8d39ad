import { DatabaseError, Pool } from 'pg';
import type { ClientBase, CustomTypesConfig } from 'pg';
import { messageOf } from '#event-sourcing/errors';
import type { PostgresqlAddress } from './address.ts';

/** How long what may hang is waited for, in milliseconds. */
export interface Timeouts {
  /** For a connection: to the server, or for one that others hold. */
  readonly connect: number;
  /** For a lock, the one of the appends among them. */
  readonly lock: number;
  /** For a statement, by the server. */
  readonly statement: number;
  /** For an answer, by us: a server that is gone without a word answers nothing. */
  readonly answer: number;
  /** After it the server ends a transaction whose process has stalled, so that others can append. */
  readonly idleInTransaction: number;
}

export const TIMEOUTS: Timeouts = {
  connect: 5_000,
  lock: 5_000,
  statement: 15_000,
  answer: 20_000,
  idleInTransaction: 10_000,
};

/** After so long without use a connection is closed. */
const UNUSED_MS_MAX = 30_000;

interface PoolShape {
  readonly max: number;
  /** Whether a connection sends a query before it has the answer to the one before. */
  readonly pipeline: boolean;
  /** Sets a new connection up before it is used. */
  readonly onConnect?: (client: ClientBase) => Promise<void>;
  /** Reads values otherwise than the driver does. */
  readonly types?: CustomTypesConfig;
}

/** Connections that are made when they are asked for, and whose waits all end. */
export function openPool(
  { connectionString }: PostgresqlAddress,
  { max, pipeline, onConnect, types }: PoolShape,
  timeouts: Timeouts,
): Pool {
  // The pool waits for it, whatever its type says.
  const setUp: object = onConnect === undefined ? {} : { onConnect };
  const pool = new Pool({
    connectionString,
    max,
    pipeline,
    application_name: 'docket',
    keepAlive: true,
    connectionTimeoutMillis: timeouts.connect,
    idleTimeoutMillis: UNUSED_MS_MAX,
    statement_timeout: timeouts.statement,
    lock_timeout: timeouts.lock,
    query_timeout: timeouts.answer,
    idle_in_transaction_session_timeout: timeouts.idleInTransaction,
    ...setUp,
    ...(types && { types }),
  });
  // A connection that breaks while nobody uses it is replaced when somebody does. One that is in use fails its query, and
  // tells of it besides: unheard, that would end the process.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

/** Data exceptions, violated constraints, program limits, and what a trigger raised. */
const OF_ONE_REQUEST = /^(?:22|23|54|P0)/;

/** Whether an error is about the rows of a request, so that the same server takes others. */
export const concernsRequest = (error: unknown): boolean =>
  error instanceof DatabaseError && OF_ONE_REQUEST.test(error.code ?? '');

/** What an error says. */
export function reasonOf(error: unknown): string {
  // A name with several addresses fails with an error for each, and no message of its own.
  if (error instanceof AggregateError && error.message === '') return error.errors.map(reasonOf).join('; ');
  return messageOf(error);
}
