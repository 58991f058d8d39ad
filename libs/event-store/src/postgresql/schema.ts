import type { Pool } from 'pg';
import { StoreMissingError, StoreUnavailableError } from '#event-sourcing/errors';
import type { PostgresqlAddress } from '#postgresql/address';
import { openVersionedSchema, SchemaError, transactionLockSql } from '#postgresql/versioned-schema';
import { unavailable } from './unavailable.ts';

/** Takes the store's one lock until the transaction ends: for appends, and for migrations. */
export const lockSql = (schema: string): string => transactionLockSql('DOCK', schema);

// `envelope` is the event as it was sealed; the columns beside it are indices. A stream's name is bytes, since text
// here cannot hold every character, and found by its digest, since an index row cannot hold every length. Only commands
// with an Idempotency-Key have their id in a column.
const MIGRATIONS: readonly ((schema: string) => string)[] = [
  (schema) => `
    CREATE TABLE "${schema}".streams (
      id bigint PRIMARY KEY,
      name bytea NOT NULL
    );
    CREATE UNIQUE INDEX streams_by_name ON "${schema}".streams (sha256(name));
    CREATE TABLE "${schema}".events (
      position bigint PRIMARY KEY,
      stream bigint NOT NULL,
      version integer NOT NULL,
      command_id uuid,
      envelope text NOT NULL,
      UNIQUE (stream, version)
    );
    CREATE INDEX events_by_command ON "${schema}".events (command_id) WHERE command_id IS NOT NULL;
    -- Where the log tells of redactions.
    CREATE TABLE "${schema}".redactions (
      position bigint PRIMARY KEY
    );`,
];

/**
 * Sees that the schema holds a store that this version reads; makes or migrates it where `create` is asked for.
 * @throws StoreMissingError, or StoreUnavailableError for a server or a schema that cannot be used.
 */
export async function openSchema(pool: Pool, address: PostgresqlAddress, create: boolean): Promise<void> {
  const definition = {
    what: 'event store',
    versions: 'event_store_versions',
    known: 'events',
    migrations: MIGRATIONS,
    lock: lockSql,
  };
  try {
    await openVersionedSchema(pool, address, definition, create);
  } catch (error) {
    if (!(error instanceof SchemaError)) throw unavailable(address, error);
    const { reason, message } = error;
    throw reason === 'missing' ? new StoreMissingError(message) : new StoreUnavailableError(message);
  }
}
