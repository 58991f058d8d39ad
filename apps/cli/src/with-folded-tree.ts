import type { Command } from 'commander';
import { systemRandom } from '#event-sourcing/random';
import type { EventStore } from '#event-sourcing/event-store';
import { outlivesProcess, storeName } from '#platform/stores';
import { openReadModels } from '#projections/open-read-models';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { ProjectionRunner } from '#projections/runner';
import { assertSameLog } from '#projections/same-log';
import { treeProjection } from '#read-models/tree/tree-projection';
import type { SigningContext } from '#use-cases/audit/sign-log';
import { settingsOf, storeAddress, UsageError, withStore } from './verb-context.ts';

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
  program: Command,
  action: (tree: FoldedTree) => Promise<Result>,
): Promise<Result> {
  const { readModels } = settingsOf(program);
  if (!outlivesProcess(readModels))
    throw new UsageError('the read models are in memory, so only their own process can sign the log');
  return withStore(
    program,
    async (store) => {
      const database = await openReadModels(readModels);
      try {
        await assertSameLog(store, database);
        const runner = new ProjectionRunner({ store, database, projections: [treeProjection] });
        const whenFolded = () => runner.catchUp().then(() => true);
        return await action({
          store,
          random: systemRandom,
          database,
          storeName: storeName(storeAddress(program)),
          whenFolded,
        });
      } finally {
        await database.close();
      }
    },
    { create: false, readOnly: false },
  );
}
