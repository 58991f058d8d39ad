import { ifMade } from './databases.ts';
import type { DatabaseAddress } from './database-address.ts';
import { READ_MS_MAX } from './limited-reads.ts';
import { openPostgresqlReadModels } from './postgresql/open-read-models.ts';
import { TIMEOUTS } from '#postgresql/pool';
import type { ReadModelDatabase } from './read-model-database.ts';
import { openSqliteReadModels } from './sqlite/open-read-models.ts';

/**
 * Opens the read models at an address, made where they are missing. Any number of threads and processes may have them
 * open, and on a server any number of nodes.
 * @param onWarning is told of what they go on in spite of.
 * @throws ReadModelDatabaseError when what is there is something else, or cannot be used.
 */
export async function openReadModels(
  address: DatabaseAddress,
  onWarning?: (message: string) => void,
  { create } = { create: true },
): Promise<ReadModelDatabase> {
  switch (address.kind) {
    case 'sqlite':
      return openSqliteReadModels(address.path, {}, onWarning);
    case 'postgresql':
      return openPostgresqlReadModels(address, TIMEOUTS, READ_MS_MAX, create);
    case 'memory':
      return openSqliteReadModels(':memory:');
  }
}

/**
 * Opens the read models at an address where there are some: null where nobody has made any.
 * @throws ReadModelDatabaseError when what is there is something else, or cannot be used.
 */
export const openReadModelsIfMade = (address: DatabaseAddress): Promise<ReadModelDatabase | null> =>
  ifMade(address, (options) => openReadModels(address, undefined, options));
