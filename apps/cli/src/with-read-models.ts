import type { EventStore } from '#event-sourcing/event-store';
import { outlivesProcess } from '#platform/stores';
import { openExistingReadModels, openReadModels } from '#projections/open-read-models';
import type { DatabaseAddress } from '#projections/database-address';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { aheadOf } from '#projections/same-log';
import type { ReadModelsAheadError } from '#projections/same-log';
import { UsageError } from './verb-context.ts';
import type { CommandLine } from './verb-context.ts';

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
  const database = await openExistingReadModels(address);
  if (database === null) return null;
  try {
    return await withLog(async (store) => action({ store, database, ahead: await aheadOf(store, database) }));
  } finally {
    await database.close();
  }
}

/**
 * Opens the store and its read models, which are created if missing, for the duration of an action.
 * @param what what the action does, for a message: `sweep`
 * @throws UsageError if the read models are only in memory
 */
export function withBoth<Result>(
  program: CommandLine,
  { what, readOnly = false }: { readonly what: string; readonly readOnly?: boolean },
  action: (store: EventStore, database: ReadModelDatabase) => Promise<Result>,
): Promise<Result> {
  const { readModels } = program.settings;
  if (!outlivesProcess(readModels))
    throw new UsageError(`the read models are in memory, so only their own process can ${what}`);
  const opening = async (store: EventStore): Promise<Result> => {
    const database = await openReadModels(readModels);
    try {
      return await action(store, database);
    } finally {
      await database.close();
    }
  };
  return program.withStore(opening, { readOnly });
}
