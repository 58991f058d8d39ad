import { sql } from 'kysely';
import type { Kysely, NotNull, SqlBool } from 'kysely';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { lookUpOfAnyVersion } from '#projections/read-live';
import { deadlinesProjection } from './deadlines-projection.ts';
import type { DeadlineTables } from './deadlines-projection.ts';

/** A record of which a sweep has something to record, and from which day on. */
export interface DueRecord {
  readonly stream: string;
  readonly sweepOn: string;
}

interface DueRecordsQuery {
  readonly asOf: string;
  /** The last record of the page before. */
  readonly after: DueRecord | null;
  readonly limit: number;
}

/**
 * The records of which something is to be recorded up to a day, after one of them, by day and stream: an index gives them,
 * so that a sweep costs what is due and not what exists. Rows of any version do: what is due the record itself says.
 * @throws ReadModelMissingError
 */
export function dueRecords(
  database: ReadModelDatabase,
  query: DueRecordsQuery,
): Promise<readonly DueRecord[]> {
  return lookUpOfAnyVersion(database, deadlinesProjection, async ({ db }) => {
    const rows = await selectDue(db, query).execute();
    return rows.map(({ stream, sweep_on: sweepOn }) => ({ stream, sweepOn }));
  });
}

/** The query itself, whose plan its spec looks at. */
export function selectDue(db: Kysely<DeadlineTables>, { asOf, after, limit }: DueRecordsQuery) {
  const query = db
    .selectFrom('deadline_ledgers')
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
