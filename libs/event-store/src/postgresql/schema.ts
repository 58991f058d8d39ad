import type { Pool, PoolClient } from 'pg';
import { StoreMissingError, StoreUnavailableError } from '../../../event-sourcing/src/errors.ts';
import type { PostgresqlAddress } from './address.ts';
import { asking } from './connections.ts';

/** PostgreSQL 15, as `server_version_num` counts. */
const SERVER_VERSION_MIN = 150_000;

/** `DOCK` in ASCII: keeps our advisory locks from those of other applications in the database. */
const LOCK_CLASS = 0x444f434b;

/** Takes the store's one lock until the transaction ends: for appends, and for migrations. */
export const lockSql = (schema: string): string =>
  `SELECT pg_advisory_xact_lock(${LOCK_CLASS}, hashtext('${schema}'))`;

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
    CREATE INDEX events_by_command ON "${schema}".events (command_id) WHERE command_id IS NOT NULL;`,
];
export const SCHEMA_VERSION = MIGRATIONS.length;

/**
 * Sees that the schema holds a store that this version reads; makes or migrates it where `create` is asked for.
 * @throws StoreMissingError, or StoreUnavailableError for a server or a schema that cannot be used.
 */
export async function openSchema(pool: Pool, address: PostgresqlAddress, create: boolean): Promise<void> {
  await asking(address, async () => {
    const client = await pool.connect();
    try {
      await assertServer(client, address);
      let version = await schemaVersion(client, address);
      if (create && version < SCHEMA_VERSION) version = await migrate(client, address);
      assertVersion(version, address);
      client.release();
    } catch (error) {
      // Whatever its transaction had done goes with the connection.
      client.release(true);
      throw error;
    }
  });
}

async function assertServer(client: PoolClient, { shown }: PostgresqlAddress): Promise<void> {
  const { rows } = await client.query<{ version: number; encoding: string }>(
    `SELECT current_setting('server_version_num')::int AS version, current_setting('server_encoding') AS encoding`,
  );
  const { version = 0, encoding = '' } = rows[0] ?? {};
  if (version < SERVER_VERSION_MIN) {
    throw new StoreUnavailableError(`${shown}: the server must be PostgreSQL 15 or later; it is ${version}`);
  }
  if (encoding !== 'UTF8') {
    throw new StoreUnavailableError(`${shown}: the database's encoding must be UTF8; it is ${encoding}`);
  }
}

/** The version of the tables that are there; 0 for none. */
async function schemaVersion(client: PoolClient, { schema, shown }: PostgresqlAddress): Promise<number> {
  // Asked of the catalogue's rows: its cache, which to_regclass asks, may not know yet what another starter committed.
  const { rows } = await client.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class WHERE relname IN ('event_store_versions', 'events')
       AND relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = $1)`,
    [schema],
  );
  if (rows.length === 0) return 0;
  if (!rows.some(({ name }) => name === 'event_store_versions')) {
    throw new StoreUnavailableError(`${shown}: the schema holds tables of another application`);
  }
  const found = await client.query<{ version: number | null }>(
    `SELECT max(version) AS version FROM "${schema}".event_store_versions`,
  );
  return found.rows[0]?.version ?? 0;
}

/** Takes the tables to this version. Of several that start at once one does it, and the others find it done. */
async function migrate(client: PoolClient, address: PostgresqlAddress): Promise<number> {
  const { schema } = address;
  await client.query('BEGIN');
  await client.query(lockSql(schema));
  const from = await schemaVersion(client, address);
  if (from === 0) {
    // Asked first: who may not make a schema may still be given one.
    const found = await client.query('SELECT FROM pg_namespace WHERE nspname = $1', [schema]);
    if (found.rowCount === 0) await client.query(`CREATE SCHEMA "${schema}"`);
    await client.query(
      `CREATE TABLE IF NOT EXISTS "${schema}".event_store_versions (version integer PRIMARY KEY, made timestamptz NOT NULL)`,
    );
  }
  for (const [index, sql] of MIGRATIONS.entries()) {
    if (index < from) continue;
    await client.query(sql(schema));
    await client.query(`INSERT INTO "${schema}".event_store_versions VALUES ($1, now())`, [index + 1]);
  }
  await client.query('COMMIT');
  return Math.max(from, SCHEMA_VERSION);
}

function assertVersion(version: number, { shown }: PostgresqlAddress): void {
  if (version === 0) throw new StoreMissingError(`there is no event store at ${shown}`);
  if (version > SCHEMA_VERSION) {
    throw new StoreUnavailableError(
      `${shown} was made by a newer version: its schema is ${version}, and this version reads ${SCHEMA_VERSION}`,
    );
  }
  if (version < SCHEMA_VERSION) {
    throw new StoreUnavailableError(
      `${shown} has schema ${version}, and this version reads ${SCHEMA_VERSION}; start the server, which migrates it`,
    );
  }
}
