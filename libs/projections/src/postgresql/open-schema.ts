import { types } from 'pg';
import type { CustomTypesConfig, Pool } from 'pg';
import type { PostgresqlAddress } from '#postgresql/address';
import { openPool, reasonOf, TIMEOUTS } from '#postgresql/pool';
import type { Timeouts } from '#postgresql/pool';
import { openVersionedSchema, SchemaError, transactionLockSql } from '#postgresql/versioned-schema';
import type { Declarations, SchemaDefinition } from '../schema-definition.ts';

export const DECLARATIONS: Declarations = {
  isFile: false,
  // The database's default collation may be that of a language.
  text: 'text collate "C"',
  integer: 'bigint',
  number: 'bigint generated always as identity primary key',
  strict: '',
};

/** The type id of 64-bit integers. Here these are counts, ordinals and milliseconds, which fit into a double. */
const INT8 = 20;
const parserOf = types.getTypeParser as (oid: number) => (text: string) => unknown;
const NUMBERS: CustomTypesConfig = {
  getTypeParser: (oid: number): ((text: string) => unknown) => (oid === INT8 ? Number : parserOf(oid)),
};

interface SchemaOptions {
  /** True to create missing tables. */
  readonly create: boolean;
  /** The most connections. */
  readonly max: number;
  readonly timeouts?: Timeouts;
  /** SQL that sets up each connection, in addition to the schema. */
  readonly session?: string;
}

/**
 * Opens tables in a schema of a PostgreSQL database (15 or later). Several nodes may have them open.
 * @throws SchemaError if there are none and `create` is false; otherwise the definition's `Unusable`.
 */
export async function openSchema(
  address: PostgresqlAddress,
  { what, versions, known, letters, version, tables, Unusable }: SchemaDefinition,
  { create, max, timeouts = TIMEOUTS, session = '' }: SchemaOptions,
): Promise<Pool> {
  const pool = openPool(
    address,
    {
      max,
      pipeline: false,
      onConnect: async (client) => {
        await client.query(`SET search_path TO "${address.schema}"; ${session}`);
      },
      types: NUMBERS,
    },
    timeouts,
  );
  const versioned = {
    what,
    versions,
    known,
    lock: (schema: string) => transactionLockSql(letters, schema),
    version,
    tables: () => tables(DECLARATIONS),
  };
  try {
    await openVersionedSchema(pool, address, versioned, create);
    return pool;
  } catch (error) {
    await pool.end();
    if (!(error instanceof SchemaError)) {
      throw new Unusable(address.shown, `cannot be used as ${what}: ${reasonOf(error)}`, { cause: error });
    }
    if (error.reason === 'missing' && !create) throw error;
    throw new Unusable(`The ${what}:`, error.message);
  }
}
