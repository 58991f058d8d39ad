import type { Kysely } from 'kysely';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { lookUpOfAnyVersion } from '#projections/read-live';
import { paddedPosition, thresholdsProjection } from './thresholds-projection.ts';
import type { ThresholdTables } from './thresholds-projection.ts';

/** A time that a wrong clock showed: what is before a position in the log, and effective after a day, was recorded in it. */
export interface FalseFuture {
  /** The position of the confirmation that the clock was right again. */
  readonly before: string;
  /** The day that it was then. */
  readonly after: string;
}

/**
 * The streams of the records of which a threshold that was crossed up to a day was recorded in a false future only.
 * @throws ReadModelMissingError
 */
export async function falseThresholds(
  database: ReadModelDatabase,
  futures: readonly FalseFuture[],
  asOf: string,
): Promise<readonly string[]> {
  const found = await Promise.all(
    futures.map(({ before, after }) =>
      lookUpOfAnyVersion(database, thresholdsProjection, ({ db }) =>
        (db as Kysely<ThresholdTables>)
          .selectFrom('thresholds')
          .select('stream')
          .where('effective_on', '>', after)
          .where('effective_on', '<=', asOf)
          .groupBy(['stream', 'deadline_id', 'date_version', 'type'])
          .having((having) => having.fn.max('position'), '<', paddedPosition(before))
          .execute(),
      ),
    ),
  );
  return [...new Set(found.flat().map(({ stream }) => stream))];
}
