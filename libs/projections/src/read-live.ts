import type { Kysely, Transaction } from 'kysely';
import { systemClock } from '#event-sourcing/clock';
import { bookmarkIn } from './model-set.ts';
import type { Models } from './projection.ts';
import type { SetTables } from './operational-tables.ts';
import { ReadModelBehindError, ReadModelMissingError } from './read-model-database.ts';
import type { ReadModelDatabase } from './read-model-database.ts';
import { waitForPosition } from './read-models-status.ts';

type Read<Result> = (models: Models, position: string) => Promise<Result>;

/** How long a read waits for a redaction to be folded. */
const REDACTION_MS_MAX = 5_000;

/**
 * Reads the live set in one snapshot, so that rows and `position` match, and a switch to a rebuilt set happens before or
 * after the read. It waits for rows that lack a redaction of the log, and then for its turn, and is cancelled at its time
 * limit (`ReadModelSql.inTime`).
 * @throws ReadModelMissingError while the set is built; ReadModelBehindError; QueryTooSlowError, ReadersBusyError,
 *   ReadAbandonedError.
 */
export async function readLive<Result>(database: ReadModelDatabase, read: Read<Result>): Promise<Result> {
  await database.whenFresh?.();
  const until = systemClock.elapsed() + REDACTION_MS_MAX;
  for (;;) {
    try {
      return await database.read((trx) => readIn(trx, database, read, database.redactionAfter));
    } catch (error) {
      if (!(error instanceof ReadModelBehindError)) throw error;
      const timeLeft = until - systemClock.elapsed();
      if (timeLeft <= 0 || !(await waitForPosition(database, error.position, timeLeft))) throw error;
    }
  }
}

/**
 * Reads as `readLive` does, but at once, on a connection that also writes, and even if a redaction is not folded yet: for
 * a few rows without texts that an index finds, on which others wait, and for background work.
 * @throws ReadModelMissingError while the set is built.
 */
export function lookUpLive<Result>(database: ReadModelDatabase, read: Read<Result>): Promise<Result> {
  return database.use(({ db }) =>
    db
      .transaction()
      .setIsolationLevel('repeatable read')
      .setAccessMode('read only')
      .execute((trx) => readIn(trx, database, read)),
  );
}

async function readIn<Result>(
  trx: Transaction<SetTables>,
  { sql }: ReadModelDatabase,
  read: Read<Result>,
  redactionAfter?: ReadModelDatabase['redactionAfter'],
): Promise<Result> {
  const { position, serves } = await bookmarkIn(trx);
  if (serves === 0) throw new ReadModelMissingError(position);
  // The snapshot exists now, so every redaction recorded before the read is in it or found here.
  const redaction = (await redactionAfter?.(position)) ?? null;
  if (redaction !== null) throw new ReadModelBehindError(redaction);
  return read({ db: trx as unknown as Kysely<unknown>, sql }, position);
}
