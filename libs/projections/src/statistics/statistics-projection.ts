import type { Kysely } from 'kysely';
import type { Projection } from '../projection.ts';
import {
  foldRecommendation,
  RECOMMENDATION_COLUMNS,
  decidingEvents,
  recordsOf,
} from '../recommendation-row.ts';
import type { RecommendationRow } from '../recommendation-row.ts';
import type { TableDefinition } from '../tables.ts';

export interface StatisticsTables {
  statistics: RecommendationRow;
}

const STATISTICS: TableDefinition = {
  name: 'statistics',
  columns: RECOMMENDATION_COLUMNS,
  key: 'id',
  // Holds all that is counted, so that counting reads the index alone.
  indexes: [['recipient', 'status', 'closed', 'issued_on', 'due_on']],
};

/** A narrow row for each record. What changes none of it, as comments do, writes nothing. */
export const statisticsProjection: Projection = {
  name: 'statistics',
  version: 1,
  tables: [STATISTICS],
  async apply({ db, sql }, batch) {
    const events = decidingEvents(batch);
    if (events.length === 0) return;
    const loaded = await (db as Kysely<StatisticsTables>)
      .selectFrom('statistics')
      .selectAll()
      .where('id', 'in', sql.listed(recordsOf(events)))
      .execute();
    const before = new Map(loaded.map((row) => [row.id, row]));
    const after = new Map(before);
    for (const event of events) {
      after.set(event.recordId, foldRecommendation(after.get(event.recordId), event));
    }
    const changed = [...after.values()].filter((row) => !isSame(before.get(row.id), row));
    await sql.upsert(db, STATISTICS, changed);
  },
};

const COLUMNS = Object.keys(RECOMMENDATION_COLUMNS) as (keyof RecommendationRow)[];

const isSame = (before: RecommendationRow | undefined, after: RecommendationRow): boolean =>
  before !== undefined && COLUMNS.every((column) => before[column] === after[column]);
