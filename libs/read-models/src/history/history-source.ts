import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import type { ReadModelSql } from '#projections/read-model-sql';
import type { ListedRow, Order, Reading, RegisterSource } from '../register/register-source.ts';
import { londonDate } from '#state-machines/london';
import { REGIONS, regionColumn, waitColumn, WAITS } from '../record-state.ts';
import { foundAt } from './found-rows.ts';
import { historyProjection } from './history-projection.ts';
import { PER_RECORD } from './history-tables.ts';
import { validAt, pointOf, rowInTime } from './valid-at.ts';
import type { HistoryPoint, HistoryView } from './valid-at.ts';

const WALKED_FROM = 10_000;

/** Returns the register at the end of a past day, as known at an instant. */
export const pastRegister = (view: HistoryView, walkedFrom = WALKED_FROM): RegisterSource => ({
  projection: historyProjection,
  recipientToday: 'recipient_today',
  // The queries below check the time limit themselves.
  inTime: () => sql`true`,
  isSplit: false,
  view,
  walks: { by: (order) => isWalkedAt(view, order), moreThan: walkedFrom },
  rows: ({ db, sql: dialect }) => db.selectFrom(rowsAt(pointOf(view), dialect).as('register')),
  found: ({ db, sql: dialect }, reading) =>
    db.selectFrom(rowsFoundAt(pointOf(view), dialect, reading).as('register')),
});

/** The columns of a row `h` that lists show and filter by, except its stream. */
const SHOWN = sql.join(
  [
    ...(['recipient', 'recipient_today', 'owner', 'status', 'status_origin'] as const),
    ...(['closed', 'settled', 'issued_on', 'due_on', 'closed_on', 'waits', 'unanswered', 'issue'] as const),
    ...REGIONS.map(regionColumn),
    ...WAITS.map(waitColumn),
  ].map((column) => sql.ref(`h.${column}`)),
);

/**
 * Selects the rows at a point. Values from events, and values that are the same at every date, are looked up only for
 * the rows shown.
 */
function rowsAt(point: HistoryPoint, dialect: ReadModelSql): RawBuilder<ListedRow> {
  return sql`(select h.stream, ${SHOWN}, h.from_on as updated_on, ${titleAt()} as title, ${versionAt(point)} as version,
    ${ofRecord('report_name')} as report_name,
    coalesce(h.published_on, ${ofRecord('report_published_on')}) as report_published_on,
    coalesce(h.lifecycle_name, ${ofRecord('lifecycle_name')}) as lifecycle_name,
    coalesce(h.lifecycle_version, ${ofRecord('lifecycle_version')}) as lifecycle_version
    from ${sql.table('history')} as h where ${rowInTime(dialect, 'h.row')} and ${validAt(point, 'h')})`;
}

/**
 * Returns whether walking an index is faster than finding the rows first: nearly every title belongs to a valid row,
 * and the latest changes before a day are mostly valid.
 */
function isWalkedAt({ effectiveOn, knownAt }: HistoryView, { column, descending }: Order): boolean {
  if (column === 'title') return true;
  const isKnown = knownAt === null || londonDate(Date.parse(knownAt)) >= effectiveOn;
  return column === 'updated_on' && descending && isKnown;
}

/**
 * Selects the rows at a point without values that only lists show. Many rows are read in order; for few, each title is
 * looked up.
 */
function rowsFoundAt(
  point: HistoryPoint,
  dialect: ReadModelSql,
  { column, isOfMany = false }: Reading = {},
): RawBuilder<ListedRow> {
  if (column === 'updated_on' && isOfMany)
    return sql`(select h.*, h.from_on as updated_on from ${sql.table('history')} as h
      where h.from_on <= ${point.on} and ${rowInTime(dialect, 'h.row')} and ${validAt(point, 'h')})`;
  if (column !== 'title' || !isOfMany) {
    const title = column === 'title' ? sql`, ${titleAt()} as title` : sql``;
    return sql`(select h.*, h.from_on as updated_on${title} from ${foundAt(point, dialect)} as h)`;
  }
  return sql`(select t.stream, ${SHOWN}, t.title, h.from_on as updated_on
    from ${sql.table('history_titles')} as t cross join ${sql.table('history')} as h
    where h.stream = t.stream and (h.title_event = t.event or (h.title_event is null and t.issued = 1))
      and ${rowInTime(dialect, 'h.row')} and ${validAt(point, 'h')})`;
}

const ofRecord = (column: string): RawBuilder<unknown> =>
  sql`(select r.${sql.raw(column)} from ${sql.table('history_records')} as r where r.stream = h.stream)`;

/** Selects the title of the record of a row `h`. */
export const titleAt = (): RawBuilder<string | null> =>
  sql`(select t.title from ${sql.table('history_titles')} as t where t.event = coalesce(h.title_event, ${ofRecord('issue_event')}))`;

const firstKey = sql`(h.row / ${sql.lit(PER_RECORD)}) * ${sql.lit(PER_RECORD)}`;

/** Selects the events of the record of a row `h` that a view includes: always the first, even if its date is later. */
export const eventsAt = ({ on, known }: HistoryPoint): RawBuilder<unknown> =>
  sql`${sql.table('history_events')} as e where e.event > ${firstKey} and e.event < ${firstKey} + ${sql.lit(PER_RECORD)}
    and e.known <= ${BigInt(known)} and (e.effective_on <= ${on} or e.event = ${firstKey} + 1)`;

const versionAt = (point: HistoryPoint): RawBuilder<number> =>
  sql`(select e.event - ${firstKey} from ${eventsAt(point)} order by e.event desc limit 1)`;
