import type { EventStore } from '#event-sourcing/event-store';
import { dropUndeclared } from './drop-undeclared.ts';
import { createBuildingGeneration, createFirstGeneration } from './generations.ts';
import type { Projection } from './projection.ts';
import type { ReadModelDatabase } from './read-model-database.ts';
import { buildAndSwitch } from './rebuild.ts';
import type { RebuildOutcome, RebuildProgress } from './rebuild.ts';
import { followsLog } from './same-log.ts';

/**
 * Folds anew what was folded from another log, one projection after another; those that follow this log stay. `projections` are
 * all of the program: what is there of others is dropped.
 * @throws RebuildFailedError, RebuildSupersededError
 */
export async function* followOtherLog(
  store: EventStore,
  database: ReadModelDatabase,
  projections: readonly Projection[],
  onProgress: (name: string, progress: RebuildProgress) => void,
): AsyncGenerator<RebuildOutcome> {
  await dropUndeclared(database, projections);
  await forgetOthers(database, projections);
  for (const projection of projections) {
    const { name } = projection;
    await createFirstGeneration(database, projection);
    if (await followsLog(store, database, name)) continue;
    const generation = await createBuildingGeneration(database, projection);
    const context = {
      store,
      database,
      signal: new AbortController().signal,
      isOfOtherLog: true,
      onProgress: (progress: RebuildProgress) => {
        onProgress(name, progress);
      },
    };
    yield await buildAndSwitch(context, projection, generation);
  }
}

/** Rows of a newer program, which stay, are not to keep it from starting. */
async function forgetOthers({ db }: ReadModelDatabase, projections: readonly Projection[]): Promise<void> {
  const names = projections.map(({ name }) => name);
  await db
    .updateTable('generations')
    .set({ last_stream: null, last_version: null, last_hash: null })
    .where('projection', 'not in', names)
    .execute();
}

/** Forgets how far followers and jobs had come: what they did may be undone in another log. Each does it again, and once. */
export async function forgetFollowers({ db }: ReadModelDatabase): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await trx.deleteFrom('followers').execute();
    await trx.deleteFrom('jobs').execute();
  });
}
