import type { Envelope } from '#event-sourcing/envelope';
import { hasCode } from '#event-sourcing/errors';
import type { EventStore } from '#event-sourcing/event-store';
import { bookmarkIn } from './model-set.ts';
import type { Bookmark } from './model-set.ts';
import { dropAllSets, withEachSet } from './model-sets.ts';
import type { ReadModelDatabase } from './read-model-database.ts';

/**
 * Thrown if the read models have folded events that the log does not contain: it lost them, or is another log. The read
 * models may be the last trace of these events, so nothing is deleted.
 */
export class ReadModelsAheadError extends Error {
  readonly code = 'read-models-ahead';

  /** @param models what to delete so that another log can be followed, as in `ReadModelDatabase.shown`. */
  constructor(seen: string, found: string, models: string, advice = 'Find the newer log and put it back') {
    super(
      `the read models have folded ${seen}, and ${found}. The log has lost events, or is a different log. ` +
        `${advice}, or set DOCKET_READ_MODELS to read models of this log. docket restore takes read models along; ` +
        `for a log that you put there otherwise, stop every process of Docket and delete ${models}`,
    );
    this.name = 'ReadModelsAheadError';
  }
}

/** Returns the number of events of a log that the read models have folded. */
export async function eventsSeen(database: ReadModelDatabase): Promise<number> {
  return Math.max(0, ...(await bookmarks(database)).map(({ events }) => events));
}

type Log = Pick<EventStore, 'readStream'>;

/**
 * Checks that the log contains the last folded event at the same position.
 * @throws ReadModelsAheadError
 */
export async function assertSameLog(store: Log, database: ReadModelDatabase): Promise<void> {
  const error = await aheadOf(store, database);
  if (error !== null) throw error;
}

/** Returns an error that describes why the read models do not match a log; null if they match. */
export async function aheadOf(store: Log, database: ReadModelDatabase): Promise<ReadModelsAheadError | null> {
  for (const bookmark of await bookmarks(database)) {
    const found = await otherThanSeen(store, bookmark);
    if (found === null) continue;
    const { events, position, last_stream: stream, last_version: version, last_hash: hash } = bookmark;
    const seen = `${events} events, the last at position ${position} (version ${version} of ${stream}, ${hash})`;
    return new ReadModelsAheadError(seen, found, database.shown);
  }
  return null;
}

/** Returns the bookmarks of all sets that can be read: after an upgrade, only another build's has seen the log. */
async function bookmarks(database: ReadModelDatabase): Promise<Bookmark[]> {
  const all: Bookmark[] = [];
  await withEachSet(database, async ({ db }) => {
    all.push(await bookmarkIn(db));
  });
  return all;
}

/** Returns what the log contains in place of the last folded event; null if it contains that event. */
async function otherThanSeen(
  store: Log,
  { position, last_stream: stream, last_version: version, last_hash: hash }: Bookmark,
): Promise<string | null> {
  if (stream === null || version === null || hash === null) return null;
  let event: Envelope | undefined;
  try {
    [event] = await store.readStream(stream, { after: version - 1, limit: 1 });
  } catch (error) {
    // An event that cannot be read is not lost. The reader reports the damage.
    if (hasCode(error, 'store-damaged')) return null;
    throw error;
  }
  if (event?.version !== version) return 'the log does not have it';
  if (event.hash !== hash) return `the log has a different event there (${event.hash})`;
  return event.position === position ? null : `the log has it at position ${event.position}`;
}

/** Drops all rows, and the bookmarks of followers and jobs: the next start folds the log from its beginning. */
export async function forgetLog(database: ReadModelDatabase): Promise<void> {
  await dropAllSets(database);
  await database.db.transaction().execute(async (trx) => {
    await trx.deleteFrom('followers').execute();
    await trx.deleteFrom('jobs').execute();
  });
}
