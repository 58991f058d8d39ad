import { systemRandom } from '#event-sourcing/random';
import type { EventStore } from '#event-sourcing/event-store';
import { storeName } from '#platform/stores';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { ProjectionRunner } from '#projections/runner';
import { assertSameLog } from '#projections/same-log';
import { treeProjection } from '#read-models/tree/tree-projection';
import type { SigningContext } from '#use-cases/audit/sign-log';
import { withBoth } from './with-read-models.ts';
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
    const runner = new ProjectionRunner({ store, database, projections: [treeProjection] });
    const whenFolded = () => runner.catchUp().then(() => true);
    const name = storeName(program.storeAddress);
    return action({ store, random: systemRandom, database, storeName: name, whenFolded });
  });
}
