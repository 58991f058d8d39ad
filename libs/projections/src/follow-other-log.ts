import type { EventStore } from '#event-sourcing/event-store';
import { dropUndeclared } from './drop-undeclared.ts';
import { createBuildingGeneration, createFirstGeneration } from './generations.ts';
import type { Projection } from './projection.ts';
import type { ReadModelDatabase } from './read-model-database.ts';
import { buildAndSwitch } from './rebuild.ts';
import type { RebuildOutcome, RebuildProgress } from './rebuild.ts';
import { followsLog } from './same-log.ts';

/**
 * Rebuilds the projections that were folded from another log, one after another, and does not change the others.
 * `projections` lists all projections of the program; any other is dropped.
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

/** Clears the last event of other projections, so that rows of a newer program, which are kept, do not prevent the start. */
async function forgetOthers({ db }: ReadModelDatabase, projections: readonly Projection[]): Promise<void> {
  const names = projections.map(({ name }) => name);
  await db
    .updateTable('generations')
    .set({ last_stream: null, last_version: null, last_hash: null })
    .where('projection', 'not in', names)
    .execute();
}

/**
 * Deletes the bookmarks of followers and jobs, whose effects the other log may not contain. Each repeats its work once.
 */
export async function forgetFollowers({ db }: ReadModelDatabase): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await trx.deleteFrom('followers').execute();
    await trx.deleteFrom('jobs').execute();
  });
}
