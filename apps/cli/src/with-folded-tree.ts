import { systemRandom } from '#event-sourcing/random';
import type { EventStore } from '#event-sourcing/event-store';
import { PROJECTIONS } from '#platform/projections';
import { outlivesProcess, storeName } from '#platform/stores';
import { openReadModels } from '#projections/open-read-models';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { ProjectionRunner } from '#projections/runner';
import { assertSameLog } from '#projections/same-log';
import type { SigningContext } from '#use-cases/audit/sign-log';
import { UsageError } from './verb-context.ts';
import type { CommandLine } from './verb-context.ts';

/** The log, and its tree, which is folded up to the log's end on demand. */
export interface FoldedTree extends Pick<SigningContext, 'random' | 'storeName' | 'whenFolded'> {
  readonly store: EventStore;
  readonly database: ReadModelDatabase;
}

/**
 * Opens the log for appending, and its tree, for the duration of an action.
 * @throws UsageError if the read models are only in memory; ReadModelsAheadError.
 */
export function withFoldedTree<Result>(
  program: CommandLine,
  action: (tree: FoldedTree) => Promise<Result>,
): Promise<Result> {
  return withBoth(program, { what: 'sign the log' }, async (store, database) => {
    await assertSameLog(store, database);
    const runner = new ProjectionRunner({ store, database });
    const whenFolded = () => runner.catchUp().then(() => true);
    const name = storeName(program.storeAddress);
    return action({ store, random: systemRandom, database, storeName: name, whenFolded });
  });
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
    const database = await openReadModels(readModels, PROJECTIONS);
    try {
      return await action(store, database);
    } finally {
      await database.close();
    }
  };
  return program.withStore(opening, { readOnly });
}
