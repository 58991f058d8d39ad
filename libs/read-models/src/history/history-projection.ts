import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import type { Generation, Projection } from '#projections/projection';
import { eventsOfRecords, inParts } from '../record-row.ts';
import type { EventsByRecord } from '../record-row.ts';
import { versionWithLifecycles } from '../record-state.ts';
import { HistoryBatch, RowBudget } from './history-batch.ts';
import {
  HISTORY,
  HISTORY_DEADLINES,
  HISTORY_EVENTS,
  HISTORY_HEADS,
  HISTORY_PASSINGS,
  HISTORY_RECORDS,
  HISTORY_TITLES,
  PER_RECORD,
} from './history-tables.ts';
import type { HistoryTables } from './history-tables.ts';
import type { LoadedHead } from './head.ts';
import { loadEarlier } from './load-earlier.ts';

/**
 * The state of every record by effective date and by the time at which it became known. Events apply in effective
 * order, as in the view of a single record.
 */
export const historyProjection: Projection = {
  name: 'history',
  version: versionWithLifecycles(15),
  tables: [
    HISTORY,
    HISTORY_DEADLINES,
    HISTORY_PASSINGS,
    HISTORY_RECORDS,
    HISTORY_TITLES,
    HISTORY_EVENTS,
    HISTORY_HEADS,
  ],
  async apply(generation, batch) {
    const budget = new RowBudget();
    for (const records of inParts(eventsOfRecords(batch))) await applyRecords(generation, records, budget);
  },
};

async function applyRecords(
  generation: Generation,
  events: EventsByRecord,
  budget: RowBudget,
): Promise<void> {
  const heads = await loadHeads(generation, [...events.keys()]);
  let number = heads.size < events.size ? await recordsSoFar(generation) : 0;
  const nextNumber = () => number++;
  const batch = new HistoryBatch(budget);
  const records = [...events].map(([stream, own]) => batch.begin(stream, heads.get(stream), own, nextNumber));
  await loadEarlier(generation, records);
  for (const record of records) batch.apply(record);
  await batch.write(generation);
}

/**
 * Loads heads. The version and instant of a head are stored in its last row, so that an event that changes nothing else
 * does not rewrite the head.
 */
async function loadHeads(
  { db, sql: dialect }: Generation,
  streams: string[],
): Promise<Map<string, LoadedHead>> {
  const first = sql`${sql.ref('h.number')} * ${sql.lit(PER_RECORD)}`;
  const last = sql<number>`(select max(event) from ${sql.table('history_events')}
    where event >= ${first} and event < ${first} + ${sql.lit(PER_RECORD)})`;
  const rows = await (db as Kysely<HistoryTables>)
    .selectFrom('history_heads as h')
    .crossJoin('history_events as e')
    .selectAll('h')
    .select([sql<number>`e.event - ${first}`.as('version'), 'e.known'])
    .where('h.stream', 'in', dialect.listed(streams))
    .where('e.event', '=', last)
    .execute();
  return new Map(rows.map((row) => [row.stream, row]));
}

/**
 * Returns the number of records. Every record has rows, so the last row belongs to the record with the highest number.
 */
async function recordsSoFar({ db }: Generation): Promise<number> {
  const row = await (db as Kysely<HistoryTables>)
    .selectFrom('history')
    .select('row')
    .orderBy('row', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row === undefined ? 0 : Math.floor(row.row / PER_RECORD) + 1;
}
