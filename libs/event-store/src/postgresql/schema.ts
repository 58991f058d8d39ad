import type { Pool } from 'pg';
import { StoreMissingError, StoreUnavailableError } from '#event-sourcing/errors';
import type { PostgresqlAddress } from '#postgresql/address';
import { openVersionedSchema, SchemaError, transactionLockSql } from '#postgresql/versioned-schema';
import { unavailable } from './unavailable.ts';

/** Returns the SQL that acquires the store's only lock until the transaction ends, for appends and for the creation of the tables. */
export const lockSql = (schema: string): string => transactionLockSql('DOCK', schema);

// `envelope` is the sealed event; the other columns serve indexes. A stream's name is stored as bytes, because a text
// cannot contain every character, and found by its digest, because the length of index rows is limited. `command_id` is
// set only for commands with an Idempotency-Key.
const VERSION = 2;
const tables = (schema: string) => `
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
    );`;

/**
 * Checks that the schema contains a store of this version; creates a missing one if `create` is true.
 * @throws StoreMissingError
 * @throws StoreUnavailableError for a server or a schema that cannot be used.
 */
export async function openSchema(pool: Pool, address: PostgresqlAddress, create: boolean): Promise<void> {
  const definition = {
    what: 'event store',
    versions: 'event_store_versions',
    known: 'events',
    version: VERSION,
    tables,
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
