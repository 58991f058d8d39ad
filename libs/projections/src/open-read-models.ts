import { ifMade } from './databases.ts';
import type { DatabaseAddress } from './database-address.ts';
import { READ_MS_MAX } from './limited-reads.ts';
import { openPostgresqlReadModels } from './postgresql/open-read-models.ts';
import { TIMEOUTS } from '#postgresql/pool';
import type { ReadModelDatabase } from './read-model-database.ts';
import { openSqliteReadModels } from './sqlite/open-read-models.ts';

/**
 * Opens the read models at an address, and creates them if they are missing. Several threads and processes and, on a
 * server, several nodes may have them open.
 * @param onWarning is called with problems that do not prevent opening.
 * @throws ReadModelDatabaseError if something else is at the address, or it cannot be used.
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
 * Opens the read models at an address; returns null if there are none.
 * @throws ReadModelDatabaseError if something else is at the address, or it cannot be used.
 */
export const openExistingReadModels = (address: DatabaseAddress): Promise<ReadModelDatabase | null> =>
  ifMade(address, (options) => openReadModels(address, undefined, options));
