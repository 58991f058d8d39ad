import { setImmediate } from 'node:timers/promises';
import { instant, systemClock } from '#event-sourcing/clock';
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
  locked,
  touchGeneration,
} from './generations.ts';
import type { Bookmark } from './generations.ts';
import { messageOf } from '#event-sourcing/errors';
import { comparePositions } from './position.ts';
import type { Projection } from './projection.ts';
import type { MetaTables } from './meta-tables.ts';
import type { ReadModelDatabase } from './read-model-database.ts';

/** How the rebuilt rows compare with those that they replace. */
export type Comparison =
  | { readonly result: 'equal' }
  | { readonly result: 'different'; readonly differences: readonly TableDifference[] }
  /** The live one is of another version, damaged, or stuck before the rebuilt one's position. */
  | { readonly result: 'not-comparable'; readonly reason: string };

export interface RebuildOutcome {
  readonly name: string;
  readonly version: number;
  readonly position: string;
  /** How many events of the log the rebuilt one has folded. */
  readonly events: number;
  readonly comparison: Comparison;
}

/** How a rebuild ended that switched, and when. */
export type LastRebuild = { readonly at: string } & Comparison;

export interface RebuildProgress {
  readonly events: number;
  readonly position: string;
}

interface RebuildContext {
  readonly store: Pick<EventStore, 'readAll'>;
  readonly database: ReadModelDatabase;
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: RebuildProgress) => void;
  /** The live one was folded from another log: it is neither gone on with nor compared. */
  readonly isOfOtherLog?: boolean;
}

/** Another rebuild of the same projection took this one's place. */
export class RebuildSupersededError extends Error {
  readonly code = 'rebuild-superseded';

  constructor(name: string) {
    super(`Another rebuild of ${name} took the place of this one`);
    this.name = 'RebuildSupersededError';
  }
}

/** The projection threw at an event, so the rebuilt generation stands before it. The live one is as it was. */
export class RebuildFailedError extends Error {
  readonly code = 'rebuild-failed';
  readonly position: string;

  constructor(name: string, position: string, cause: unknown) {
    super(`The rebuild of ${name} stopped at position ${position}: ${messageOf(cause)}`, { cause });
    this.name = 'RebuildFailedError';
    this.position = position;
  }
}

/** Another node builds a projection, and has not got on with it for a while. */
export class BuildStalledError extends Error {
  override readonly name = 'BuildStalledError';

  constructor(projection: string, waitedMs: number, position: string | null) {
    const stands = position === null ? 'has not begun' : `stands at position ${position}`;
    super(
      `The projection ${projection} is being built by another node, which ${stands} and has not got on for ${Math.round(waitedMs / 1_000)} s`,
    );
  }
}

const BATCH_EVENTS = 1_000;

/**
 * Takes a generation from its bookmark to the log's end, compares it with the live one at the same position, and
 * lets it take the live one's place.
 * @throws RebuildFailedError, RebuildSupersededError, or the signal's reason; the generation stays as it is then.
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

/** Well before a generation that nobody touches is taken for abandoned. */
const TOUCHED_EACH_MS = 10_000;

/** Says all the time that a generation is being built: an index of very many rows takes long. */
async function whileTouched(
  { database }: RebuildContext,
  { name }: Projection,
  generation: number,
  action: () => Promise<void>,
): Promise<void> {
  // Where it cannot be said, the action fails as well.
  const touch = (): void => void touchGeneration(database, name, generation).catch(() => undefined);
  const timer = systemClock.every(touch, TOUCHED_EACH_MS);
  try {
    await action();
  } finally {
    timer.close();
  }
}

/** Folds nearly to the log's end, then takes the live generation as far, where it can be taken. */
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
    // Under load the log has always grown by some events; they are folded under the lock of the switch.
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

/** Under one lock: nobody moves the live generation between comparison and switch, and no event is missed. */
async function switchTo(
  { database, store, isOfOtherLog = false }: RebuildContext,
  projection: Projection,
  generation: number,
): Promise<RebuildOutcome> {
  const { name, version } = projection;
  return locked(database, name, async (trx) => {
    // All rows of both are held against each other.
    await database.sql.unhurried(trx);
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
          ? { result: 'not-comparable', reason: 'the one before was folded from another log' }
          : await compareWithLive(trx, projection, live, built);
        await makeLive(trx, projection, generation, live?.generation, comparison);
        return { name, version, position: built.position, events: built.events, comparison };
      }
      const batch = page.filter(({ position }) => comparePositions(position, live.position) <= 0);
      await foldAfter(trx, database.sql, projection, built, batch.length > 0 ? batch : page);
    }
  });
}

/** The differences between what was built and the live rows at the same position. */
export async function compareWithLive(
  trx: Transaction<MetaTables>,
  projection: Projection,
  live: Bookmark | undefined,
  built: Bookmark,
): Promise<Comparison> {
  const notComparable = (reason: string) => ({ result: 'not-comparable', reason }) as const;
  if (live === undefined) return notComparable('there is no live one');
  if (live.version !== built.version) return notComparable(`the live one is of version ${live.version}`);
  if (live.position !== built.position)
    return notComparable(`the live one stands at position ${live.position}`);
  // A statement that fails may spoil its transaction from there on.
  await sql`savepoint comparison`.execute(trx);
  try {
    const differences = await compareGenerations(trx, projection, live.generation, built.generation);
    return differences.length === 0 ? { result: 'equal' } : { result: 'different', differences };
  } catch (error) {
    // A full disk has taken the whole transaction back.
    await sql`rollback to comparison`.execute(trx).catch(() => {
      throw error;
    });
    return notComparable(`the live one cannot be read: ${messageOf(error)}`);
  }
}

async function makeLive(
  trx: Transaction<MetaTables>,
  projection: Projection,
  generation: number,
  before: number | undefined,
  comparison: Comparison,
): Promise<void> {
  const last: LastRebuild = { at: instant(systemClock.now()), ...comparison };
  await trx
    .updateTable('projections')
    .set({
      live: generation,
      state: 'running',
      error: null,
      error_position: null,
      rebuild_requested: 0,
      last_rebuild: JSON.stringify(last),
    })
    .where('name', '=', projection.name)
    .execute();
  if (before !== undefined) await dropGeneration(trx, projection, before);
}
