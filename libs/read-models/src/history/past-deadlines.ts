import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import type { ReadModelSql } from '#projections/read-model-sql';
import type { DeadlineRow } from '../deadlines/deadlines-projection.ts';
import type { DeadlinesSource, ToldOfRecord } from '../deadlines/deadlines-query.ts';
import { historyProjection } from './history-projection.ts';
import { outcomeOf } from './deadline-outcome.ts';
import { eventsAt, titleAt } from './history-source.ts';
import { holdsAt, pointOf, rowInTime } from './holds-at.ts';
import type { HistoryPoint, HistoryView } from './holds-at.ts';

/** The deadlines as they were: at the end of a day, by what was known then. */
export const dueAsTheyWere = (view: HistoryView): DeadlinesSource => ({
  projections: [historyProjection],
  recipientToday: 'recipient_today',
  view,
  // By its own rows few are left to be asked of their record's. PostgreSQL takes an equality of what is computed for rare, and would sort all.
  unsettled: sql`coalesce(own_settled, 0) <> 1 and settled <> 1`,
  rows: ({ db, sql: dialect }) => db.selectFrom(rowsAt(pointOf(view), dialect).as('deadlines')),
  async told([generation], rows) {
    const ids = [...new Set(rows.map(({ record_id }) => record_id))];
    if (generation === undefined || ids.length === 0) return new Map();
    const { db, sql: dialect } = generation;
    const point = pointOf(view);
    const found = await db
      .selectFrom(recordsAt(point, dialect.listed(ids), dialect).as('told'))
      .selectAll()
      .execute();
    return new Map(
      found.map(({ id, changed_at, ...told }) => [id, { ...told, changedAt: instantOf(changed_at) }]),
    );
  },
});

const instantOf = (milliseconds: number): string => new Date(milliseconds).toISOString();

/** A deadline by its own rows; whether it is settled, for whom it is and how its record stands by the record's. */
function rowsAt(point: HistoryPoint, dialect: ReadModelSql): RawBuilder<DeadlineRow> {
  const outcome = outcomeOf({ record: 'h', deadline: 'd' });
  return sql`(select d.id, d.record_id, h.recipient, h.recipient_today, h.status, d.deadline_id, d.kind, d.due_on, d.first_due_on,
    h.issued_on, d.extensions, ${outcome} as outcome,
    d.settled as own_settled, coalesce(d.settled, case when d.kind <> 'response' then h.closed when h.response = 'published' then 1 else 0 end) as settled
    from ${sql.table('history_deadlines')} as d cross join ${sql.table('history')} as h
    where ${rowInTime(dialect, 'd.row')} and ${holdsAt(point, 'd')} and d.withdrawn_on is null
      and h.id = d.record_id and ${rowInTime(dialect, 'h.row')} and ${holdsAt(point, 'h')})`;
}

interface ToldRow extends Pick<ToldOfRecord, 'title' | 'revision'> {
  readonly id: string;
  readonly changed_at: number;
}

function recordsAt(point: HistoryPoint, ids: RawBuilder<string>, dialect: ReadModelSql): RawBuilder<ToldRow> {
  const events = sql`${eventsAt(point)} and ${rowInTime(dialect, 'e.event')}`;
  return sql`(select h.id, ${titleAt()} as title, (select count(*) from ${events} and e.decides = 1) as revision,
    (select max(e.known) from ${events} and e.decides > 0) as changed_at
    from ${sql.table('history')} as h where h.id in ${ids} and ${rowInTime(dialect, 'h.row')} and ${holdsAt(point, 'h')})`;
}
