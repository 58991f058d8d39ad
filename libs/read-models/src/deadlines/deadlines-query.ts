import { sql } from 'kysely';
import type { Kysely, SelectQueryBuilder } from 'kysely';
import { daysBetween } from '#lifecycle/plain-date';
import { DATE_KINDS } from '#state-machines/any-kind';
import { dateState, DUE_STATES } from '#state-machines/capabilities/deadlines';
import type { Generation, Projection } from '#projections/projection';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { readLiveTogether } from '#projections/read-live';
import { KIND_NAMES, ofKinds, sightConditions } from '../ground.ts';
import { conditionsOf, date, equal, keyOf, one, since, until } from '#projections/filters';
import type { Asked, Condition } from '#projections/filters';
import type { Ground } from '../ground.ts';
import { OUTCOMES } from '../history/deadline-outcome.ts';
import { historyProjection } from '../history/history-projection.ts';
import { ALL_KNOWN, viewTold } from '../history/holds-at.ts';
import type { HistoryView, ToldView } from '../history/holds-at.ts';
import { outcomesAt } from '../history/outcomes-at.ts';
import type { ToldOutcome } from '../history/outcomes-at.ts';
import { recordOf } from '../record-row.ts';
import { deadlineCondition } from '../standing-conditions.ts';
import { pageReader } from '#projections/list-cursor';
import type { ListKey, PageAsked } from '#projections/list-cursor';
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

/** What deadlines are narrowed in beside the day. */
interface DeadlinesGround extends Ground {
  readonly source: Pick<DeadlinesSource, 'unsettled' | 'counted'>;
  readonly asked: { readonly outcome?: ListedOutcome; readonly recipient?: string };
}

const ofKind = (name: string): Condition => ofKinds([name]);

/** By what deadlines are narrowed, in a list and in a calendar. */
export const CALENDAR_FILTERS = {
  from: date('The first date that is asked for.', since('due_on')),
  to: date('The last one.', until('due_on')),
  recipient: one('Only the deadlines of this body.', (body, { asked }: DeadlinesGround) =>
    // What was recorded as passed is told of the body at that time.
    asked.outcome === 'recordedLate' ? sql`true` : equal('recipient')(body),
  ),
  kind: one(
    'Only those of the record itself, or of the duty to respond to it; or only those of records of a kind, by the name of its lifecycle.',
    (kind) => (DATE_KINDS.includes(kind) ? equal('kind')(kind) : ofKind(kind)),
    [...DATE_KINDS, ...KIND_NAMES],
  ),
  recordKind: one('Only those of records of this kind, by the name of its lifecycle.', ofKind, KIND_NAMES),
};

/** By what their list is narrowed. */
export const DEADLINE_FILTERS = {
  ...CALENDAR_FILTERS,
  state: one(
    'Only deadlines that stand so; overdue includes escalated.',
    (state, { today, source }: DeadlinesGround) => deadlineCondition(state, today, source.unsettled),
    LISTED_STATES,
  ),
  outcome: one(
    'Only deadlines with this outcome by `effectiveOn`, default today: those that /api/statistics/deadlines counts. For `recordedLate`, `recipient` is the body at that time.',
    (outcome, { source, asked }: DeadlinesGround) => source.counted?.(outcome, asked.recipient) ?? sql`true`,
    LISTED_OUTCOMES,
  ),
  issuedFrom: date('Only those of records that were issued on this day or later.', since('issued_on')),
  issuedTo: date('Only those of records that were issued on this day or before.', until('issued_on')),
};

export interface DeadlinesQuery extends PageAsked, Asked<typeof DEADLINE_FILTERS> {
  /** The day at whose end deadlines are judged. */
  readonly today: string;
  /** The bodies that the caller may see the records of; null for all. */
  readonly recipients: readonly string[] | null;
  /** Leaves out those that are settled. */
  readonly unsettled?: true;
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
  /** That what is counted became of them, of a body where one is named; asked of a view of the past alone. */
  readonly counted?: (outcome: ListedOutcome, recipient: string | undefined) => Condition;
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
  const { view } = source;
  const readPage = pageReader({ by: 'due_on', id: 'id' }, listKey(query, source), query);
  return readLiveTogether(database, source.projections, async (generations, position) => {
    const [deadlines] = generations;
    const { today, recipients, unsettled } = query;
    const { recipientToday } = source;
    const ground = { today, sql: deadlines.sql, recipientToday, source, asked: query };
    const conditions = [
      deadlines.sql.inTime('id'),
      ...sightConditions(recipients, ground),
      ...conditionsOf(DEADLINE_FILTERS, { ...query }, ground),
      ...(unsettled === undefined ? [] : [source.unsettled]),
    ];
    const { rows, nextCursor } = await readPage(
      source
        .rows(deadlines, query)
        .select(SHOWN)
        .where((eb) => eb.and(conditions)),
    );
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

/** Two callers who see the same, in whatever order their bodies are named, have the same list. */
const listKey = (
  { today: _, limit: __, cursor: ___, ...asked }: DeadlinesQuery,
  { view }: Pick<DeadlinesSource, 'view'>,
): ListKey => ({ deadlines: keyOf(asked), ...(view && { view: view.named }) });

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
