import type { Kysely, Transaction } from 'kysely';
import { messageOf } from '#event-sourcing/errors';
import type { Envelope } from '#event-sourcing/envelope';
import { refuseUnknownForm } from '#event-sourcing/forms';
import { lockedBookmark, SetReplacedError } from './model-set.ts';
import type { Bookmark, ModelSet } from './model-set.ts';
import type { SetTables } from './operational-tables.ts';
import { comparePositions } from './position.ts';
import type { ReadModelDatabase } from './read-model-database.ts';

type Database = Pick<ReadModelDatabase, 'sql' | 'projections' | 'isTrouble'>;

/** Thrown if a projection cannot fold an event. The reason is the cause. */
export class ProjectionError extends Error {
  override readonly name = 'ProjectionError';

  constructor(projection: string, cause: unknown) {
    super(`${projection}: ${messageOf(cause)}`, { cause });
  }
}

/** Thrown if the bookmark is before a batch, whose events would otherwise be skipped. */
class GapError extends Error {
  override readonly name = 'GapError';
}

/** The event at which a projection threw, and the position before which everything was folded. */
export interface FoldFailure {
  readonly error: unknown;
  readonly position: string;
  readonly after: string;
}

/**
 * Folds a batch, which begins directly after a position, into all tables of a set. Reads and writes rows and bookmark
 * under one lock, and skips events that another process has folded.
 * @throws SetReplacedError, GapError, any error of a projection; nothing is written in that case.
 */
export async function foldBatch(
  { sql, projections, isTrouble }: Database,
  { db }: Pick<ModelSet, 'db'>,
  after: string,
  batch: readonly Envelope[],
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const bookmark = await lockedBookmark(trx);
    if (comparePositions(bookmark.position, after) < 0) throw new GapError(`${after} is not folded yet`);
    const events = eventsAfter(bookmark.position, batch);
    if (events.length === 0) return;
    // A projection cannot interpret an event of an unknown form.
    for (const event of events) refuseUnknownForm(event);
    const models = { db: trx as unknown as Kysely<unknown>, sql };
    for (const projection of projections) {
      await projection.apply(models, { events, ordinal: bookmark.events }).catch((error: unknown) => {
        throw isTrouble(error) ? error : new ProjectionError(projection.name, error);
      });
    }
    await moveBookmark(trx, events);
  });
}

function eventsAfter(position: string, batch: readonly Envelope[]): readonly Envelope[] {
  const [first] = batch;
  if (first === undefined || comparePositions(first.position, position) > 0) return batch;
  return batch.filter((event) => comparePositions(event.position, position) > 0);
}

/** Moves the bookmark to the end of the folded events, and removes the error of an earlier attempt. */
async function moveBookmark(trx: Transaction<SetTables>, events: readonly Envelope[]): Promise<void> {
  const last = events.at(-1) as Envelope;
  await trx
    .updateTable('bookmark')
    .set((eb) => ({
      position: last.position,
      events: eb('events', '+', events.length),
      last_stream: last.streamId,
      last_version: last.version,
      last_hash: last.hash,
      error: null,
      error_position: null,
    }))
    .execute();
}

/**
 * Folds a batch, or the part before the event at which a projection throws; returns the failure, or null.
 * @throws SetReplacedError, GapError, errors of the database, but not of a projection.
 */
export async function foldUpToFailure(
  database: Database,
  set: Pick<ModelSet, 'db'>,
  after: string,
  batch: readonly Envelope[],
): Promise<FoldFailure | null> {
  try {
    await foldBatch(database, set, after, batch);
    return null;
  } catch (error) {
    const isOther = error instanceof SetReplacedError || error instanceof GapError;
    if (isOther || database.isTrouble(error)) throw error;
    const [event] = batch;
    if (batch.length <= 1) return { error, position: event?.position ?? after, after };
    const half = batch.length >> 1;
    const firstHalf = batch.slice(0, half);
    const failure = await foldUpToFailure(database, set, after, firstHalf);
    if (failure !== null) return failure;
    return foldUpToFailure(database, set, firstHalf.at(-1)?.position ?? after, batch.slice(half));
  }
}

/** Marks a set as stuck before an event, unless another process has passed it. */
export async function markStuck(
  { db }: Pick<ModelSet, 'db'>,
  { error, position, after }: FoldFailure,
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const bookmark: Bookmark = await lockedBookmark(trx);
    if (comparePositions(bookmark.position, after) > 0) return;
    await trx
      .updateTable('bookmark')
      .set({ error: messageOf(error), error_position: position })
      .execute();
  });
}
