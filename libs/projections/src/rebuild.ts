import type { Transaction } from 'kysely';
import type { EventStore } from '#event-sourcing/event-store';
import { foldLog } from './fold-log.ts';
import type { FoldProgress } from './fold-log.ts';
import { bookmarkIn, lockedBookmark, SetReplacedError } from './model-set.ts';
import type { ModelSet } from './model-set.ts';
import {
  allSets,
  dropBuilding,
  dropUnusedSets,
  makeBuildingSet,
  switchSets,
  whileUsed,
  withSet,
} from './model-sets.ts';
import type { SetTables } from './operational-tables.ts';
import type { ReadModelDatabase } from './read-model-database.ts';
import { liveBookmark } from './read-models-status.ts';
import { assertSameLog } from './same-log.ts';

export interface BuildOptions {
  readonly store: Pick<EventStore, 'readAll' | 'readStream' | 'lastPosition'>;
  readonly database: ReadModelDatabase;
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: FoldProgress) => void;
}

/** The live set, into which no one folds meanwhile. */
interface LockedSet extends Pick<ModelSet, 'name'> {
  readonly trx: Transaction<SetTables>;
}

/**
 * Builds the read models beside the live ones, switches to them when they have caught up, and drops the others. If it
 * fails, the live ones are unchanged.
 * @throws errors of `buildBeside`
 */
export async function rebuild(options: BuildOptions): Promise<FoldProgress> {
  const { database } = options;
  const rebuilt = await buildBeside(options, 'end', async (live, built) => {
    await switchSets(database, built.name);
    await live?.trx.updateTable('bookmark').set({ replaced: 1 }).execute();
    const { events, position } = await bookmarkIn(built.db);
    return { events, position };
  });
  await dropUnusedSets(database);
  return rebuilt;
}

/**
 * Folds the log into a set beside the live one while queries and folds go on, and then runs an action while no one folds
 * into the live one, and the new one lacks nothing of it. Drops the new set unless the action makes it live.
 * @param to the end of the fold: the end of the log, or the position of the live set.
 * @param action gets null in place of the live set if there is none, or it is damaged.
 * @throws ReadModelsAheadError, RebuildRunningError; errors of projections, of the log and of `action`; the signal's
 *   reason.
 */
export async function buildBeside<Result>(
  options: BuildOptions,
  to: 'end' | 'live',
  action: (live: LockedSet | null, built: ModelSet) => Promise<Result>,
): Promise<Result> {
  const { store, database } = options;
  await assertSameLog(store, database);
  await dropUnusedSets(database);
  const name = await makeBuildingSet(database);
  try {
    return await withSet(database.sets, name, async (built) => {
      const live = to === 'live' ? await liveBookmark(database) : null;
      const end = live?.position ?? (await store.lastPosition());
      return whileUsed(database, name, async () => {
        await foldLog(options, built, end);
        return besideLive(options, built, action);
      });
    });
  } finally {
    if ((await stateOf(database, name)) === 'building') await dropBuilding(database, name);
  }
}

async function besideLive<Result>(
  options: BuildOptions,
  built: ModelSet,
  action: (live: LockedSet | null, built: ModelSet) => Promise<Result>,
): Promise<Result> {
  const { database } = options;
  const row = (await allSets(database)).find(
    ({ digest, state }) => digest === database.digest && state === 'live',
  );
  const live = row === undefined ? null : await openIfPossible(database, row.name);
  if (live === null) return action(null, built);
  try {
    // Under load there are new events by now. The last ones are folded under the lock.
    await foldLog(options, built, (await bookmarkIn(live.db)).position);
    return await live.db.transaction().execute(async (trx) => {
      // The action may read all rows.
      await database.sql.liftTimeLimit(trx);
      const { position } = await lockedBookmark(trx);
      await foldLog(options, built, position);
      return action({ name: live.name, trx }, built);
    });
  } finally {
    await live.close();
  }
}

/** Returns an open set; null if it is damaged or missing, for which a rebuild is the remedy. */
async function openIfPossible({ sets }: ReadModelDatabase, name: string): Promise<ModelSet | null> {
  let set: ModelSet | null = null;
  try {
    set = await sets.open(name);
    await bookmarkIn(set.db);
    return set;
  } catch (error) {
    await set?.close();
    if (error instanceof SetReplacedError) throw error;
    return null;
  }
}

async function stateOf(database: ReadModelDatabase, name: string) {
  return (await allSets(database)).find((row) => row.name === name)?.state;
}
