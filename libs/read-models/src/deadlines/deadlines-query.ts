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
import type { FilterValues, Condition } from '#projections/filters';
import type { Ground } from '../ground.ts';
import { OUTCOMES } from '../history/deadline-outcome.ts';
import { historyProjection } from '../history/history-projection.ts';
import { ALL_KNOWN, reportedView } from '../history/valid-at.ts';
import type { HistoryView, ReportedView } from '../history/valid-at.ts';
import { outcomesAt } from '../history/outcomes-at.ts';
import type { ReportedOutcome } from '../history/outcomes-at.ts';
import { recordOf } from '../record-row.ts';
import { deadlineCondition } from '../record-conditions.ts';
import { pageReader } from '#projections/list-cursor';
import type { ListKey, PageRequest } from '#projections/list-cursor';
import { registerProjection } from '../register/register-projection.ts';
import type { RegisterTables } from '../register/register-projection.ts';
import type { DeadlineRow, DeadlineTables } from './deadlines-projection.ts';

export const LISTED_STATES = [...DUE_STATES, 'settled'] as const;
type ListedState = (typeof LISTED_STATES)[number];

/**
 * The outcomes by which a list can be filtered. `recordedLate` includes deadlines that were recorded as passed,
 * regardless of what followed. `extended` includes those that fell due and were extended.
 */
export const LISTED_OUTCOMES = [...OUTCOMES, 'recordedLate', 'extended'] as const;
export type ListedOutcome = (typeof LISTED_OUTCOMES)[number];

interface DeadlinesGround extends Ground {
  readonly source: Pick<DeadlinesSource, 'unsettled' | 'counted'>;
  readonly query: { readonly outcome?: ListedOutcome; readonly recipient?: string };
}

const ofKind = (name: string): Condition => ofKinds([name]);

/** The filters of the deadline list and of the calendar. */
export const CALENDAR_FILTERS = {
  from: date('Includes only deadlines that are due on this day or later.', since('due_on')),
  to: date('Includes only deadlines that are due on this day or before.', until('due_on')),
  recipient: one('Includes only the deadlines of this body.', (body, { query }: DeadlinesGround) =>
    // A passed deadline counts for the body that was responsible at that time.
    query.outcome === 'recordedLate' ? sql`true` : equal('recipient')(body),
  ),
  kind: one(
    'Includes only deadlines of this kind (`action` or `response`), or of records of this kind (the name of its lifecycle).',
    (kind) => (DATE_KINDS.includes(kind) ? equal('kind')(kind) : ofKind(kind)),
    [...DATE_KINDS, ...KIND_NAMES],
  ),
  recordKind: one(
    'Includes only deadlines of records of this kind (the name of its lifecycle).',
    ofKind,
    KIND_NAMES,
  ),
};

export const DEADLINE_FILTERS = {
  ...CALENDAR_FILTERS,
  state: one(
    'Includes only deadlines in this state; overdue includes escalated.',
    (state, { today, source }: DeadlinesGround) => deadlineCondition(state, today, source.unsettled),
    LISTED_STATES,
  ),
  outcome: one(
    'Includes only deadlines with this outcome by `effectiveOn` (by default today), as /api/statistics/deadlines counts them. For `recordedLate`, `recipient` is the body at that time.',
    (outcome, { source, query }: DeadlinesGround) => source.counted?.(outcome, query.recipient) ?? sql`true`,
    LISTED_OUTCOMES,
  ),
  issuedFrom: date('Includes only deadlines of records issued on this day or later.', since('issued_on')),
  issuedTo: date('Includes only deadlines of records issued on this day or before.', until('issued_on')),
};

export interface DeadlinesQuery extends PageRequest, FilterValues<typeof DEADLINE_FILTERS> {
  /** The plain date on which the state of deadlines is based, at its end. */
  readonly today: string;
  /** The bodies whose records the caller may see; null for all. */
  readonly recipients: readonly string[] | null;
  /** True to leave out settled deadlines. */
  readonly unsettled?: true;
}

export interface DeadlineItem extends ReportedOutcome {
  /** The record's id and kind. The title is null if it was erased. */
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
  /** The number of days until the date, negative once it is past; null if nothing is due any more. */
  readonly daysLeft: number | null;
  /**
   * The number of events that affected or reported the record's deadlines. `changedAt` is the time at which the last of
   * them was stored.
   */
  readonly revision: number;
  readonly changedAt: string;
}

export interface DeadlinesPage {
  readonly items: readonly DeadlineItem[];
  readonly nextCursor: string | null;
  /** The log position of the page's data. */
  readonly position: string;
  /** The view of the past; absent for current data. */
  readonly view?: ReportedView;
}

/** The source of the deadlines: current data, or a view of the past. */
export interface DeadlinesSource extends Pick<Ground, 'recipientToday'> {
  readonly projections: readonly [Projection, ...Projection[]];
  /** Returns the rows without conditions: a table, or `sql\`(select …)\`.as('deadlines')`. */
  readonly rows: (
    generation: Generation,
    query: Pick<DeadlinesQuery, 'outcome'>,
  ) => SelectQueryBuilder<DeadlineTables, 'deadlines', object>;
  /** Selects deadlines with an outcome, optionally of one body. Only views of the past provide it. */
  readonly counted?: (outcome: ListedOutcome, recipient: string | undefined) => Condition;
  readonly unsettled: Condition;
  /** Loads the details of the records on a page of deadlines. */
  readonly details: (
    generations: readonly Generation[],
    rows: readonly Pick<DeadlineRow, 'stream'>[],
  ) => Promise<ReadonlyMap<string, RecordDetails>>;
  /** Loads the outcomes of a page of deadlines, by row id. */
  readonly outcomes: (
    generations: readonly Generation[],
    rows: readonly Pick<DeadlineRow, 'id' | 'stream'>[],
    query: Pick<DeadlinesQuery, 'today'>,
  ) => Promise<ReadonlyMap<string, ReportedOutcome>>;
  /** The view of the past; absent for current data. */
  readonly view?: HistoryView;
}

export type RecordDetails = Pick<DeadlineItem, 'title' | 'revision' | 'changedAt'>;

/** The current deadlines, in stream order. */
const currentDeadlines: DeadlinesSource = {
  projections: [registerProjection, historyProjection],
  recipientToday: 'recipient',
  rows: ({ db }) => (db as Kysely<DeadlineTables>).selectFrom('deadlines'),
  unsettled: sql`settled = 0`,
  details: ([register], rows) => detailsOf(register as Generation, rows),
  outcomes: ([, history], rows, { today }) =>
    outcomesAt(history as Generation, { on: today, known: ALL_KNOWN }, rows),
};

/**
 * Returns the deadlines that a caller may see, earliest date first.
 * @throws InvalidCursorError, ReadModelMissingError
 */
export async function queryDeadlines(
  database: ReadModelDatabase,
  query: DeadlinesQuery,
  source: DeadlinesSource = currentDeadlines,
): Promise<DeadlinesPage> {
  const { view } = source;
  const readPage = pageReader({ by: 'due_on', id: 'id' }, listKey(query, source), query);
  return readLiveTogether(database, source.projections, async (generations, position) => {
    const [deadlines] = generations;
    const { today, recipients, unsettled } = query;
    const { recipientToday } = source;
    const ground = { today, sql: deadlines.sql, recipientToday, source, query };
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
    const details = await source.details(generations, rows);
    const outcomes = await source.outcomes(generations, rows, query);
    return {
      items: rows.map((row) => ({
        ...itemOf(row, today),
        ...(details.get(row.stream) as RecordDetails),
        ...(outcomes.get(row.id) ?? NOT_DUE),
      })),
      nextCursor,
      position,
      ...(view && { view: reportedView(view) }),
    };
  });
}

const NOT_DUE: ReportedOutcome = { outcome: null };

const SHOWN = [
  ...(['id', 'stream', 'recipient', 'status', 'deadline_id', 'kind', 'due_on', 'first_due_on'] as const),
  'settled',
] as const satisfies (keyof DeadlineRow)[];

/** Returns the list's identity for cursors. The order of the bodies does not matter. */
const listKey = (
  { today: _, limit: __, cursor: ___, ...filters }: DeadlinesQuery,
  { view }: Pick<DeadlinesSource, 'view'>,
): ListKey => ({ deadlines: keyOf(filters), ...(view && { view: view.named }) });

/** Loads what the register stores once per record and not with each deadline, such as a title that may have to be erased. */
async function detailsOf(
  { db, sql }: Generation,
  rows: readonly Pick<DeadlineRow, 'stream'>[],
): Promise<Map<string, RecordDetails>> {
  const streams = [...new Set(rows.map(({ stream }) => stream))];
  const found = await (db as Kysely<RegisterTables>)
    .selectFrom('register')
    .select(['stream', 'title', 'revision', 'changed_at as changedAt'])
    .where('stream', 'in', sql.listed(streams))
    .execute();
  return new Map(found.map(({ stream, ...details }) => [stream, details]));
}

function itemOf(
  row: Pick<DeadlineRow, (typeof SHOWN)[number]>,
  today: string,
): Omit<DeadlineItem, keyof RecordDetails | keyof ReportedOutcome> {
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
