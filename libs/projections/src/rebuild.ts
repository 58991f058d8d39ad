import { setImmediate } from 'node:timers/promises';
import { systemClock } from '#event-sourcing/clock';
import type { EventStore } from '#event-sourcing/event-store';
import { sql } from 'kysely';
import type { Transaction } from 'kysely';
import { compareGenerations } from './compare-generations.ts';
import type { TableDifference } from './compare-generations.ts';
import { applyUpToFailure, foldAfter } from './apply-batch.ts';
import {
  bookmarkOf,
  dropGeneration,
  indexGeneration,
  liveBookmark,
  withLock,
  touchGeneration,
} from './generations.ts';
import type { Bookmark } from './generations.ts';
import { messageOf } from '#event-sourcing/errors';
import { comparePositions } from './position.ts';
import type { Projection } from './projection.ts';
import type { MetaTables } from './meta-tables.ts';
import type { ReadModelDatabase } from './read-model-database.ts';

/** The comparison of rebuilt rows with the rows that they replace. */
export type Comparison =
  | { readonly result: 'equal' }
  | { readonly result: 'different'; readonly differences: readonly TableDifference[] }
  /** The live generation is of another version, corrupt, or stuck before the position of the rebuilt one. */
  | { readonly result: 'not-comparable'; readonly reason: string };

export interface RebuildOutcome {
  readonly name: string;
  readonly version: number;
  readonly position: string;
  /** The number of events that the rebuilt generation has folded. */
  readonly events: number;
  readonly comparison: Comparison;
}

export interface RebuildProgress {
  readonly events: number;
  readonly position: string;
}

interface RebuildContext {
  readonly store: Pick<EventStore, 'readAll'>;
  readonly database: ReadModelDatabase;
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: RebuildProgress) => void;
  /** True if the live generation was folded from another log, so that it can be neither caught up nor compared. */
  readonly isOfOtherLog?: boolean;
}

/** Thrown if another rebuild of the same projection replaced this one. */
export class RebuildSupersededError extends Error {
  readonly code = 'rebuild-superseded';

  constructor(name: string) {
    super(`Another rebuild of ${name} replaced this one`);
    this.name = 'RebuildSupersededError';
  }
}

/**
 * Thrown if the projection threw at an event, so that the rebuild stopped before it. The live generation is unchanged.
 */
export class RebuildFailedError extends Error {
  readonly code = 'rebuild-failed';
  readonly position: string;

  constructor(name: string, position: string, cause: unknown) {
    super(`The rebuild of ${name} stopped at position ${position}: ${messageOf(cause)}`, { cause });
    this.name = 'RebuildFailedError';
    this.position = position;
  }
}

/** Thrown if another node builds the projection but has made no progress for some time. */
export class BuildStalledError extends Error {
  override readonly name = 'BuildStalledError';

  constructor(projection: string, waitedMs: number, position: string | null) {
    const progress = position === null ? 'has not started' : `is at position ${position}`;
    super(
      `The projection ${projection} is being built by another node, which ${progress} and has made no progress for ${Math.round(waitedMs / 1_000)} s`,
    );
  }
}

const BATCH_EVENTS = 1_000;

/**
 * Folds a generation to the end of the log, compares it with the live one at the same position, and makes it live.
 * @throws RebuildFailedError, RebuildSupersededError, or the signal's reason; the generation is kept in that case.
 */
export async function buildAndSwitch(
  context: RebuildContext,
  projection: Projection,
  generation: number,
): Promise<RebuildOutcome> {
  await catchUp(context, projection, generation);
  await whileTouched(context, projection, generation, () =>
    indexGeneration(context.database, projection, generation, context.signal),
  );
  return switchTo(context, projection, generation);
}

/** The interval is much shorter than the time after which an unchanged generation counts as abandoned. */
const TOUCHED_EACH_MS = 10_000;

/** Touches the generation at intervals while an action runs, because indexing many rows is slow. */
async function whileTouched(
  { database }: RebuildContext,
  { name }: Projection,
  generation: number,
  action: () => Promise<void>,
): Promise<void> {
  // If the touch fails, the action will fail as well.
  const touch = (): void => void touchGeneration(database, name, generation).catch(() => undefined);
  const timer = systemClock.every(touch, TOUCHED_EACH_MS);
  try {
    await action();
  } finally {
    timer.close();
  }
}

/** Folds nearly to the end of the log, and then catches up the live generation if possible. */
async function catchUp(context: RebuildContext, projection: Projection, generation: number): Promise<void> {
  const { database, store, signal, onProgress } = context;
  const { name, version } = projection;
  for (;;) {
    signal.throwIfAborted();
    const bookmark = await bookmarkOf(database.db, name, generation);
    if (bookmark === undefined) throw new RebuildSupersededError(name);
    const batch = await store.readAll({ after: bookmark.position, limit: BATCH_EVENTS });
    const outcome = await applyUpToFailure(database, projection, generation, bookmark.position, batch);
    if (typeof outcome !== 'string') throw new RebuildFailedError(name, outcome.position, outcome.error);
    if (onProgress) {
      const position = batch.at(-1)?.position ?? bookmark.position;
      onProgress({ events: bookmark.events + batch.length, position });
    }
    // Under load there are always new events; the last ones are folded under the lock of the switch.
    if (batch.length < BATCH_EVENTS) break;
    await setImmediate();
  }
  if (context.isOfOtherLog) return;
  const reached = await bookmarkOf(database.db, name, generation);
  for (let live = await liveBookmark(database.db, name); reached && live;) {
    if (live.version !== version || comparePositions(live.position, reached.position) >= 0) return;
    signal.throwIfAborted();
    const batch = await store.readAll({ after: live.position, limit: BATCH_EVENTS });
    if (batch.length === 0) return;
    const outcome = await applyUpToFailure(database, projection, 'live', live.position, batch);
    if (typeof outcome !== 'string') return;
    live = await liveBookmark(database.db, name);
  }
}

/**
 * Makes a generation live. One lock covers the comparison and the switch, so that the live generation does not change
 * in between and no event is missed.
 */
async function switchTo(
  { database, store, isOfOtherLog = false }: RebuildContext,
  projection: Projection,
  generation: number,
): Promise<RebuildOutcome> {
  const { name, version } = projection;
  return withLock(database, name, async (trx) => {
    // The comparison reads all rows of both generations.
    await database.sql.liftTimeLimit(trx);
    const live = await liveBookmark(trx, name);
    for (;;) {
      const built = await bookmarkOf(trx, name, generation);
      // Another process may have finished the same generation.
      if (built === undefined || built.generation === live?.generation)
        throw new RebuildSupersededError(name);
      const isBehind =
        live !== undefined && !isOfOtherLog && comparePositions(built.position, live.position) < 0;
      const page = isBehind ? await store.readAll({ after: built.position, limit: BATCH_EVENTS }) : [];
      if (live === undefined || page.length === 0) {
        const comparison: Comparison = isOfOtherLog
          ? { result: 'not-comparable', reason: 'the previous rows were folded from a different log' }
          : await compareWithLive(trx, projection, live, built);
        await makeLive(trx, projection, generation, live?.generation);
        return { name, version, position: built.position, events: built.events, comparison };
      }
      const batch = page.filter(({ position }) => comparePositions(position, live.position) <= 0);
      await foldAfter(trx, database.sql, projection, built, batch.length > 0 ? batch : page);
    }
  });
}

/** Compares the rebuilt rows with the live ones at the same position. */
export async function compareWithLive(
  trx: Transaction<MetaTables>,
  projection: Projection,
  live: Bookmark | undefined,
  built: Bookmark,
): Promise<Comparison> {
  const notComparable = (reason: string) => ({ result: 'not-comparable', reason }) as const;
  if (live === undefined) return notComparable('there are no live rows');
  if (live.version !== built.version) return notComparable(`the live rows are of version ${live.version}`);
  if (live.position !== built.position)
    return notComparable(`the live rows are at position ${live.position}`);
  // A failed statement may invalidate the transaction.
  await sql`savepoint comparison`.execute(trx);
  try {
    const differences = await compareGenerations(trx, projection, live.generation, built.generation);
    return differences.length === 0 ? { result: 'equal' } : { result: 'different', differences };
  } catch (error) {
    // On a full disk, the whole transaction has been rolled back.
    await sql`rollback to comparison`.execute(trx).catch(() => {
      throw error;
    });
    return notComparable(`the live rows cannot be read: ${messageOf(error)}`);
  }
}

async function makeLive(
  trx: Transaction<MetaTables>,
  projection: Projection,
  generation: number,
  before: number | undefined,
): Promise<void> {
  await trx
    .updateTable('projections')
    .set({
      live: generation,
      state: 'running',
      error: null,
      error_position: null,
    })
    .where('name', '=', projection.name)
    .execute();
  if (before !== undefined) await dropGeneration(trx, projection, before);
}
