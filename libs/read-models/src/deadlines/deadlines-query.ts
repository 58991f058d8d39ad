import { sql } from 'kysely';
import type { Kysely, RawBuilder, SelectQueryBuilder, SqlBool } from 'kysely';
import { daysBetween } from '#lifecycle/plain-date';
import { dateState, DUE_STATES } from '#state-machines/capabilities/deadlines';
import type { Generation, Projection } from '#projections/projection';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { readLiveTogether } from '#projections/read-live';
import type { ReadModelSql } from '#projections/read-model-sql';
import { ofKinds, sightConditions } from '../ground.ts';
import type { Condition, Ground } from '../ground.ts';
import { OUTCOMES } from '../history/deadline-outcome.ts';
import { historyProjection } from '../history/history-projection.ts';
import { ALL_KNOWN, viewTold } from '../history/holds-at.ts';
import type { HistoryView, ToldView } from '../history/holds-at.ts';
import { outcomesAt } from '../history/outcomes-at.ts';
import type { ToldOutcome } from '../history/outcomes-at.ts';
import { dueDateBounds, recordOf } from '../record-row.ts';
import { pageOf, readCursor } from '#projections/list-cursor';
import type { ListKey, PageEnd } from '#projections/list-cursor';
import { registerProjection } from '../register/register-projection.ts';
import type { RegisterTables } from '../register/register-projection.ts';
import { deadlinesProjection } from './deadlines-projection.ts';
import type { DeadlineRow, DeadlineTables } from './deadlines-projection.ts';

/** How a deadline that is listed can stand. */
export const LISTED_STATES = [...DUE_STATES, 'settled'] as const;
type ListedState = (typeof LISTED_STATES)[number];

/**
 * What is counted of deadlines: their outcomes, those that were recorded as passed, whatever became of them, and those of the
 * deadlines that fell due whose date was put off.
 */
export const LISTED_OUTCOMES = [...OUTCOMES, 'recordedLate', 'extended'] as const;
export type ListedOutcome = (typeof LISTED_OUTCOMES)[number];

export interface DeadlinesQuery {
  /** The day at whose end deadlines are judged. */
  readonly today: string;
  /** The bodies that the caller may see the records of; null for all. */
  readonly recipients: readonly string[] | null;
  /** The first and the last date that is asked for. */
  readonly from?: string;
  readonly to?: string;
  readonly recipient?: string;
  readonly kind?: string;
  /** The name of the kind of their records. */
  readonly recordKind?: string;
  /** `overdue` includes `escalated`. */
  readonly state?: ListedState;
  /** Leaves out those that are settled. */
  readonly unsettled?: true;
  /** What became of those that fell due; asked of a view of the past alone. */
  readonly outcome?: ListedOutcome;
  /** The first and the last date of their record's issue; asked as the outcome is. */
  readonly issuedFrom?: string;
  readonly issuedTo?: string;
  readonly limit: number;
  readonly cursor?: string;
}

export interface DeadlineItem extends ToldOutcome {
  /** The record, the name of its kind, its title (null where it was erased), its status, and its deadline. */
  readonly id: string;
  readonly recordKind: string;
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
  /** What of the past they are of; absent where they are as they stand. */
  readonly view?: ToldView;
}

/** Where deadlines are taken from: as they stand, or as they were. */
export interface DeadlinesSource extends Pick<Ground, 'recipientToday'> {
  readonly projections: readonly [Projection, ...Projection[]];
  /** The rows, before any condition: a table, or `sql\`(select …)\`.as('deadlines')`. */
  readonly rows: (
    generation: Generation,
    query: Pick<DeadlinesQuery, 'outcome'>,
  ) => SelectQueryBuilder<DeadlineTables, 'deadlines', object>;
  /** That what is counted became of them; asked of a view of the past alone. */
  readonly counted?: (query: DeadlinesQuery) => readonly Condition[];
  /** Which of them are not settled. */
  readonly unsettled: Condition;
  /** What is told of the records of a page beside how their deadlines stand. */
  readonly told: (
    generations: readonly Generation[],
    rows: readonly Pick<DeadlineRow, 'stream'>[],
  ) => Promise<ReadonlyMap<string, ToldOfRecord>>;
  /** What became of the deadlines of a page, by the ids of their rows. */
  readonly outcomes: (
    generations: readonly Generation[],
    rows: readonly Pick<DeadlineRow, 'id' | 'stream'>[],
    query: Pick<DeadlinesQuery, 'today'>,
  ) => Promise<ReadonlyMap<string, ToldOutcome>>;
  /** The view of the past that the rows are of. */
  readonly view?: HistoryView;
}

export type ToldOfRecord = Pick<DeadlineItem, 'title' | 'revision' | 'changedAt'>;

/** The deadlines as they stand, in stream order. */
const dueAsTheyStand: DeadlinesSource = {
  projections: [deadlinesProjection, registerProjection, historyProjection],
  recipientToday: 'recipient',
  rows: ({ db }) => (db as Kysely<DeadlineTables>).selectFrom('deadlines'),
  unsettled: sql`settled = 0`,
  async told([deadlines, register], rows) {
    const titles = await titlesOf(register as Generation, rows);
    const ledgers = await ledgersOf(deadlines as Generation, rows);
    return new Map(
      [...ledgers].map(([stream, ledger]) => [stream, { title: titles.get(stream) ?? null, ...ledger }]),
    );
  },
  outcomes: ([, , history], rows, { today }) =>
    outcomesAt(history as Generation, { on: today, known: ALL_KNOWN }, rows),
};

/**
 * The deadlines that a caller may see, the earliest date first.
 * @throws InvalidCursorError, ReadModelMissingError
 */
export async function queryDeadlines(
  database: ReadModelDatabase,
  query: DeadlinesQuery,
  source: DeadlinesSource = dueAsTheyStand,
): Promise<DeadlinesPage> {
  const { today, limit } = query;
  const { view } = source;
  const list = listKey(query, source);
  const after = cursorOf(query, source);
  return readLiveTogether(database, source.projections, async (generations, position) => {
    const [deadlines] = generations;
    const conditions = conditionsOf(query, deadlines.sql, source);
    if (after !== null) conditions.push(sql<SqlBool>`(due_on, id) > (${after.value}, ${after.id})`);
    const found = await source
      .rows(deadlines, query)
      .select(SHOWN)
      .where((eb) => eb.and(conditions))
      .orderBy('due_on')
      .orderBy('id')
      .limit(limit + 1)
      .execute();
    const endOf = ({ due_on: value, id }: Pick<DeadlineRow, 'due_on' | 'id'>) => ({ value, id });
    const { rows, nextCursor } = pageOf(found, limit, list, endOf);
    const told = await source.told(generations, rows);
    const outcomes = await source.outcomes(generations, rows, query);
    return {
      items: rows.map((row) => ({
        ...itemOf(row, today),
        ...(told.get(row.stream) as ToldOfRecord),
        ...(outcomes.get(row.id) ?? NOT_DUE),
      })),
      nextCursor,
      position,
      ...(view && { view: viewTold(view) }),
    };
  });
}

const NOT_DUE: ToldOutcome = { outcome: null };

const SHOWN = [
  ...(['id', 'stream', 'recipient', 'status', 'deadline_id', 'kind', 'due_on', 'first_due_on'] as const),
  'settled',
] as const satisfies (keyof DeadlineRow)[];

/**
 * After which deadline a list goes on; null from its beginning.
 * @throws InvalidCursorError.
 */
export const cursorOf = (query: DeadlinesQuery, source: DeadlinesSource = dueAsTheyStand): PageEnd | null =>
  query.cursor === undefined ? null : readCursor(query.cursor, listKey(query, source));

/** Two callers who see the same, in whatever order their bodies are named, have the same list. */
const listKey = (
  { recipients, from, to, recipient, kind, state, unsettled, outcome, ...more }: DeadlinesQuery,
  { view }: Pick<DeadlinesSource, 'view'>,
): ListKey => ({
  deadlines: [
    recipients && [...recipients].sort(),
    ...[from, to, recipient, kind, state, unsettled, outcome, more.issuedFrom, more.issuedTo],
    ...(more.recordKind === undefined ? [] : [more.recordKind]),
  ].map((value) => value ?? null),
  ...(view && { view: view.named }),
});

/** The titles are the register's, so that one which was erased is nowhere else. */
async function titlesOf(
  { db, sql }: Generation,
  rows: readonly Pick<DeadlineRow, 'stream'>[],
): Promise<Map<string, string | null>> {
  const streams = [...new Set(rows.map(({ stream }) => stream))];
  const found = await (db as Kysely<RegisterTables>)
    .selectFrom('register')
    .select(['stream', 'title'])
    .where('stream', 'in', sql.listed(streams))
    .execute();
  return new Map(found.map(({ stream, title }) => [stream, title]));
}

type Revision = Pick<DeadlineItem, 'revision' | 'changedAt'>;

/** What changes with every event of a record is in one row of it, and not in that of each deadline. */
async function ledgersOf(
  { db, sql }: Generation,
  rows: readonly Pick<DeadlineRow, 'stream'>[],
): Promise<Map<string, Revision>> {
  const streams = [...new Set(rows.map(({ stream }) => stream))];
  const found = await (db as Kysely<DeadlineTables>)
    .selectFrom('deadline_ledgers')
    .select(['stream', 'revision', 'changed_at as changedAt'])
    .where('stream', 'in', sql.listed(streams))
    .execute();
  return new Map(found.map(({ stream, revision, changedAt }) => [stream, { revision, changedAt }]));
}

function conditionsOf(
  query: DeadlinesQuery,
  dialect: ReadModelSql,
  {
    recipientToday,
    unsettled: open,
    counted,
  }: Pick<DeadlinesSource, 'recipientToday' | 'unsettled' | 'counted'>,
): RawBuilder<SqlBool>[] {
  const { today, recipients, from, to, recipient, kind, state, unsettled } = query;
  const { outcome, issuedFrom, issuedTo, recordKind } = query;
  // What was recorded as passed is told of the body at that time.
  const isOfBody = recipient !== undefined && outcome !== 'recordedLate';
  return [
    dialect.inTime('id'),
    ...sightConditions(recipients, { today, sql: dialect, recipientToday }),
    ...(isOfBody ? [sql<SqlBool>`recipient = ${recipient}`] : []),
    ...(kind === undefined ? [] : [sql<SqlBool>`kind = ${kind}`]),
    ...(recordKind === undefined ? [] : [ofKinds([recordKind])]),
    ...(from === undefined ? [] : [sql<SqlBool>`due_on >= ${from}`]),
    ...(to === undefined ? [] : [sql<SqlBool>`due_on <= ${to}`]),
    ...(unsettled === undefined ? [] : [open]),
    ...(state === undefined ? [] : [stateCondition(state, today, open)]),
    ...(counted?.(query) ?? []),
    ...(issuedFrom === undefined ? [] : [sql<SqlBool>`issued_on >= ${issuedFrom}`]),
    ...(issuedTo === undefined ? [] : [sql<SqlBool>`issued_on <= ${issuedTo}`]),
  ];
}

function stateCondition(state: ListedState, today: string, open: Condition): Condition {
  const { escalated, overdue, approaching } = dueDateBounds(today);
  switch (state) {
    case 'settled':
      return sql<SqlBool>`settled = 1`;
    case 'escalated':
      return sql<SqlBool>`${open} and due_on <= ${escalated}`;
    case 'overdue':
      return sql<SqlBool>`${open} and due_on <= ${overdue}`;
    case 'approaching':
      return sql<SqlBool>`${open} and due_on > ${overdue} and due_on <= ${approaching}`;
    case 'on-track':
      return sql<SqlBool>`${open} and due_on > ${approaching}`;
  }
}

function itemOf(
  row: Pick<DeadlineRow, (typeof SHOWN)[number]>,
  today: string,
): Omit<DeadlineItem, keyof ToldOfRecord | keyof ToldOutcome> {
  const isSettled = row.settled === 1;
  const record = recordOf(row.stream);
  return {
    id: record.id,
    recordKind: record.kind,
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
