import type { Projection } from '../projection.ts';
import {
  decidingEvents,
  foldRecommendation,
  foldRows,
  RECOMMENDATION_COLUMNS,
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
  async apply(generation, batch) {
    await foldRows(generation, STATISTICS, decidingEvents(batch), foldRecommendation);
  },
};
