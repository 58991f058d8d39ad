import type { Transaction } from 'kysely';
import { messageOf } from '#event-sourcing/errors';
import type { Envelope } from '#event-sourcing/envelope';
import { refuseUnknownForm } from '#event-sourcing/forms';
import { bookmarkOf, generationIn, liveBookmark, liveBookmarks, withLock } from './generations.ts';
import type { Bookmark } from './generations.ts';
import type { MetaTables } from './meta-tables.ts';
import { comparePositions } from './position.ts';
import { TooManyRowsError } from './projection.ts';
import type { Projection } from './projection.ts';
import type { ReadModelDatabase } from './read-model-database.ts';
import type { ReadModelSql } from './read-model-sql.ts';

/**
 * The outcome of a batch: `part` if only its first events were applied, because they change many rows; `gap` if the
 * bookmark is before the batch; `gone` if the generation was dropped.
 */
export type Applied = 'applied' | 'part' | 'gap' | 'gone' | 'other-version';

/** Returns whether at least the first events were applied. */
export const isFolded = (outcome: Applied | ApplyFailure): outcome is 'applied' | 'part' =>
  outcome === 'applied' || outcome === 'part';

/**
 * Folds a batch, which begins directly after a position, into the live generation or another one. Reads and writes rows
 * and bookmark under one lock, and skips events that another runner has folded.
 * @throws any error of the projection; nothing is written in that case.
 */
export async function applyBatch(
  database: ReadModelDatabase,
  projection: Projection,
  target: number | 'live',
  after: string,
  batch: readonly Envelope[],
  rowsMax?: number,
): Promise<Applied> {
  return withLock(database, projection.name, async (trx) => {
    const bookmark =
      target === 'live'
        ? await liveBookmark(trx, projection.name)
        : await bookmarkOf(trx, projection.name, target);
    if (bookmark === undefined) return 'gone';
    if (bookmark.version !== projection.version) return 'other-version';
    if (comparePositions(bookmark.position, after) < 0) return 'gap';
    await foldAfter(trx, database.sql, projection, bookmark, batch, rowsMax);
    if (bookmark.state === 'stuck') await clearError(trx, projection.name);
    return 'applied';
  });
}

/** The event at which a projection threw, and the position before which everything was applied. */
export interface ApplyFailure {
  readonly error: unknown;
  readonly position: string;
  readonly after: string;
}

/**
 * Applies a batch, or the part before the event at which the projection throws.
 * @throws errors of the database, but not of the projection
 */
export async function applyUpToFailure(
  database: ReadModelDatabase,
  projection: Projection,
  target: number | 'live',
  after: string,
  batch: readonly Envelope[],
  rowsMax?: number,
): Promise<Applied | ApplyFailure> {
  try {
    return await applyBatch(database, projection, target, after, batch, rowsMax);
  } catch (error) {
    if (error instanceof TooManyRowsError) {
      const first = batch.filter(({ position }) => comparePositions(position, error.position) <= 0);
      const outcome = await applyUpToFailure(database, projection, target, after, first, rowsMax);
      return outcome === 'applied' ? 'part' : outcome;
    }
    if (database.isTrouble(error)) throw error;
    const [event] = batch;
    if (batch.length <= 1) return { error, position: event?.position ?? after, after };
    const half = batch.length >> 1;
    const firstHalf = batch.slice(0, half);
    const outcome = await applyUpToFailure(database, projection, target, after, firstHalf, rowsMax);
    if (outcome !== 'applied') return outcome;
    const reached = firstHalf.at(-1)?.position ?? after;
    return applyUpToFailure(database, projection, target, reached, batch.slice(half), rowsMax);
  }
}

/**
 * Applies a batch to the live generations of several projections in one transaction.
 * If one of them fails, writes nothing and returns false, and the caller applies the batch to each alone.
 */
export async function applyToAll(
  { db, sql }: ReadModelDatabase,
  projections: readonly Projection[],
  after: string,
  batch: readonly Envelope[],
  rowsMax: number,
): Promise<boolean> {
  const transaction = db.transaction().execute(async (trx) => {
    for (const { name } of projections) await sql.lock(trx, name);
    const live = await liveBookmarks(trx);
    const applying: (readonly [Projection, Bookmark])[] = [];
    for (const projection of projections) {
      const bookmark = live.get(projection.name);
      const isThere = bookmark?.version === projection.version && bookmark.position === after;
      if (!isThere || bookmark.state === 'stuck') return false;
      applying.push([projection, bookmark]);
    }
    for (const [projection, bookmark] of applying) {
      await fold(trx, sql, projection, bookmark, batch, rowsMax);
    }
    const moved = applying.map(([{ name }, { generation }]) => [name, generation] as const);
    await moveBookmarks(trx, sql, moved, batch);
    return true;
  });
  // The caller's second attempt reports the error.
  return transaction.catch(() => false);
}

/** Folds the batch's events after the bookmark, and moves the bookmark. */
export async function foldAfter(
  trx: Transaction<MetaTables>,
  sql: ReadModelSql,
  projection: Projection,
  bookmark: Bookmark,
  batch: readonly Envelope[],
  rowsMax?: number,
): Promise<void> {
  const { generation, position } = bookmark;
  const [first] = batch;
  const events =
    first && comparePositions(first.position, position) > 0
      ? batch
      : batch.filter((event) => comparePositions(event.position, position) > 0);
  if (events.length === 0) return;
  await fold(trx, sql, projection, bookmark, events, rowsMax);
  await moveBookmarks(trx, sql, [[projection.name, generation]], events);
}

function fold(
  trx: Transaction<MetaTables>,
  sql: ReadModelSql,
  projection: Projection,
  { generation, events: ordinal }: Bookmark,
  events: readonly Envelope[],
  rowsMax?: number,
): Promise<void> {
  // A projection cannot interpret an event of an unknown form.
  for (const event of events) refuseUnknownForm(event);
  const batch = { events, ordinal, ...(rowsMax !== undefined && { rowsMax }) };
  return projection.apply(generationIn(trx, sql, projection, generation), batch);
}

/** Moves bookmarks to the end of the folded events. */
async function moveBookmarks(
  trx: Transaction<MetaTables>,
  { now }: ReadModelSql,
  generations: readonly (readonly [projection: string, generation: number])[],
  events: readonly Envelope[],
): Promise<void> {
  const [first, last] = [events[0] as Envelope, events.at(-1) as Envelope];
  await trx
    .updateTable('generations')
    .set((eb) => ({
      position: last.position,
      first_hash: eb.case().when('events', '=', 0).then(first.hash).else(eb.ref('first_hash')).end(),
      events: eb('events', '+', events.length),
      last_stream: last.streamId,
      last_version: last.version,
      last_hash: last.hash,
      updated_at: now,
    }))
    .where((eb) => eb.or(generations.map(([projection, generation]) => eb.and({ projection, generation }))))
    .execute();
}

const clearError = (trx: Transaction<MetaTables>, name: string) =>
  trx
    .updateTable('projections')
    .set({ state: 'running', error: null, error_position: null })
    .where('name', '=', name)
    .where('state', '=', 'stuck')
    .execute();

/** Marks the projection as stuck before an event, unless another runner has passed it. */
export async function markStuck(
  database: ReadModelDatabase,
  projection: Projection,
  after: string,
  failure: { readonly position: string; readonly error: unknown },
): Promise<void> {
  const { name } = projection;
  await withLock(database, name, async (trx) => {
    const live = await liveBookmark(trx, name);
    if (live === undefined || comparePositions(live.position, after) > 0) return;
    await trx
      .updateTable('projections')
      .set({ state: 'stuck', error: messageOf(failure.error), error_position: failure.position })
      .where('name', '=', name)
      .execute();
  });
}
