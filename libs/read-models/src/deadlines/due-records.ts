import { sql } from 'kysely';
import type { Kysely, NotNull, SqlBool } from 'kysely';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { lookUpLive } from '#projections/read-live';
import type { RegisterTables } from '../register/register-projection.ts';

/** A record that is due for a sweep, and the first day on which it is. */
export interface DueRecord {
  readonly stream: string;
  readonly sweepOn: string;
}

interface DueRecordsQuery {
  readonly asOf: string;
  /** The last record of the previous page; null for the first page. */
  readonly after: DueRecord | null;
  readonly limit: number;
}

/**
 * Returns a page of the records that are due for a sweep by a day, ordered by day and stream. An index limits the cost
 * to the due records. Accepts rows of any projection version, because the sweep reads the record itself.
 * @throws ReadModelMissingError
 */
export function dueRecords(
  database: ReadModelDatabase,
  query: DueRecordsQuery,
): Promise<readonly DueRecord[]> {
  return lookUpLive(database, async ({ db }) => {
    const rows = await selectDue(db, query).execute();
    return rows.map(({ stream, sweep_on: sweepOn }) => ({ stream, sweepOn }));
  });
}

/** Exported so that the spec can check the query plan. */
export function selectDue(db: Kysely<RegisterTables>, { asOf, after, limit }: DueRecordsQuery) {
  const query = db
    .selectFrom('register')
    .select(['stream', 'sweep_on'])
    .$narrowType<{ sweep_on: NotNull }>()
    .where('sweep_on', '<=', asOf)
    .orderBy('sweep_on')
    .orderBy('stream')
    .limit(limit);
  return after === null
    ? query
    : query.where(sql<SqlBool>`(sweep_on, stream) > (${after.sweepOn}, ${after.stream})`);
}
