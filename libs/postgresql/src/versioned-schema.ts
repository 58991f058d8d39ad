import type { Pool, PoolClient } from 'pg';
import type { PostgresqlAddress } from './address.ts';

/** PostgreSQL 15, in the form of `server_version_num`. */
const SERVER_VERSION_MIN = 150_000;

/** A schema with the tables of one part of Docket, and their version. */
interface VersionedSchema {
  /** The name of the tables in messages: `event store`. */
  readonly what: string;
  /** The table that contains the version of the others. */
  readonly versions: string;
  /** One of the other tables. If it exists without `versions`, the schema belongs to another application. */
  readonly known: string;
  readonly version: number;
  /** Returns the SQL that creates the tables. */
  readonly tables: (schema: string) => string;
  /** Returns the SQL that locks their creation until the transaction ends. */
  readonly lock: (schema: string) => string;
}

/** The tables are missing, or this version cannot use them. */
export class SchemaError extends Error {
  readonly reason: 'missing' | 'unusable';

  constructor(reason: 'missing' | 'unusable', message: string) {
    super(message);
    this.name = 'SchemaError';
    this.reason = reason;
  }
}

/**
 * Returns the SQL of an advisory lock until the transaction ends. The four letters distinguish our locks from those of other applications.
 */
export const transactionLockSql = (letters: string, name: string): string =>
  `SELECT pg_advisory_xact_lock(${lockClass(letters)}, hashtext('${name}'))`;

/** Returns four letters as a number, in ASCII. */
export const lockClass = (letters: string): number => Buffer.from(letters, 'ascii').readInt32BE();

/**
 * Checks that a schema contains tables of this version. Creates missing ones if `create` is true.
 * @throws SchemaError, and errors of the driver.
 */
export async function openVersionedSchema(
  pool: Pool,
  address: PostgresqlAddress,
  definition: VersionedSchema,
  create: boolean,
): Promise<void> {
  const client = await pool.connect();
  try {
    await assertServer(client, address);
    let version = await schemaVersion(client, address, definition);
    if (create && version === 0) version = await createTables(client, address, definition);
    assertVersion(version, address, definition);
    client.release();
  } catch (error) {
    // Closing the connection rolls back an open transaction.
    client.release(true);
    throw error;
  }
}

async function assertServer(client: PoolClient, { shown }: PostgresqlAddress): Promise<void> {
  const { rows } = await client.query<{ version: number; encoding: string }>(
    `SELECT current_setting('server_version_num')::int AS version, current_setting('server_encoding') AS encoding`,
  );
  const { version = 0, encoding = '' } = rows[0] ?? {};
  if (version < SERVER_VERSION_MIN) {
    throw new SchemaError(
      'unusable',
      `${shown}: the server must be PostgreSQL 15 or later; it is ${version}`,
    );
  }
  if (encoding !== 'UTF8') {
    throw new SchemaError('unusable', `${shown}: the database's encoding must be UTF8; it is ${encoding}`);
  }
}

/** Returns the version of the tables; 0 if there are none. */
async function schemaVersion(
  client: PoolClient,
  { schema, shown }: PostgresqlAddress,
  { versions, known }: VersionedSchema,
): Promise<number> {
  // Reads the catalogue's rows, because `to_regclass` uses a cache, which may lack the tables of a concurrent start.
  const { rows } = await client.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class WHERE relname IN ($2, $3)
       AND relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = $1)`,
    [schema, versions, known],
  );
  if (rows.length === 0) return 0;
  if (!rows.some(({ name }) => name === versions)) {
    throw new SchemaError('unusable', `${shown}: the schema contains tables of another application`);
  }
  const result = await client.query<{ version: number | null }>(
    `SELECT max(version) AS version FROM "${schema}".${versions}`,
  );
  return result.rows[0]?.version ?? 0;
}

/** Creates the tables, and returns their version. Of several concurrent starts, one creates them and the others find the result. */
async function createTables(
  client: PoolClient,
  address: PostgresqlAddress,
  definition: VersionedSchema,
): Promise<number> {
  const { schema } = address;
  const { versions, version, tables, lock } = definition;
  await client.query('BEGIN');
  await client.query(lock(schema));
  const existing = await schemaVersion(client, address, definition);
  if (existing === 0) {
    // Checked first, because a user without the right to create schemas may use an existing one.
    const found = await client.query('SELECT FROM pg_namespace WHERE nspname = $1', [schema]);
    if (found.rowCount === 0) await client.query(`CREATE SCHEMA "${schema}"`);
    await client.query(
      `CREATE TABLE IF NOT EXISTS "${schema}".${versions} (version integer PRIMARY KEY, made timestamptz NOT NULL)`,
    );
    await client.query(tables(schema));
    await client.query(`INSERT INTO "${schema}".${versions} VALUES ($1, now())`, [version]);
  }
  await client.query('COMMIT');
  return existing === 0 ? version : existing;
}

function assertVersion(
  version: number,
  { shown }: PostgresqlAddress,
  { what, version: own }: VersionedSchema,
): void {
  if (version === 0) throw new SchemaError('missing', `there is no ${what} at ${shown}`);
  if (version !== own)
    throw new SchemaError(
      'unusable',
      `${shown} was created by another build of Docket: its schema is ${version}, and this build reads ${own}; use that build`,
    );
}
