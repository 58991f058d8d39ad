import type { Generation, Projection } from './projection.ts';
import { liveCheckpoint, generationIn } from './generations.ts';
import type { ReadModelDatabase } from './read-model-database.ts';

/** The read model was not made yet: the runner has never been started on this database. */
export class ReadModelMissingError extends Error {
  readonly code = 'read-model-missing';

  constructor(name: string) {
    super(`The read model ${name} is not there yet; try again shortly`);
    this.name = 'ReadModelMissingError';
  }
}

/**
 * Reads from the live generation in one snapshot, so that rows and `position` belong together and a switch to a rebuilt
 * generation falls before or after.
 * @throws ReadModelMissingError before the runner's first start.
 */
export async function readLive<Result>(
  { db, sql }: ReadModelDatabase,
  projection: Projection,
  read: (generation: Generation, position: string) => Promise<Result>,
): Promise<Result> {
  return db
    .transaction()
    .setAccessMode('read only')
    .execute(async (trx) => {
      const live = await liveCheckpoint(trx, projection.name);
      if (live === undefined) throw new ReadModelMissingError(projection.name);
      return read(generationIn(trx, sql, projection, live.generation), live.position);
    });
}
