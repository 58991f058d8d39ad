import { ifMade } from './databases.ts';
import type { DatabaseAddress } from './database-address.ts';
import { READ_MS_MAX } from './limited-reads.ts';
import { openPostgresqlReadModels } from './postgresql/open-read-models.ts';
import { TIMEOUTS } from '#postgresql/pool';
import type { Projection } from './projection.ts';
import type { ReadModelDatabase } from './read-model-database.ts';
import { openSqliteReadModels } from './sqlite/open-read-models.ts';

/**
 * Opens the read models of projections at an address, and creates the operational tables if they are missing. Several
 * threads and processes and, on a server, several nodes may have them open.
 * @param onWarning is called with problems that do not prevent opening.
 * @throws ReadModelDatabaseError if something else is at the address, or it cannot be used.
 */
export async function openReadModels(
  address: DatabaseAddress,
  projections: readonly Projection[],
  onWarning?: (message: string) => void,
  { create } = { create: true },
): Promise<ReadModelDatabase> {
  switch (address.kind) {
    case 'sqlite':
      return openSqliteReadModels(address.path, projections, {}, onWarning);
    case 'postgresql':
      return openPostgresqlReadModels(address, projections, TIMEOUTS, READ_MS_MAX, create);
    case 'memory':
      return openSqliteReadModels(':memory:', projections);
  }
}

/**
 * Opens the read models at an address; returns null if there are none.
 * @throws ReadModelDatabaseError if something else is at the address, or it cannot be used.
 */
export const openExistingReadModels = (
  address: DatabaseAddress,
  projections: readonly Projection[],
): Promise<ReadModelDatabase | null> =>
  ifMade(address, (options) => openReadModels(address, projections, undefined, options));
