import type { EventStore } from '#event-sourcing/event-store';
import { applyUpToFailure } from './apply-batch.ts';
import {
  buildingBookmark,
  bookmarkOf,
  createBuildingGeneration,
  dropBuilding,
  isAbandoned,
  liveBookmark,
  withLock,
} from './generations.ts';
import { messageOf } from '#event-sourcing/errors';
import { comparePositions } from './position.ts';
import type { Projection } from './projection.ts';
import type { ReadModelDatabase } from './read-model-database.ts';
import { compareWithLive, RebuildSupersededError } from './rebuild.ts';
import type { Comparison } from './rebuild.ts';

export interface CheckedReadModel {
  readonly name: string;
  /** The number of events that were folded for the comparison. */
  readonly events: number;
  readonly comparison: Comparison;
}

const BATCH_EVENTS = 1_000;

/**
 * Compares a projection's rows with a new fold of the log. Builds a generation beside the live one up to the same
 * position, compares the rows under the projection's lock, and drops it. Queries continue meanwhile.
 * @throws RebuildSupersededError if a rebuild replaces the comparison.
 */
export async function checkReadModel(
  store: Pick<EventStore, 'readAll'>,
  database: ReadModelDatabase,
  projection: Projection,
): Promise<CheckedReadModel> {
  const { name } = projection;
  const notComparable = (reason: string): CheckedReadModel => {
    return { name, events: 0, comparison: { result: 'not-comparable', reason } };
  };
  const live = await liveBookmark(database.db, name);
  if (live === undefined) return notComparable('there are no rows yet');
  if (live.version !== projection.version) return notComparable(`the rows are of version ${live.version}`);
  await dropBuilding(database, projection, isAbandoned);
  if ((await buildingBookmark(database.db, name)) !== undefined) return notComparable('a rebuild is running');
  const generation = await createBuildingGeneration(database, projection);
  try {
    return await foldAndCompare(store, database, projection, generation);
  } finally {
    await dropBuilding(database, projection, (building) => building.generation === generation);
  }
}

async function foldAndCompare(
  store: Pick<EventStore, 'readAll'>,
  database: ReadModelDatabase,
  projection: Projection,
  generation: number,
): Promise<CheckedReadModel> {
  const { name } = projection;
  for (;;) {
    const step = await withLock(database, name, async (trx) => {
      const live = await liveBookmark(trx, name);
      const built = await bookmarkOf(trx, name, generation);
      if (live === undefined || built === undefined) throw new RebuildSupersededError(name);
      const isThere = comparePositions(built.position, live.position) >= 0;
      return {
        live,
        built,
        comparison: isThere ? await compareWithLive(trx, projection, live, built) : null,
      };
    });
    const { live, built, comparison } = step;
    if (comparison !== null) return { name, events: built.events, comparison };
    const page = await store.readAll({ after: built.position, limit: BATCH_EVENTS });
    const batch = page.filter(({ position }) => comparePositions(position, live.position) <= 0);
    const outcome =
      batch.length === 0
        ? { error: new Error(`the log has nothing up to position ${live.position}`) }
        : await applyUpToFailure(database, projection, generation, built.position, batch);
    if (typeof outcome === 'string') continue;
    const reason = `the log cannot be folded: ${messageOf(outcome.error)}`;
    return { name, events: built.events, comparison: { result: 'not-comparable', reason } };
  }
}
