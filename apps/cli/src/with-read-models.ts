import type { EventStore } from '#event-sourcing/event-store';
import { PROJECTIONS } from '#platform/projections';
import { openExistingReadModels } from '#projections/open-read-models';
import type { DatabaseAddress } from '#projections/database-address';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { aheadOf } from '#projections/same-log';
import type { ReadModelsAheadError } from '#projections/same-log';

/** Read models and the log that they should follow. */
interface ReadModelsOfLog {
  readonly store: EventStore;
  readonly database: ReadModelDatabase;
  /** Why they do not follow it; null if they do. */
  readonly ahead: ReadModelsAheadError | null;
}

/**
 * Opens read models for the duration of an action, and checks that they follow the log.
 * @param withLog opens the log for the duration of an action; called only if there are read models.
 * @returns the action's result; null if there are no read models.
 */
export async function withReadModels<Result>(
  address: DatabaseAddress,
  withLog: <Read>(action: (store: EventStore) => Promise<Read>) => Promise<Read>,
  action: (opened: ReadModelsOfLog) => Promise<Result>,
): Promise<Result | null> {
  const database = await openExistingReadModels(address, PROJECTIONS);
  if (database === null) return null;
  try {
    return await withLog(async (store) => action({ store, database, ahead: await aheadOf(store, database) }));
  } finally {
    await database.close();
  }
}
