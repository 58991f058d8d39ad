import { sql } from 'kysely';
import type { Kysely, SqlBool } from 'kysely';
import type { Generation } from '#projections/projection';
import type { RecordBatch } from './history-batch.ts';
import { keyOf, keysOf } from './history-tables.ts';
import type { HistoryEventRow, HistoryTables } from './history-tables.ts';
import type { LightEvent } from './light-events.ts';
import { readLight } from './light-events.ts';
import { mannerOf } from './record-history.ts';
import { NEVER } from './spans.ts';

/** Loads the rows and events that the batch will change. Most records need none. */
export async function loadEarlier(generation: Generation, batches: readonly RecordBatch[]): Promise<void> {
  for (const batch of batches) {
    if (batch.before === undefined) continue;
    const needed = neededFor(batch);
    if (needed === 'everything') await loadEverything(generation, batch);
    else if (needed !== null) await loadDays(generation, batch, needed);
  }
}

interface Days {
  readonly from: string;
  readonly until: string;
}

/** Returns what the batch will need of earlier days, so that one query loads it. */
function neededFor({ record, groups }: RecordBatch): Days | 'everything' | null {
  const { first_on } = record.head;
  let { last_on, last_known } = record.head;
  const days: string[] = [];
  for (const group of groups) {
    const manner = mannerOf({ first_on, last_on, last_known }, group);
    if (manner === 'refold') return 'everything';
    const noted = manner === 'notes' ? group.filter(({ effectiveOn }) => effectiveOn < last_on) : [];
    days.push(...noted.map(({ effectiveOn }) => effectiveOn));
    for (const { effectiveOn, known } of group) {
      if (known > last_known) last_known = known;
      if (effectiveOn > last_on) last_on = effectiveOn;
    }
  }
  const [from] = days.sort();
  return from === undefined ? null : { from, until: days.at(-1) as string };
}

async function loadDays(
  { db }: Generation,
  { record }: RecordBatch,
  { from: day, until: last }: Days,
): Promise<void> {
  const { from, until } = keysOf(record.head.number);
  const rows = await (db as Kysely<HistoryTables>)
    .selectFrom('history')
    .selectAll()
    .where('stream', '=', record.head.stream)
    .where('row', '>=', from)
    .where('row', '<', until)
    .where('known_to', '=', NEVER)
    .where('next_on', '>', day)
    .where('from_on', '<=', last)
    .execute();
  record.load([], rows, []);
}

async function loadEverything(generation: Generation, { record, groups }: RecordBatch): Promise<void> {
  const db = generation.db as Kysely<HistoryTables>;
  const { stream, number, version, last_known, issue } = record.head;
  const { from, until } = keysOf(number);
  // A record can have very many superseded rows.
  const isNeeded = groups.some(([first]) => first !== undefined && first.known <= last_known)
    ? sql<SqlBool>`(known_to = ${NEVER} or known_to = ${last_known} or known = ${last_known} or next_known = ${last_known})`
    : sql<SqlBool>`known_to = ${NEVER}`;
  const events = await db
    .selectFrom('history_events')
    .selectAll()
    .where('event', '>=', from)
    .where('event', '<=', keyOf(number, version))
    .orderBy('event')
    .execute();
  const rows = await db
    .selectFrom('history')
    .selectAll()
    .where('stream', '=', stream)
    .where('row', '>=', from)
    .where('row', '<', until)
    .where(isNeeded)
    .execute();
  const deadlines = await db
    .selectFrom('history_deadlines')
    .selectAll()
    .where('stream', '=', stream)
    .where('row', '>=', from)
    .where('row', '<', until)
    .where(isNeeded)
    .execute();
  const light = events.map((row): LightEvent => lightOfRow(row, from, issue.lifecycle));
  record.load(light, rows, deadlines);
}

const lightOfRow = (
  row: HistoryEventRow,
  from: number,
  lifecycle: Parameters<typeof readLight>[1],
): LightEvent => ({
  version: row.event - from,
  effectiveOn: row.effective_on,
  known: row.known,
  deciding: readLight(row, lifecycle),
});
