import type { Envelope } from '#event-sourcing/envelope';
import { hasCode } from '#event-sourcing/errors';
import type { EventStore } from '#event-sourcing/event-store';
import { dropUndeclared } from './drop-undeclared.ts';
import type { MetaTables } from './meta-tables.ts';
import type { ReadModelDatabase } from './read-model-database.ts';

/**
 * Thrown if the read models have folded events that the log does not contain: it lost them, or is another log. The read
 * models may be the last trace of these events, so nothing is deleted.
 */
export class ReadModelsAheadError extends Error {
  readonly code = 'read-models-ahead';

  constructor(seen: string, found: string, advice = 'Find the newer log and put it back') {
    super(
      `the read models have folded ${seen}, and ${found}. The log has lost events, or is a different log. ` +
        `${advice}, or set DOCKET_READ_MODELS to read models of this log. ` +
        'docket restore takes read models along; for a log that you put there otherwise, delete them',
    );
    this.name = 'ReadModelsAheadError';
  }
}

/** Returns the number of events of a log that the read models have folded. */
export async function eventsSeen({ db }: Pick<ReadModelDatabase, 'db'>): Promise<number> {
  const generations = await db.selectFrom('generations').select('events').execute();
  return Math.max(0, ...generations.map(({ events }) => events));
}

type Generation = MetaTables['generations'];
type Log = Pick<EventStore, 'readStream'>;

/**
 * Checks that the log contains the last folded event of each projection at the same position.
 * @throws ReadModelsAheadError
 */
export async function assertSameLog(store: Log, database: ReadModelDatabase): Promise<void> {
  const error = await aheadOf(store, database);
  if (error !== null) throw error;
}

/** Returns an error that describes why the read models do not match a log; null if they match. */
export async function aheadOf(store: Log, { db }: ReadModelDatabase): Promise<ReadModelsAheadError | null> {
  const generations = await db.selectFrom('generations').selectAll().execute();
  // The last folded event of most projections is the same.
  const last = new Map(
    generations.map((generation) => [`${generation.position} ${generation.last_hash}`, generation]),
  );
  for (const generation of last.values()) {
    const found = await otherThanSeen(store, generation);
    if (found === null) continue;
    const { events, position, last_stream: stream, last_version: version, last_hash: hash } = generation;
    const seen = `${events} events, the last at position ${position} (version ${version} of ${stream}, ${hash})`;
    return new ReadModelsAheadError(seen, found);
  }
  return null;
}

/** Returns what the log contains in place of a generation's last event; null if it contains that event. */
async function otherThanSeen(
  store: Log,
  {
    position,
    last_stream: stream,
    last_version: version,
    last_hash: hash,
  }: Pick<Generation, 'position' | 'last_stream' | 'last_version' | 'last_hash'>,
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
  await dropUndeclared(database, []);
  await database.db.transaction().execute(async (trx) => {
    await trx.deleteFrom('followers').execute();
    await trx.deleteFrom('jobs').execute();
  });
}
