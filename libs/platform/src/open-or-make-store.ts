import { hasCode } from '#event-sourcing/errors';
import type { EventStore } from '#event-sourcing/event-store';
import { openExistingReadModels } from '#projections/open-read-models';
import type { DatabaseAddress } from '#projections/database-address';
import { eventsSeen, ReadModelsAheadError } from '#projections/same-log';
import { openStore } from './open-store.ts';
import { PROJECTIONS } from './projections.ts';
import type { OpenStoreOptions } from './open-store.ts';
import { fileOf, outlivesProcess, shownStore } from './stores.ts';
import type { Settings } from './settings.ts';

/**
 * Opens a store for appending, and creates it if missing. Throws if read models with folded events exist:
 * then the store was moved or lost, and an empty one would prevent restoring a backup.
 * @throws ReadModelsAheadError, ReadModelDatabaseError; the errors of `openStore`
 */
export async function openOrMakeStore(
  { store: address, readModels }: Pick<Settings, 'store' | 'readModels'>,
  watched: Pick<OpenStoreOptions, 'observer' | 'random'> = {},
): Promise<EventStore> {
  if (!outlivesProcess(address)) return openStore(address, { create: true, ...watched });
  try {
    return await openStore(address, { create: false, ...watched });
  } catch (error) {
    const isMissing = hasCode(error, 'store-missing');
    // The file may exist and be empty.
    if (!isMissing && fileOf(address) === null) throw error;
    const seen = await seenBy(readModels).catch((trouble: unknown) => {
      // A fault of the store also explains why the read models cannot be opened.
      throw isMissing ? trouble : error;
    });
    if (seen !== null && !isMissing) throw error;
    if (seen !== null)
      throw new ReadModelsAheadError(
        `${seen.events} events`,
        `there is no store at ${shownStore(address)}`,
        seen.models,
        'Find the store and put it back, or restore the newest backup (docket restore FILE)',
      );
  }
  return openStore(address, { create: true, ...watched });
}

/** Returns how much read models have seen, and what contains them; null if they have seen nothing. */
async function seenBy(
  address: DatabaseAddress,
): Promise<{ readonly events: number; readonly models: string } | null> {
  const database = await openExistingReadModels(address, PROJECTIONS);
  if (database === null) return null;
  try {
    const events = await eventsSeen(database);
    return events === 0 ? null : { events, models: database.shown };
  } finally {
    await database.close();
  }
}
