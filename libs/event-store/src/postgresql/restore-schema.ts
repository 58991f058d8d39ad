import type { Pool } from 'pg';
import { StoreUnavailableError } from '#event-sourcing/errors';
import type { PostgresqlAddress } from '#postgresql/address';
import { openPool, TIMEOUTS } from '#postgresql/pool';
import { lockSql } from './schema.ts';
import { withStoreErrors } from './unavailable.ts';

/** Returns the address of the schema in which a restored store is built. */
export const restoringAddress = (address: PostgresqlAddress): PostgresqlAddress => ({
  ...address,
  schema: `${address.schema}_restoring`,
});

/** Drops the schema of an unfinished restore. */
export const dropRestoring = (address: PostgresqlAddress): Promise<void> =>
  withPool(address, async (pool) => {
    await pool.query(`DROP SCHEMA IF EXISTS "${restoringAddress(address).schema}" CASCADE`);
  });

/**
 * Renames the restored schema to its final name in one transaction.
 * @throws StoreUnavailableError if a store exists there already.
 */
export const finishRestore = (address: PostgresqlAddress): Promise<void> =>
  withPool(address, async (pool) => {
    const { schema } = address;
    const restoring = restoringAddress(address).schema;
    const client = await pool.connect();
    try {
      await client.query('BEGIN');
      // A process that creates a store there waits for the lock, and then finds this one.
      await client.query(lockSql(schema));
      const tables = (name: string) =>
        client.query<{ tablename: string }>('SELECT tablename FROM pg_tables WHERE schemaname = $1', [name]);
      if ((await tables(schema)).rows.length > 0) {
        throw new StoreUnavailableError(`another process created something at ${address.shown} meanwhile`);
      }
      const found = await client.query('SELECT FROM pg_namespace WHERE nspname = $1', [schema]);
      if (found.rowCount === 0) await client.query(`CREATE SCHEMA "${schema}"`);
      for (const { tablename } of (await tables(restoring)).rows) {
        await client.query(`ALTER TABLE "${restoring}"."${tablename}" SET SCHEMA "${schema}"`);
      }
      await client.query(`DROP SCHEMA "${restoring}"`);
      await client.query('COMMIT');
      client.release();
    } catch (error) {
      client.release(true);
      throw error;
    }
  });

async function withPool(address: PostgresqlAddress, action: (pool: Pool) => Promise<void>): Promise<void> {
  const pool = openPool(address, { max: 1, pipeline: false }, TIMEOUTS);
  try {
    await withStoreErrors(address, () => action(pool));
  } finally {
    await pool.end();
  }
}
