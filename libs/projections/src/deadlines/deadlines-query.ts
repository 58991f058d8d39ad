import { sql } from 'kysely';
import type { Kysely, RawBuilder, SqlBool } from 'kysely';
import { daysBetween } from '../../../lifecycle/src/plain-date.ts';
import { dateState } from '../../../../state-machines/inspection-recommendation/v1/deadlines.ts';
import type { DeadlineState } from '../../../../state-machines/inspection-recommendation/v1/deadlines.ts';
import type { ReadModelDatabase } from '../read-model-database.ts';
import { readLive } from '../read-live.ts';
import { dueDateBounds } from '../recommendation-row.ts';
import { readCursor, writeCursor } from '../list-cursor.ts';
import { deadlinesProjection } from './deadlines-projection.ts';
import type { DeadlineRow, DeadlineTables } from './deadlines-projection.ts';

export interface DeadlinesQuery {
  /** The day at whose end deadlines are judged. */
  readonly today: string;
  /** The bodies that the caller may see the records of; null for all. */
  readonly recipients: readonly string[] | null;
  /** The first and the last date that is asked for. */
  readonly from?: string;
  readonly to?: string;
  readonly recipient?: string;
  /** `overdue` includes `escalated`. */
  readonly state?: DeadlineState;
  readonly limit: number;
  readonly cursor?: string;
}

export interface DeadlineItem {
  /** The record, and its deadline. */
  readonly id: string;
  readonly deadlineId: string;
  readonly recipient: string | null;
  readonly kind: string;
  readonly dueOn: string;
  readonly firstDueOn: string;
  readonly state: DeadlineState;
  /** Days until the date; below 0 it is over by so many. Null where nothing is due any more. */
  readonly daysLeft: number | null;
}

export interface DeadlinesPage {
  readonly items: readonly DeadlineItem[];
  readonly nextCursor: string | null;
  readonly position: string;
}

/**
 * The deadlines that a caller may see, the earliest date first.
 * @throws InvalidCursorError, ReadModelMissingError
 */
export function queryDeadlines(database: ReadModelDatabase, query: DeadlinesQuery): Promise<DeadlinesPage> {
  const { today, limit, cursor, ...filters } = query;
  return readLive(database, deadlinesProjection, async (generation, position) => {
    const conditions = conditionsOf(query, (values) => generation.sql.listed(values));
    if (cursor !== undefined) {
      const { value, id } = readCursor(cursor, filters);
      conditions.push(sql<SqlBool>`(due_on, id) > (${value}, ${id})`);
    }
    const rows = await (generation.db as Kysely<DeadlineTables>)
      .selectFrom('deadlines')
      .selectAll()
      .where((eb) => eb.and(conditions))
      .orderBy('due_on')
      .orderBy('id')
      .limit(limit + 1)
      .execute();
    const last = rows.length > limit ? rows[limit - 1] : undefined;
    return {
      items: rows.slice(0, limit).map((row) => itemOf(row, today)),
      nextCursor: last ? writeCursor({ value: last.due_on, id: last.id }, filters) : null,
      position,
    };
  });
}

function conditionsOf(
  { today, recipients, from, to, recipient, state }: DeadlinesQuery,
  listed: (values: readonly string[]) => RawBuilder<string>,
): RawBuilder<SqlBool>[] {
  return [
    ...(recipients === null ? [] : [sql<SqlBool>`recipient in ${listed(recipients)}`]),
    ...(recipient === undefined ? [] : [sql<SqlBool>`recipient = ${recipient}`]),
    ...(from === undefined ? [] : [sql<SqlBool>`due_on >= ${from}`]),
    ...(to === undefined ? [] : [sql<SqlBool>`due_on <= ${to}`]),
    ...(state === undefined ? [] : [stateCondition(state, today)]),
  ];
}

function stateCondition(state: DeadlineState, today: string): RawBuilder<SqlBool> {
  const { escalated, overdue, approaching } = dueDateBounds(today);
  switch (state) {
    case 'settled':
      return sql<SqlBool>`settled = 1`;
    case 'escalated':
      return sql<SqlBool>`settled = 0 and due_on <= ${escalated}`;
    case 'overdue':
      return sql<SqlBool>`settled = 0 and due_on <= ${overdue}`;
    case 'approaching':
      return sql<SqlBool>`settled = 0 and due_on > ${overdue} and due_on <= ${approaching}`;
    case 'on-track':
      return sql<SqlBool>`settled = 0 and due_on > ${approaching}`;
    case 'none':
      // Whatever is listed here is a deadline.
      return sql<SqlBool>`false`;
  }
}

function itemOf(row: DeadlineRow, today: string): DeadlineItem {
  const { record_id: id, deadline_id: deadlineId, recipient, kind, settled } = row;
  const { due_on: dueOn, first_due_on: firstDueOn } = row;
  return {
    id,
    deadlineId,
    recipient,
    kind,
    dueOn,
    firstDueOn,
    state: settled === 1 ? 'settled' : dateState(dueOn, today),
    daysLeft: settled === 1 ? null : daysBetween(today, dueOn),
  };
}
