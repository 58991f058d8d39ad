import { setImmediate } from 'node:timers/promises';
import type { Envelope } from '#event-sourcing/envelope';
import { hasCode } from '#event-sourcing/errors';
import type { StoreDamagedError } from '#event-sourcing/errors';
import { textLength } from '#event-sourcing/event-store';
import type { EventStore } from '#event-sourcing/event-store';
import { foldUpToFailure, markStuck } from './fold-batch.ts';
import type { FoldFailure } from './fold-batch.ts';
import { makeIndexes } from './make-tables.ts';
import { bookmarkIn } from './model-set.ts';
import type { ModelSet } from './model-set.ts';
import { comparePositions } from './position.ts';
import type { ReadModelDatabase } from './read-model-database.ts';

interface FoldOptions {
  readonly store: Pick<EventStore, 'readAll'>;
  readonly database: ReadModelDatabase;
  /** Checked between batches. */
  readonly signal: AbortSignal;
  /** Called after each batch. */
  readonly onProgress?: (progress: FoldProgress) => void;
}

export interface FoldProgress {
  readonly events: number;
  readonly position: string;
}

/**
 * The most characters of event text in a batch, which is in memory. The batch ends with the page that exceeds the
 * limit.
 */
const TEXT_OF_BATCH = 32 * 1024 * 1024;

/**
 * Folds a set up to a position and no further, and opens it for queries then, or if it stops before an event.
 * @throws errors of projections and of the log, recorded in the set; those of the database; the signal's reason.
 */
export async function foldLog(options: FoldOptions, set: ModelSet, head: string): Promise<void> {
  const { database, signal, onProgress } = options;
  for (;;) {
    const { position, events, error } = await bookmarkIn(set.db);
    onProgress?.({ position, events });
    if (comparePositions(position, head) >= 0) break;
    signal.throwIfAborted();
    // The event before which it is stuck is retried alone.
    const page = await readBatch(options, set, position, error === null ? Infinity : 1);
    const batch = page.filter((event) => comparePositions(event.position, head) <= 0);
    if (batch.length === 0) break;
    const failure = await foldUpToFailure(database, set, position, batch);
    if (failure !== null) await stopAt(options, set, failure);
    await setImmediate();
  }
  await openForQueries(options, set);
}

/** Records why a set stopped, and throws it. It may stay so for a long time, so queries may read what it has. */
export async function stopAt(
  options: Pick<FoldOptions, 'database' | 'signal'>,
  set: ModelSet,
  failure: FoldFailure,
): Promise<never> {
  await markStuck(set, failure);
  await openForQueries(options, set);
  throw failure.error;
}

/** Creates the indexes, and lets queries read the rows. */
export async function openForQueries(
  { database, signal }: Pick<FoldOptions, 'database' | 'signal'>,
  set: ModelSet,
): Promise<void> {
  if ((await bookmarkIn(set.db)).serves === 1) return;
  await makeIndexes(set, database.sql, database.projections, signal);
  await set.db.transaction().execute((trx) => trx.updateTable('bookmark').set({ serves: 1 }).execute());
}

async function readBatch(
  options: FoldOptions,
  set: ModelSet,
  position: string,
  eventsMax: number,
): Promise<readonly Envelope[]> {
  const { store, database } = options;
  const batch: Envelope[] = [];
  const first = eventsMax === Infinity ? {} : { limit: eventsMax };
  let page = await store.readAll({ after: position, ...first }).catch((error: unknown) => {
    if (!hasCode(error, 'store-damaged')) throw error;
    const { place } = error as StoreDamagedError;
    return stopAt(options, set, { error, position: place.position ?? position, after: position });
  });
  for (let length = 0; ;) {
    batch.push(...page);
    const last = page.at(-1);
    for (const { data } of page) length += textLength(data);
    if (
      last === undefined ||
      batch.length >= Math.min(database.catchUpEvents, eventsMax) ||
      length >= TEXT_OF_BATCH
    )
      return batch;
    // If a later page cannot be read, the next read reports the error.
    page = await store.readAll({ after: last.position }).catch(() => []);
  }
}
