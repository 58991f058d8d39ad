import { sql } from 'kysely';
import type { Kysely, RawBuilder, SqlBool } from 'kysely';
import { daysBetween } from '#lifecycle/plain-date';
import { dateState, DUE_STATES } from '#state-machines/inspection-recommendation/v1/deadlines';
import type { Deadline } from '#state-machines/inspection-recommendation/v1/deadlines';
import type { Generation } from '#projections/projection';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { readLiveTogether } from '#projections/read-live';
import type { ReadModelSql } from '#projections/read-model-sql';
import { dueDateBounds } from '../record-row.ts';
import { readCursor, writeCursor } from '#projections/list-cursor';
import { registerProjection } from '../register/register-projection.ts';
import type { RegisterTables } from '../register/register-projection.ts';
import { deadlinesProjection } from './deadlines-projection.ts';
import type { DeadlineRow, DeadlineTables } from './deadlines-projection.ts';

/** How a deadline that is listed can stand. */
export const LISTED_STATES = [...DUE_STATES, 'settled'] as const;
export type ListedState = (typeof LISTED_STATES)[number];

export interface DeadlinesQuery {
  /** The day at whose end deadlines are judged. */
  readonly today: string;
  /** The bodies that the caller may see the records of; null for all. */
  readonly recipients: readonly string[] | null;
  /** The first and the last date that is asked for. */
  readonly from?: string;
  readonly to?: string;
  readonly recipient?: string;
  readonly kind?: Deadline['kind'];
  /** `overdue` includes `escalated`. */
  readonly state?: ListedState;
  /** Leaves out those that are settled. */
  readonly unsettled?: true;
  readonly limit: number;
  readonly cursor?: string;
}

export interface DeadlineItem {
  /** The record, its title (null where it was erased), its status, and its deadline. */
  readonly id: string;
  readonly title: string | null;
  readonly status: string;
  readonly recipient: string | null;
  readonly deadlineId: string;
  readonly kind: string;
  readonly dueOn: string;
  readonly firstDueOn: string;
  readonly state: ListedState;
  /** Days until the date; below 0 it is over by so many. Null where nothing is due any more. */
  readonly daysLeft: number | null;
  /** Grows with every event that decides on the record's deadlines, or tells of them; and when the last was stored. */
  readonly revision: number;
  readonly changedAt: string;
}

export interface DeadlinesPage {
  readonly items: readonly DeadlineItem[];
  readonly nextCursor: string | null;
  /** Up to where the log is in this page. */
  readonly position: string;
}

/**
 * The deadlines that a caller may see, the earliest date first.
 * @throws InvalidCursorError, ReadModelMissingError
 */
export async function queryDeadlines(
  database: ReadModelDatabase,
  query: DeadlinesQuery,
): Promise<DeadlinesPage> {
  const { today, limit, cursor } = query;
  const list = listKey(query);
  const after = cursor === undefined ? null : readCursor(cursor, list);
  return readLiveTogether(
    database,
    [deadlinesProjection, registerProjection],
    async ([deadlines, register], position) => {
      const conditions = conditionsOf(query, deadlines.sql);
      if (after !== null) conditions.push(sql<SqlBool>`(due_on, id) > (${after.value}, ${after.id})`);
      const found = await (deadlines.db as Kysely<DeadlineTables>)
        .selectFrom('deadlines')
        .selectAll()
        .where((eb) => eb.and(conditions))
        .orderBy('due_on')
        .orderBy('id')
        .limit(limit + 1)
        .execute();
      const rows = found.slice(0, limit);
      const last = found.length > limit ? rows.at(-1) : undefined;
      const titles = await titlesOf(register, rows);
      const ledgers = await ledgersOf(deadlines, rows);
      return {
        items: rows.map((row) => ({
          ...itemOf(row, titles.get(row.record_id) ?? null, today),
          ...(ledgers.get(row.record_id) as Revision),
        })),
        nextCursor: last ? writeCursor({ value: last.due_on, id: last.id }, list) : null,
        position,
      };
    },
  );
}

/** Two callers who see the same, in whatever order their bodies are named, have the same list. */
const listKey = ({ recipients, from, to, recipient, kind, state, unsettled }: DeadlinesQuery) => ({
  deadlines: [recipients && [...recipients].sort(), from, to, recipient, kind, state, unsettled].map(
    (value) => value ?? null,
  ),
});

/** The titles are the register's, so that one which was erased is nowhere else. */
async function titlesOf(
  { db, sql }: Generation,
  rows: readonly DeadlineRow[],
): Promise<Map<string, string | null>> {
  const ids = [...new Set(rows.map(({ record_id }) => record_id))];
  const found = await (db as Kysely<RegisterTables>)
    .selectFrom('register')
    .select(['id', 'title'])
    .where('id', 'in', sql.listed(ids))
    .execute();
  return new Map(found.map(({ id, title }) => [id, title]));
}

type Revision = Pick<DeadlineItem, 'revision' | 'changedAt'>;

/** What changes with every event of a record is in one row of it, and not in that of each deadline. */
async function ledgersOf(
  { db, sql }: Generation,
  rows: readonly DeadlineRow[],
): Promise<Map<string, Revision>> {
  const ids = [...new Set(rows.map(({ record_id }) => record_id))];
  const found = await (db as Kysely<DeadlineTables>)
    .selectFrom('deadline_ledgers')
    .select(['id', 'revision', 'changed_at as changedAt'])
    .where('id', 'in', sql.listed(ids))
    .execute();
  return new Map(found.map(({ id, revision, changedAt }) => [id, { revision, changedAt }]));
}

function conditionsOf(
  { today, recipients, from, to, recipient, kind, state, unsettled }: DeadlinesQuery,
  dialect: ReadModelSql,
): RawBuilder<SqlBool>[] {
  return [
    dialect.inTime('id'),
    ...(recipients === null ? [] : [sql<SqlBool>`recipient in ${dialect.listed(recipients)}`]),
    ...(recipient === undefined ? [] : [sql<SqlBool>`recipient = ${recipient}`]),
    ...(kind === undefined ? [] : [sql<SqlBool>`kind = ${kind}`]),
    ...(from === undefined ? [] : [sql<SqlBool>`due_on >= ${from}`]),
    ...(to === undefined ? [] : [sql<SqlBool>`due_on <= ${to}`]),
    ...(unsettled === undefined ? [] : [sql<SqlBool>`settled = 0`]),
    ...(state === undefined ? [] : [stateCondition(state, today)]),
  ];
}

function stateCondition(state: ListedState, today: string): RawBuilder<SqlBool> {
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
  }
}

function itemOf(row: DeadlineRow, title: string | null, today: string): Omit<DeadlineItem, keyof Revision> {
  const isSettled = row.settled === 1;
  return {
    id: row.record_id,
    title,
    status: row.status,
    recipient: row.recipient,
    deadlineId: row.deadline_id,
    kind: row.kind,
    dueOn: row.due_on,
    firstDueOn: row.first_due_on,
    state: isSettled ? 'settled' : dateState(row.due_on, today),
    daysLeft: isSettled ? null : daysBetween(today, row.due_on),
  };
}
