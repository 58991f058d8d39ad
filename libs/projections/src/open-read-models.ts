import { existsSync } from 'node:fs';
import { READ_MS_MAX } from './limited-reads.ts';
import { openPostgresqlReadModels } from './postgresql/open-read-models.ts';
import { ifMade } from './postgresql/open-schema.ts';
import { TIMEOUTS } from '#postgresql/pool';
import type { PostgresqlAddress } from '#postgresql/address';
import type { ReadModelDatabase } from './read-model-database.ts';
import { openSqliteReadModels } from './sqlite/open-read-models.ts';

/** Where read models are: in a file of this machine, on a server that several nodes share, or gone with the process. */
export type ReadModelAddress =
  | { readonly kind: 'sqlite'; readonly path: string }
  | ({ readonly kind: 'postgresql' } & PostgresqlAddress)
  | { readonly kind: 'memory' };

/**
 * Opens the read models at an address, made where they are missing. Any number of threads and processes may have them
 * open, and on a server any number of nodes.
 * @param onWarning is told of what they go on in spite of.
 * @throws ReadModelDatabaseError when what is there is something else, or cannot be used.
 */
export async function openReadModels(
  address: ReadModelAddress,
  onWarning?: (message: string) => void,
): Promise<ReadModelDatabase> {
  switch (address.kind) {
    case 'sqlite':
      return openSqliteReadModels(address.path, {}, onWarning);
    case 'postgresql':
      return openPostgresqlReadModels(address);
    case 'memory':
      return openSqliteReadModels(':memory:');
  }
}

/**
 * Opens the read models at an address where there are some: null where nobody has made any.
 * @throws ReadModelDatabaseError when what is there is something else, or cannot be used.
 */
export async function openReadModelsIfMade(address: ReadModelAddress): Promise<ReadModelDatabase | null> {
  switch (address.kind) {
    case 'sqlite':
      return existsSync(address.path) ? openSqliteReadModels(address.path) : null;
    case 'postgresql':
      return ifMade(openPostgresqlReadModels(address, TIMEOUTS, READ_MS_MAX, false));
    case 'memory':
      return null;
  }
}
