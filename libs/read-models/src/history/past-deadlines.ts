import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import type { Generation } from '#projections/projection';
import type { ReadModelSql } from '#projections/read-model-sql';
import { ANSWER } from '#state-machines/capabilities/deadlines';
import type { DeadlineRow } from '../deadlines/deadlines-projection.ts';
import type { DeadlinesQuery, DeadlinesSource, RecordDetails } from '../deadlines/deadlines-query.ts';
import { historyProjection } from './history-projection.ts';
import { fellDue, isRecordedLate, outcomeOf } from './deadline-outcome.ts';
import { eventsAt, titleAt } from './history-source.ts';
import { validAt, pointOf, rowInTime } from './valid-at.ts';
import type { HistoryPoint, HistoryView } from './valid-at.ts';
import { outcomesAt } from './outcomes-at.ts';

/** Returns the deadlines at the end of a past day, as known at an instant. */
export const pastDeadlines = (view: HistoryView): DeadlinesSource => ({
  projections: [historyProjection],
  recipientToday: 'recipient_today',
  view,
  // The deadline's own column is tested first, so that few records are looked up. It is an inequality because
  // PostgreSQL assumes that few rows match an equality with a computed value, and would sort everything.
  unsettled: sql`coalesce(own_settled, 0) <> 1 and settled <> 1`,
  rows: ({ db, sql: dialect }, query) => db.selectFrom(rowsAt(pointOf(view), dialect, query).as('deadlines')),
  counted: (outcome, recipient) => {
    if (outcome === 'recordedLate') return isRecordedLate(sql.ref('deadlines.id'), pointOf(view), recipient);
    return outcome === 'extended'
      ? sql`(fell_due and extensions > 0 and outcome <> 'withdrawn')`
      : sql`(fell_due and outcome = ${outcome})`;
  },
  outcomes: ([generation], rows) => outcomesAt(generation as Generation, pointOf(view), rows),
  async details([generation], rows) {
    const streams = [...new Set(rows.map(({ stream }) => stream))];
    if (generation === undefined || streams.length === 0) return new Map();
    const { db, sql: dialect } = generation;
    const point = pointOf(view);
    const found = await db
      .selectFrom(recordsAt(point, dialect.listed(streams), dialect).as('details'))
      .selectAll()
      .execute();
    return new Map(
      found.map(({ stream, changed_at, ...details }) => [
        stream,
        { ...details, changedAt: instantOf(changed_at) },
      ]),
    );
  },
});

const instantOf = (milliseconds: number): string => new Date(milliseconds).toISOString();

/** Selects deadlines with the recipient, state and settlement of their records. */
function rowsAt(
  point: HistoryPoint,
  dialect: ReadModelSql,
  { outcome: listed }: Pick<DeadlinesQuery, 'outcome'>,
): RawBuilder<DeadlineRow> {
  const names = { record: 'h', deadline: 'd' };
  const includesWithdrawn =
    listed === 'withdrawn' || listed === 'recordedLate' || listed === 'enteredInError';
  return sql`(select d.id, d.stream, h.recipient, h.recipient_today, h.status, d.deadline_id, d.kind, d.due_on, d.first_due_on,
    h.issued_on, d.extensions, ${outcomeOf(names)} as outcome, ${fellDue(names, point.on)} as fell_due,
    case when d.withdrawn_on is null then d.settled else 1 end as own_settled,
    coalesce(case when d.withdrawn_on is null then d.settled else 1 end, case when d.kind <> ${sql.lit(ANSWER)} then h.closed when h.answered_on is not null then 1 else 0 end) as settled
    from ${sql.table('history_deadlines')} as d cross join ${sql.table('history')} as h
    where ${rowInTime(dialect, 'd.row')} and ${validAt(point, 'd')} ${includesWithdrawn ? sql`` : sql`and d.withdrawn_on is null`}
      and h.stream = d.stream and ${rowInTime(dialect, 'h.row')} and ${validAt(point, 'h')})`;
}

interface DetailsRow extends Pick<RecordDetails, 'title' | 'revision'> {
  readonly stream: string;
  readonly changed_at: number;
}

function recordsAt(
  point: HistoryPoint,
  streams: RawBuilder<string>,
  dialect: ReadModelSql,
): RawBuilder<DetailsRow> {
  const events = sql`${eventsAt(point)} and ${rowInTime(dialect, 'e.event')}`;
  return sql`(select h.stream, ${titleAt()} as title, (select count(*) from ${events} and e.decides = 1) as revision,
    (select max(e.known) from ${events} and e.decides > 0) as changed_at
    from ${sql.table('history')} as h where h.stream in ${streams} and ${rowInTime(dialect, 'h.row')} and ${validAt(point, 'h')})`;
}
