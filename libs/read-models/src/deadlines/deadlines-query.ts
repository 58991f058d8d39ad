import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { daysBetween } from '#lifecycle/plain-date';
import { DATE_KINDS } from '#state-machines/any-kind';
import { dateState, DUE_STATES } from '#state-machines/capabilities/deadlines';
import type { Models } from '#projections/projection';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { readLive } from '#projections/read-live';
import { KIND_NAMES, ofKinds, sightConditions } from '../ground.ts';
import { conditionsOf, date, equal, keyOf, one, since, until } from '#projections/filters';
import type { FilterValues, Condition } from '#projections/filters';
import type { Ground } from '../ground.ts';
import type { Sight } from '#state-machines/access';
import { viewIn } from '../past-rows.ts';
import type { PastRows, ReportedView } from '../past-rows.ts';
import { OUTCOMES } from './outcomes.ts';
import type { Established, ReportedOutcome } from './outcomes.ts';
import { recordOf } from '../record-row.ts';
import { deadlineCondition } from '../record-conditions.ts';
import { pageReader } from '#projections/list-cursor';
import type { ListKey, PageRequest } from '#projections/list-cursor';
import type { RegisterTables } from '../register/register-projection.ts';
import type { DeadlineRow } from './deadline-rows.ts';
import type { PastDeadlineRow } from '../past-tables.ts';

export const LISTED_STATES = [...DUE_STATES, 'settled'] as const;
type ListedState = (typeof LISTED_STATES)[number];

/**
 * The outcomes by which a list can be filtered. `recordedLate` includes deadlines that were recorded as passed,
 * regardless of what followed. `extended` includes those that fell due and were extended.
 */
export const LISTED_OUTCOMES = [...OUTCOMES, 'recordedLate', 'extended'] as const;
export type ListedOutcome = (typeof LISTED_OUTCOMES)[number];

interface DeadlinesGround extends Ground {
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
    (state, { today }: DeadlinesGround) => deadlineCondition(state, today),
    LISTED_STATES,
  ),
  outcome: one(
    'Includes only deadlines with this outcome by `effectiveOn` (by default today), as /api/statistics/deadlines counts them. For `recordedLate`, `recipient` is the body at that time.',
    (outcome, { query }: DeadlinesGround) => outcomeCondition(outcome, query.recipient),
    LISTED_OUTCOMES,
  ),
  issuedFrom: date('Includes only deadlines of records issued on this day or later.', since('issued_on')),
  issuedTo: date('Includes only deadlines of records issued on this day or before.', until('issued_on')),
};

export interface DeadlinesQuery extends PageRequest, FilterValues<typeof DEADLINE_FILTERS> {
  /** The plain date on which the state of deadlines is based, at its end. */
  readonly today: string;
  /** The records that the caller may see. */
  readonly recipients: Sight;
  /** True to leave out settled deadlines. */
  readonly unsettled?: true;
  /** Set if the rows are those of a past day. Only they have outcomes and dates of issue. */
  readonly past?: PastRows | undefined;
}

/** The outcomes by which a list includes withdrawn deadlines. */
const OF_WITHDRAWN: readonly (ListedOutcome | undefined)[] = ['withdrawn', 'recordedLate', 'enteredInError'];

/** Selects the deadlines of a past day with an outcome. */
function outcomeCondition(outcome: ListedOutcome, recipient: string | undefined): Condition {
  if (outcome === 'extended') return sql`(outcome is not null and extensions > 0)`;
  if (outcome !== 'recordedLate') return sql`outcome = ${outcome}`;
  return recipient === undefined ? sql`late_under is not null` : sql`late_under like ${`%\n${recipient}\n%`}`;
}

export interface ListedDeadline {
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

/** A deadline with its outcome. */
export type DeadlineItem = ListedDeadline & ReportedOutcome;

export interface DeadlinesPage<Item = ListedDeadline> {
  readonly items: readonly Item[];
  readonly nextCursor: string | null;
  /** The log position of the page's data. */
  readonly position: string;
  /** The view of the past; absent for current data. */
  readonly view?: ReportedView;
}

/**
 * Returns the deadlines that a caller may see, earliest date first.
 * @throws InvalidCursorError, ReadModelMissingError
 */
export async function queryDeadlines(
  database: ReadModelDatabase,
  query: DeadlinesQuery,
): Promise<DeadlinesPage> {
  const readPage = pageReader(ORDER, listKey(query), query);
  return readLive(database, async (models, position) => {
    const { rows, ...page } = await readPage(deadlinesOf(models, query).select(SHOWN));
    const details = await detailsOf(models, rows);
    const items = rows.map((row) => ({
      ...itemOf(row, query.today),
      ...(details.get(row.stream) as RecordDetails),
    }));
    return { items, ...page, position };
  });
}

type RecordDetails = Pick<ListedDeadline, 'title' | 'revision' | 'changedAt'>;

const ORDER = { by: 'due_on', id: 'id' } as const;

/** Selects the deadlines of a list. */
function deadlinesOf({ db, sql: dialect }: Models, query: DeadlinesQuery) {
  const { today, recipients, unsettled, past } = query;
  const ground = { today, sql: dialect, past, query };
  const conditions = [
    dialect.inTime('id'),
    ...sightConditions(recipients, ground),
    ...conditionsOf(DEADLINE_FILTERS, { ...query }, ground),
    ...(unsettled === undefined ? [] : [sql<boolean>`settled = 0`]),
    ...(past === undefined || OF_WITHDRAWN.includes(query.outcome) ? [] : [sql<boolean>`withdrawn = 0`]),
  ];
  return (db as Kysely<{ deadlines: PastDeadlineRow }>)
    .selectFrom('deadlines')
    .where((eb) => eb.and(conditions));
}

/**
 * Returns a function that reads one page of the deadlines of a past day, without titles. Throws as `queryDeadlines` does,
 * before anything is read.
 */
export function pastDeadlinesPage(query: DeadlinesQuery) {
  const readPage = pageReader(ORDER, listKey(query), query);
  return async (models: Models, position: string): Promise<DeadlinesPage<DeadlineItem>> => {
    const found = deadlinesOf(models, query).select([...SHOWN, ...SHOWN_OF_PAST]);
    const { rows, ...page } = await readPage(found);
    const items = rows.map((row) => ({
      ...itemOf(row, query.today),
      ...{ title: null, outcome: row.outcome, revision: row.revision, changedAt: row.changed_at },
      ...(row.established !== null && { established: JSON.parse(row.established) as Established }),
    }));
    return { items, ...page, position, ...viewIn(query) };
  };
}

const SHOWN = [
  ...(['id', 'stream', 'recipient', 'status', 'deadline_id', 'kind', 'due_on', 'first_due_on'] as const),
  'settled',
] as const satisfies (keyof DeadlineRow)[];
const SHOWN_OF_PAST = ['outcome', 'established', 'revision', 'changed_at'] as const;

/** Returns the list's identity for cursors. The order of the bodies does not matter. */
const listKey = ({ today: _, limit: __, cursor: ___, past, ...filters }: DeadlinesQuery): ListKey => ({
  deadlines: keyOf(filters),
  ...(past && { view: past.view.named }),
});

/** Loads what the register stores once per record and not with each deadline, such as a title that may have to be erased. */
async function detailsOf(
  { db, sql }: Models,
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
): Omit<ListedDeadline, keyof RecordDetails> {
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
