import { DatabaseError } from 'pg';
import { EventStoreError, StoreDamagedError, StoreUnavailableError } from '#event-sourcing/errors';
import type { PostgresqlAddress } from '#postgresql/address';
import { concernsRequest, reasonOf } from '#postgresql/pool';

/** PostgreSQL's codes for damaged pages of tables and indexes. */
const DAMAGE = ['XX001', 'XX002'];

const isDamage = (error: unknown): boolean =>
  error instanceof DatabaseError && DAMAGE.includes(error.code ?? '');

/** Returns the error for a lost server, a refused login or a lock timeout. It names the store. */
export function unavailable(address: PostgresqlAddress, error: unknown, what = 'cannot be used'): Error {
  if (error instanceof EventStoreError) return error;
  if (isDamage(error)) {
    const nowhere = { position: null, streamId: null, version: null };
    return new StoreDamagedError(nowhere, `${address.shown} says: ${reasonOf(error)}`, { cause: error });
  }
  return new StoreUnavailableError(`${address.shown} ${what}: ${reasonOf(error)}`, { cause: error });
}

/**
 * Runs a request to the server.
 * @throws StoreUnavailableError unless the request itself is wrong.
 */
export async function withStoreErrors<T>(address: PostgresqlAddress, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw concernsRequest(error) ? error : unavailable(address, error);
  }
}
