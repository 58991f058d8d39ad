import { DatabaseError, Pool } from 'pg';
import type { ClientBase, CustomTypesConfig } from 'pg';
import { messageOf } from '#event-sourcing/errors';
import type { PostgresqlAddress } from './address.ts';

/** Timeouts in milliseconds. */
export interface Timeouts {
  /** The timeout for a connection: to the server, or from a pool whose connections are all in use. */
  readonly connect: number;
  /** The timeout for a lock, including the one of appends. */
  readonly lock: number;
  /** The timeout for a statement, on the server. */
  readonly statement: number;
  /** The client's timeout for a response, because a lost server sends none. */
  readonly answer: number;
  /** The timeout after which the server ends a stalled process's transaction, so that others can append. */
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
  /** Whether a connection sends a query before the response to the previous one. */
  readonly pipeline: boolean;
  /** Prepares a new connection before use. */
  readonly onConnect?: (client: ClientBase) => Promise<void>;
  /** Overrides the driver's parsing of values. */
  readonly types?: CustomTypesConfig;
}

/** Returns a pool that connects on demand. All its waits have timeouts. */
export function openPool(
  { connectionString }: PostgresqlAddress,
  { max, pipeline, onConnect, types }: PoolShape,
  timeouts: Timeouts,
): Pool {
  // The pool awaits it, although its type does not say so.
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
  // The pool replaces a broken idle connection on the next use. A broken connection in use fails its query
  // and also emits this event, which would end the process without a listener.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

/** The classes of data exceptions, violated constraints, program limits, and errors that a trigger raises. */
const OF_ONE_REQUEST = /^(?:22|23|54|P0)/;

/** Reports whether an error concerns only the request's data, so that the server still accepts others. */
export const concernsRequest = (error: unknown): boolean =>
  error instanceof DatabaseError && OF_ONE_REQUEST.test(error.code ?? '');

/** Returns the reason in an error. */
export function reasonOf(error: unknown): string {
  // A host name with several addresses fails with one error for each, without a message of its own.
  if (error instanceof AggregateError && error.message === '') return error.errors.map(reasonOf).join('; ');
  return messageOf(error);
}
