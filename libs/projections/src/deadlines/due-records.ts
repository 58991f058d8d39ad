import { sql } from 'kysely';
import type { Kysely, SqlBool } from 'kysely';
import type { ReadModelDatabase } from '../read-model-database.ts';
import { readLive } from '../read-live.ts';
import { deadlinesProjection } from './deadlines-projection.ts';
import type { DeadlineTables } from './deadlines-projection.ts';

/** A record of which a sweep has something to record, and from which day on. */
export interface DueRecord {
  readonly id: string;
  readonly sweepOn: string;
}

/**
 * The records of which something is to be recorded up to a day, after one of them, by day and id: an index gives them,
 * so that a sweep costs what is due and not what exists.
 */
export function dueRecords(
  database: ReadModelDatabase,
  { asOf, after, limit }: { readonly asOf: string; readonly after: DueRecord | null; readonly limit: number },
): Promise<readonly DueRecord[]> {
  return readLive(database, deadlinesProjection, async (generation) => {
    const db = generation.db as Kysely<DeadlineTables>;
    const query = db
      .selectFrom('deadline_ledgers')
      .select(['id', 'sweep_on'])
      .where('sweep_on', '<=', asOf)
      .orderBy('sweep_on')
      .orderBy('id')
      .limit(limit);
    const rows = await (
      after === null ? query : query.where(sql<SqlBool>`(sweep_on, id) > (${after.sweepOn}, ${after.id})`)
    ).execute();
    return rows.map(({ id, sweep_on }) => ({ id, sweepOn: sweep_on as string }));
  });
}
