import type { Projection } from '#read-models/projection';
import { decidingEvents, foldedOf, foldRecordRow, foldRows, RECORD_COLUMNS, rowOf } from '../record-row.ts';
import type { RecordRow, RowFold, Folded } from '../record-row.ts';
import type { TableDefinition } from '#read-models/tables';

export interface StatisticsTables {
  statistics: RecordRow;
}

const STATISTICS: TableDefinition = {
  name: 'statistics',
  columns: RECORD_COLUMNS,
  key: 'id',
  // Holds all that is counted, so that counting reads the index alone.
  indexes: [['recipient', 'status', 'closed', 'issued_on', 'due_on']],
};

const FOLD: RowFold<RecordRow, Folded<RecordRow>> = {
  parse: foldedOf,
  fold: foldRecordRow,
  row: rowOf,
};

/**
 * A narrow row for each record. What changes none of it, as comments do, writes nothing. Its owner is given to nobody and
 * counted by nobody, so that the counts need not ask the store what was redacted: they are told while it is away.
 */
export const statisticsProjection: Projection = {
  name: 'statistics',
  version: 2,
  tables: [STATISTICS],
  async apply(generation, batch) {
    await foldRows(generation, STATISTICS, decidingEvents(batch), FOLD);
  },
};
