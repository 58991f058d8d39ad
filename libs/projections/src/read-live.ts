import type { Redaction } from '#event-sourcing/event-store';
import type { Generation, Projection } from './projection.ts';
import { buildingBookmark, generationIn, liveBookmark } from './generations.ts';
import type { Bookmark, Meta } from './generations.ts';
import { comparePositions } from './position.ts';
import { ReadModelMissingError } from './read-model-database.ts';
import type { ReadModelDatabase } from './read-model-database.ts';

/**
 * Reads the live generation in one snapshot, so that rows and `position` match, and a switch to a rebuilt generation
 * happens before or after the read. Values redacted before the read are hidden even if the rows are behind. The read
 * waits for its turn and is cancelled at its time limit (`ReadModelSql.inTime`).
 * @throws ReadModelMissingError before the runner's first start; QueryTooSlowError, ReadersBusyError,
 *   ReadAbandonedError.
 */
export function readLive<Result>(
  database: ReadModelDatabase,
  projection: Projection,
  read: (generation: Generation, position: string) => Promise<Result>,
): Promise<Result> {
  return readLiveTogether(database, [projection], ([generation], position) => read(generation, position));
}

/**
 * Reads as `readLive` does, but at once, on a connection that also writes: for a few rows that an index finds, on which
 * others wait, and for background work.
 * @throws ReadModelMissingError before the runner's first start.
 */
export function lookUpLive<Result>(
  database: ReadModelDatabase,
  projection: Projection,
  read: (generation: Generation, position: string) => Promise<Result>,
): Promise<Result> {
  const { db, whenFresh: _, ...rest } = database;
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
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await readOnce(database, projections, read);
    } catch (error) {
      if (attempt === ATTEMPTS_MAX || !database.isReplaced(error)) throw error;
    }
  }
}

/** The number of attempts if a rebuilt generation replaces the live one during the read. */
const ATTEMPTS_MAX = 3;

/**
 * Returns the redactions that the read's snapshot has not folded. They are loaded after the snapshot exists, so that
 * every earlier redaction is either folded or returned here.
 */
async function unfoldedRedactions(
  { redactionsAfter }: ReadModelDatabase,
  projections: readonly Projection[],
  positions: readonly string[],
): Promise<readonly Redaction[]> {
  if (redactionsAfter === undefined) return [];
  const [position] = positions
    .filter((_, index) => projections[index]?.withheld !== undefined)
    .sort(comparePositions);
  return position === undefined ? [] : redactionsAfter(position);
}

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
    const positions = live.map(({ position }) => position);
    const redactions = await unfoldedRedactions(database, projections, positions);
    const generations = projections.map((projection, index) =>
      generationIn(trx, database.sql, projection, (live[index] as Bookmark).generation, redactions),
    );
    const [position] = positions.sort(comparePositions) as [string];
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
