import { systemClock } from '#event-sourcing/clock';
import type { EventStore } from '#event-sourcing/event-store';
import { bookmarkIn, SetReplacedError } from './model-set.ts';
import type { Bookmark } from './model-set.ts';
import { allSets, dropUnusedSets, withEachSet } from './model-sets.ts';
import { assertPosition, comparePositions, positionsBehind } from './position.ts';
import { ReadModelMissingError } from './read-model-database.ts';
import type { ReadModelDatabase } from './read-model-database.ts';

/** The progress of this build's read models. */
export interface ReadModelsStatus {
  /** The digest of the definitions of their tables. */
  readonly digest: string;
  readonly position: string;
  /** The number of folded events. */
  readonly events: number;
  /** The number of events of the log that are not folded yet. */
  readonly lag: number;
  /** `building` until they have reached the end of the log for the first time, so that queries are refused. */
  readonly state: 'building' | 'running' | 'stuck';
  /** The reason why folding stopped; `position` is that of the failed event. */
  readonly error?: { readonly position: string | null; readonly detail: string };
  /** The progress of a rebuild beside them. */
  readonly rebuild?: { readonly position: string; readonly events: number };
}

/**
 * Returns the progress relative to the end of the log: the store's `lastPosition()`, or else their own. Positions may
 * have gaps, so lag is estimated from the average density.
 */
export async function readModelsStatus(
  database: ReadModelDatabase,
  head?: string,
): Promise<ReadModelsStatus> {
  const { digest } = database;
  const bookmark = await liveBookmark(database);
  if (bookmark === null)
    return { digest, position: '0', events: 0, lag: positionsBehind('0', head ?? '0'), state: 'building' };
  const { position, events, serves, error, error_position } = bookmark;
  const rebuild = await rebuildOf(database);
  return {
    digest,
    position,
    events,
    lag: lagOf(bookmark, head ?? position),
    state: error !== null ? 'stuck' : serves === 1 ? 'running' : 'building',
    ...(error !== null && { error: { position: error_position, detail: error } }),
    ...(rebuild && { rebuild: { position: rebuild.position, events: rebuild.events } }),
  };
}

/** Returns the bookmark of the live set; null if there is none yet. */
export async function liveBookmark(database: ReadModelDatabase): Promise<Bookmark | null> {
  try {
    return await database.use(({ db }) => bookmarkIn(db));
  } catch (error) {
    if (error instanceof ReadModelMissingError) return null;
    throw error;
  }
}

async function rebuildOf(database: ReadModelDatabase): Promise<Bookmark | null> {
  const building = (await allSets(database)).find(
    ({ digest, state }) => digest === database.digest && state === 'building',
  );
  if (building === undefined) return null;
  try {
    const set = await database.sets.open(building.name);
    try {
      return await bookmarkIn(set.db);
    } finally {
      await set.close();
    }
  } catch {
    // It has just ended.
    return null;
  }
}

function lagOf({ position, events }: Bookmark, head: string): number {
  const behind = positionsBehind(position, head);
  const toAPosition = events === 0 ? 1 : events / Number(position);
  return Math.ceil(behind * toAPosition);
}

/** Returns the time at which the first event that is not folded was recorded; null if there is none. */
export async function oldestBehind(
  store: Pick<EventStore, 'readAll'>,
  { position, lag }: Pick<ReadModelsStatus, 'position' | 'lag'>,
): Promise<string | null> {
  if (lag === 0) return null;
  const [event] = await store.readAll({ after: position, limit: 1 });
  return event?.recordedAt ?? null;
}

/**
 * Waits until the rows that queries read include everything up to a position. Returns false after the timeout, or once
 * stopped.
 * @throws RangeError for an invalid position.
 */
export function waitForPosition(
  database: ReadModelDatabase,
  position: string,
  timeoutMs: number,
  stopping?: AbortSignal,
): Promise<boolean> {
  assertPosition(position);
  const isThere = async (): Promise<boolean> => {
    const live = await liveBookmark(database);
    return live !== null && live.serves === 1 && comparePositions(live.position, position) >= 0;
  };
  return pollUntil(isThere, database, timeoutMs, stopping);
}

/** Waits as `waitForPosition` does, for every set at the place: other builds' and those of rebuilds contain texts too. */
export async function waitForAllSets(
  database: ReadModelDatabase,
  position: string,
  timeoutMs: number,
  stopping?: AbortSignal,
): Promise<boolean> {
  const until = systemClock.elapsed() + timeoutMs;
  if (!(await waitForPosition(database, position, timeoutMs, stopping))) return false;
  const areThere = async (): Promise<boolean> => {
    await dropUnusedSets(database);
    let all = true;
    await withEachSet(database, async ({ db }) => {
      all &&= comparePositions((await bookmarkIn(db)).position, position) >= 0;
    }).catch((error: unknown) => {
      if (!(error instanceof SetReplacedError)) throw error;
      all = false;
    });
    return all;
  };
  return pollUntil(areThere, database, until - systemClock.elapsed(), stopping);
}

async function pollUntil(
  isSo: () => Promise<boolean>,
  { pollMs }: Pick<ReadModelDatabase, 'pollMs'>,
  timeoutMs: number,
  stopping?: AbortSignal,
): Promise<boolean> {
  const until = systemClock.elapsed() + timeoutMs;
  for (;;) {
    if (await isSo()) return true;
    if (systemClock.elapsed() >= until || stopping?.aborted === true) return false;
    await systemClock.sleep(pollMs);
  }
}

/** Truncates the logs of every set. Returns false if a read does not end in time. */
export async function truncateLogs(database: ReadModelDatabase): Promise<boolean> {
  let all = true;
  // A rebuild that was killed after its switch leaves the replaced set.
  await dropUnusedSets(database);
  await withEachSet(database, async (set) => {
    all = (await set.truncateLog()) && all;
  });
  return all;
}
