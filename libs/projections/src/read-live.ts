import { systemClock } from '#event-sourcing/clock';
import type { Generation, Projection } from './projection.ts';
import { buildingBookmark, generationIn, liveBookmark } from './generations.ts';
import type { Bookmark, Meta } from './generations.ts';
import { comparePositions } from './position.ts';
import { waitForPosition } from './projection-status.ts';
import { ReadModelBehindError, ReadModelMissingError } from './read-model-database.ts';
import type { ReadModelDatabase } from './read-model-database.ts';

/**
 * Reads the live generation in one snapshot, so that rows and `position` match, and a switch to a rebuilt generation
 * happens before or after the read. It waits for rows that lack a redaction of the log, and then for its turn, and is
 * cancelled at its time limit (`ReadModelSql.inTime`).
 * @throws ReadModelMissingError before the runner's first start; ReadModelBehindError; QueryTooSlowError,
 *   ReadersBusyError, ReadAbandonedError.
 */
export function readLive<Result>(
  database: ReadModelDatabase,
  projection: Projection,
  read: (generation: Generation, position: string) => Promise<Result>,
): Promise<Result> {
  return readLiveTogether(database, [projection], ([generation], position) => read(generation, position));
}

/**
 * Reads as `readLive` does, but at once, on a connection that also writes, and even if a redaction is not folded yet: for
 * a few rows without texts that an index finds, on which others wait, and for background work.
 * @throws ReadModelMissingError before the runner's first start.
 */
export function lookUpLive<Result>(
  database: ReadModelDatabase,
  projection: Projection,
  read: (generation: Generation, position: string) => Promise<Result>,
): Promise<Result> {
  const { db, whenFresh: _, redactionAfter: __, ...rest } = database;
  const here: ReadModelDatabase['read'] = (action) =>
    db.transaction().setIsolationLevel('repeatable read').setAccessMode('read only').execute(action);
  return readLive({ ...rest, db, read: here }, projection, read);
}

/**
 * Reads as `lookUpLive` does, but rows of any version: for facts that may be stored nowhere else.
 * @throws ReadModelMissingError before the runner's first start.
 */
export function lookUpOfAnyVersion<Result>(
  { db, sql }: ReadModelDatabase,
  projection: Projection,
  read: (generation: Generation, position: string) => Promise<Result>,
): Promise<Result> {
  return db.transaction().execute(async (trx) => {
    const live = await liveBookmark(trx, projection.name);
    if (live === undefined) throw new ReadModelMissingError(projection.name);
    return read(generationIn(trx, sql, projection, live.generation), live.position);
  });
}

type GenerationsOf<Projections extends readonly Projection[]> = {
  readonly [Index in keyof Projections]: Generation;
};

/**
 * Reads as `readLive` does, but several projections in one snapshot. `position` is that of the projection that is
 * furthest behind.
 * @throws ReadModelMissingError before the runner's first start.
 */
export async function readLiveTogether<
  const Projections extends readonly [Projection, ...Projection[]],
  Result,
>(
  database: ReadModelDatabase,
  projections: Projections,
  read: (generations: GenerationsOf<Projections>, position: string) => Promise<Result>,
): Promise<Result> {
  await database.whenFresh?.(projections.map(({ name }) => name));
  const until = systemClock.elapsed() + REDACTION_MS_MAX;
  for (let attempt = 1; ;) {
    try {
      return await readOnce(database, projections, read);
    } catch (error) {
      if (error instanceof ReadModelBehindError) {
        const timeLeft = until - systemClock.elapsed();
        if (timeLeft > 0 && (await waitForPosition(database, projections, error.position, timeLeft)))
          continue;
      }
      if (attempt === ATTEMPTS_MAX || !database.isReplaced(error)) throw error;
      attempt += 1;
    }
  }
}

/** The number of attempts if a rebuilt generation replaces the live one during the read. */
const ATTEMPTS_MAX = 3;
/** How long a read waits for a redaction to be folded. */
const REDACTION_MS_MAX = 5_000;

async function readOnce<const Projections extends readonly [Projection, ...Projection[]], Result>(
  database: ReadModelDatabase,
  projections: Projections,
  read: (generations: GenerationsOf<Projections>, position: string) => Promise<Result>,
): Promise<Result> {
  return database.read(async (trx) => {
    const live: Bookmark[] = [];
    for (const { name, version } of projections) {
      const bookmark = await liveBookmark(trx, name);
      if (bookmark === undefined) throw new ReadModelMissingError(name);
      if (bookmark.version !== version) throw await ofAnotherVersion(trx, { name, version }, bookmark);
      live.push(bookmark);
    }
    const generations = projections.map((projection, index) =>
      generationIn(trx, database.sql, projection, (live[index] as Bookmark).generation),
    );
    const [position] = live.map((bookmark) => bookmark.position).sort(comparePositions) as [string];
    // The snapshot exists now, so every redaction recorded before the read is in it or found here.
    const redaction = (await database.redactionAfter?.(position)) ?? null;
    if (redaction !== null) throw new ReadModelBehindError(redaction);
    return read(generations as unknown as GenerationsOf<Projections>, position);
  });
}

/** Returns whether the rows are of another version, whose columns or content differ. */
async function ofAnotherVersion(
  trx: Meta,
  { name, version }: Pick<Projection, 'name' | 'version'>,
  live: Bookmark,
): Promise<ReadModelMissingError> {
  if (live.version > version)
    return new ReadModelMissingError(
      name,
      'was built by a newer version of Docket. Upgrade this process to that version',
    );
  const building = await buildingBookmark(trx, name);
  const far = building === undefined ? '' : `, and has reached position ${building.position} of the log`;
  return new ReadModelMissingError(
    name,
    `is being built for this version of the program${far}. Try again in a few seconds`,
  );
}
