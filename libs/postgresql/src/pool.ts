import { DatabaseError, Pool } from 'pg';
import type { ClientBase, CustomTypesConfig } from 'pg';
import { messageOf } from '#event-sourcing/errors';
import type { PostgresqlAddress } from './address.ts';

/** Timeouts in milliseconds. */
export interface Timeouts {
  /** For a connection: to the server, or from a pool whose connections are all in use. */
  readonly connect: number;
  /** For a lock, including the one of appends. */
  readonly lock: number;
  /** For a statement, on the server. */
  readonly statement: number;
  /** The client-side timeout for a response, because a server that has gone away sends none. */
  readonly answer: number;
  /** After it the server ends a stalled process's transaction, so that others can append. */
  readonly idleInTransaction: number;
}

export const TIMEOUTS: Timeouts = {
  connect: 5_000,
  lock: 5_000,
  statement: 15_000,
  answer: 20_000,
  idleInTransaction: 10_000,
};

/** How long an unused connection stays open. */
const UNUSED_MS_MAX = 30_000;

interface PoolShape {
  readonly max: number;
  /** Whether a connection sends a query before the previous one's response. */
  readonly pipeline: boolean;
  /** Prepares a new connection before use. */
  readonly onConnect?: (client: ClientBase) => Promise<void>;
  /** Overrides the driver's parsing of values. */
  readonly types?: CustomTypesConfig;
}

/** Returns a pool that connects on demand, and whose waits all have timeouts. */
export function openPool(
  { connectionString }: PostgresqlAddress,
  { max, pipeline, onConnect, types }: PoolShape,
  timeouts: Timeouts,
): Pool {
  // The pool awaits it, whatever its type says.
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
  // An idle connection that breaks is replaced on the next use. One in use fails its query and also emits this event,
  // which would end the process without a listener.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

/** Data exceptions, violated constraints, program limits, and errors that a trigger raises. */
const OF_ONE_REQUEST = /^(?:22|23|54|P0)/;

/** Whether an error concerns only the request's data, so that the server still accepts others. */
export const concernsRequest = (error: unknown): boolean =>
  error instanceof DatabaseError && OF_ONE_REQUEST.test(error.code ?? '');

/** Returns an error's reason. */
export function reasonOf(error: unknown): string {
  // A name with several addresses fails with an error for each, and no message of its own.
  if (error instanceof AggregateError && error.message === '') return error.errors.map(reasonOf).join('; ');
  return messageOf(error);
}
