import { statSync } from 'node:fs';
import { PostgresDialect } from 'kysely';
import type { Dialect } from 'kysely';
import { SchemaError } from '#postgresql/versioned-schema';
import type { DatabaseAddress } from './database-address.ts';
import { kyselyPool } from './postgresql/kysely-pool.ts';
import { openSchema } from './postgresql/open-schema.ts';
import type { SchemaDefinition } from './schema-definition.ts';
import { FileDialect, openFile } from './sqlite/connection.ts';

/** Opens a database; returns null if nothing exists at the address. */
export async function ifMade<Opened>(
  address: DatabaseAddress,
  open: (options: { readonly create: boolean }) => Promise<Opened>,
): Promise<Opened | null> {
  if (address.kind === 'memory') return null;
  if (address.kind === 'sqlite') {
    return hasFile(address.path) ? open({ create: true }) : null;
  }
  try {
    return await open({ create: false });
  } catch (error) {
    if (error instanceof SchemaError) return null;
    throw error;
  }
}

function hasFile(path: string): boolean {
  try {
    return (statSync(path, { throwIfNoEntry: false })?.size ?? 0) > 0;
  } catch {
    // If the path cannot be checked, opening it reports the error.
    return true;
  }
}

/** The opened tables of a schema definition. */
interface OpenTables {
  readonly dialect: Dialect;
  /** Closes the connection. Kysely does not close one that it never used. */
  readonly end: () => void | Promise<void>;
}

const CONNECTIONS_MAX = 4;

/**
 * Opens tables at an address. Several processes may have them open.
 * @throws SchemaError if a server has no tables and `create` is false; otherwise the definition's `Unusable`.
 */
export async function openTables(
  address: DatabaseAddress,
  definition: SchemaDefinition,
  { create }: { readonly create: boolean },
): Promise<OpenTables> {
  if (address.kind !== 'postgresql') {
    const connection = openFile(address.kind === 'memory' ? ':memory:' : address.path, definition);
    return {
      dialect: new FileDialect(connection),
      end() {
        connection.close();
      },
    };
  }
  const pool = await openSchema(address, definition, { create, max: CONNECTIONS_MAX });
  const { Unavailable } = definition;
  return {
    dialect: new PostgresDialect({ pool: kyselyPool(pool, { shown: address.shown, Unavailable }) }),
    async end() {
      if (!pool.ending) await pool.end();
    },
  };
}
