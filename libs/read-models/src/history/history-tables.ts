import type { RowOf, TableDefinition, TablesOf } from '#projections/tables';
import type { RecordStateRow } from '../record-state.ts';
import { REGIONS, regionColumn, RECORD_STATE_COLUMNS } from '../record-state.ts';
import { SPAN_COLUMNS } from './spans.ts';

const { recipient_event: _, ...STATE_COLUMNS } = RECORD_STATE_COLUMNS;

const OWN_COLUMNS = {
  /** The id of the issue, for a recommendation to several bodies. */
  issue: 'text or null',
  /** The event with the title; null if that is the first event. */
  title_event: 'text or null',
  /** The publication date of the report if it was corrected; else null. */
  published_on: 'text or null',
  /** The lifecycle of the latest event; null if it is that of the first event. */
  lifecycle_name: 'text or null',
  lifecycle_version: 'integer or null',
  /** The London date on which the current closure was recorded; null while open. */
  closed_recorded_on: 'text or null',
  /** 1 if another record replaced this one, else 0. */
  superseded: 'integer',
  /** The date from which the response is published, and the London date on which that was recorded. */
  answered_on: 'text or null',
  answered_recorded_on: 'text or null',
} as const;

/** A record's state from the latest effective date of its events. */
export type HistoryContent = Omit<RecordStateRow, 'recipient_event'> & RowOf<typeof OWN_COLUMNS>;

const namesOf = <Columns extends object>(columns: Columns) =>
  Object.keys(columns) as (keyof Columns & string)[];

export const CONTENT: readonly (keyof HistoryContent)[] = [
  ...namesOf(STATE_COLUMNS),
  ...namesOf(OWN_COLUMNS),
];

/** The columns by which rows are found, except those of their validity. */
export const FOUND_COLUMNS = [
  ...(['stream', 'recipient', 'recipient_today', 'status', 'closed', 'settled', 'issued_on'] as const),
  ...(['due_on', 'owner', 'status_origin', 'unanswered', 'waits', 'closed_on', 'issue'] as const),
  'title_event' as const,
  ...REGIONS.map(regionColumn),
] satisfies (keyof HistoryContent | 'recipient_today')[];

/**
 * The state of records from effective dates on. Each revision of a date adds a row. `from_on` is the date of the last
 * update.
 */
export const HISTORY = {
  name: 'history',
  columns: {
    /** The record's number and the row's number within it, combined by `keyOf`. */
    row: 'integer',
    ...STATE_COLUMNS,
    /** The body that is responsible today. It may see the record and its past. */
    recipient_today: 'text or null',
    ...SPAN_COLUMNS,
    ...OWN_COLUMNS,
  },
  key: 'row',
  // The indexes by length find valid rows, and contain all columns needed to filter, order and count them. The indexes
  // by day find the latest changes.
  indexes: [
    ['stream', 'known_to', 'from_on', 'known'],
    ['held', 'from_on', 'next_on', 'known', 'known_to', 'next_known', ...FOUND_COLUMNS],
    ['open', 'known', 'next_known', 'known_to', 'from_on', 'next_on', ...FOUND_COLUMNS],
    ['from_on', 'stream'],
  ],
} as const satisfies TableDefinition;

export type HistoryRow = HistoryContent & RowOf<typeof HISTORY.columns>;

const DEADLINE_COLUMNS = {
  kind: 'text',
  due_on: 'text',
  first_due_on: 'text',
  /**
   * 1 if the obligation is met, else 0; null if the record has so many deadlines that only its own row records it, in
   * `closed` or `response`.
   */
  settled: 'integer or null',
  /** 1 if one of the deadline's dates had passed when it was extended or settled, else 0. */
  passed: 'integer',
  extensions: 'integer',
  /** The day of the withdrawal; null if the deadline was not withdrawn. */
  withdrawn_on: 'text or null',
  /**
   * Whether the deadline is recorded as passed: `late` if that was after its entry, else `at-entry`; null if it is not.
   * Lateness that a corrected mistake caused does not count.
   */
  recorded: 'text or null',
  /** 1 if the deadline was recorded as passed by mistake, else 0. */
  mistaken: 'integer',
  /** 1 if the date in force had passed when it was entered, else 0. */
  entered_late: 'integer',
  /** 1 if the settlement is only claimed, else 0. */
  claimed: 'integer',
} as const;

/** A deadline's state from a day on. A change of other deadlines adds no row. */
export interface DeadlineContent extends RowOf<typeof DEADLINE_COLUMNS> {
  recorded: 'late' | 'at-entry' | null;
}

export const DEADLINE_CONTENT: readonly (keyof DeadlineContent)[] = namesOf(DEADLINE_COLUMNS);

export const HISTORY_DEADLINES = {
  name: 'history_deadlines',
  columns: {
    row: 'integer',
    /** `<record>/<deadline>`. */
    id: 'text',
    stream: 'text',
    deadline_id: 'text',
    ...DEADLINE_COLUMNS,
    ...SPAN_COLUMNS,
  },
  key: 'row',
  indexes: [
    ['due_on', 'id'],
    ['stream', 'known_to'],
  ],
} as const satisfies TableDefinition;

export type HistoryDeadlineRow = DeadlineContent & RowOf<typeof HISTORY_DEADLINES.columns>;

/** The recorded events that a deadline passed after its entry. Later events do not remove a row. */
export const HISTORY_PASSINGS = {
  name: 'history_passings',
  columns: {
    /** The record's number and the event's version, combined by `keyOf`. */
    event: 'integer',
    /** `<record>/<deadline>`. */
    deadline: 'text',
    passed_on: 'text',
    known: 'integer',
    /** The body that was responsible when the event was recorded. */
    recipient: 'text or null',
  },
  key: 'event',
  indexes: [['deadline', 'passed_on', 'known', 'recipient']],
} as const satisfies TableDefinition;

export type HistoryPassingRow = RowOf<typeof HISTORY_PASSINGS.columns>;

/** The values of records that are the same at every date. */
export const HISTORY_RECORDS = {
  name: 'history_records',
  columns: {
    stream: 'text',
    /** The record's number, counted from 0 in the order of the records' first events. */
    number: 'integer',
    /** The body that is responsible today. It may see the record and its past. */
    recipient: 'text or null',
    issued_on: 'text',
    issue: 'text or null',
    /** The name of the report; null if erased. */
    report_name: 'text or null',
    report_published_on: 'text or null',
    issue_event: 'text',
    lifecycle_name: 'text',
    lifecycle_version: 'integer',
  },
  key: 'stream',
  indexes: [['recipient', 'stream']],
} as const satisfies TableDefinition;

export type HistoryRecordRow = RowOf<typeof HISTORY_RECORDS.columns>;

/** The present and past titles of records, by the events that set them. */
export const HISTORY_TITLES = {
  name: 'history_titles',
  columns: {
    event: 'text',
    stream: 'text',
    /** 1 if the event issued the record, else 0. */
    issued: 'integer',
    /** The title; null if erased. */
    title: 'long text or null',
  },
  key: 'event',
  indexes: [['title', 'stream']],
} as const satisfies TableDefinition;

export type HistoryTitleRow = RowOf<typeof HISTORY_TITLES.columns>;

/** Events. They determine the version in a view, and are folded again if a later event changes an earlier day. */
export const HISTORY_EVENTS = {
  name: 'history_events',
  columns: {
    /** The record's number and the event's version, combined by `keyOf`. */
    event: 'integer',
    effective_on: 'text',
    known: 'integer',
    /** The result of `decidesOf`. */
    decides: 'integer',
    /** The event's type; null if the event only changes the date of the last update. */
    type: 'text or null',
    /** The part of the event that is folded, as JSON. Its only personal text is the name of an owner. */
    light: 'long text or null',
  },
  key: 'event',
  indexes: [],
} as const satisfies TableDefinition;

export type HistoryEventRow = RowOf<typeof HISTORY_EVENTS.columns>;

/** The states from which the folds of records continue. */
export const HISTORY_HEADS = {
  name: 'history_heads',
  columns: {
    stream: 'text',
    number: 'integer',
    first_on: 'text',
    last_on: 'text',
    /**
     * The latest instant at which an event was stored, if it is later than that of the last event, because clocks
     * differ; else null.
     */
    later_known: 'integer or null',
    /**
     * The row valid from the latest date on, the instant at which it became known, and the numbers of rows of the
     * record and of its deadlines.
     */
    last_row: 'integer',
    last_row_known: 'integer',
    rows: 'integer',
    deadline_rows: 'integer',
    head: 'long text',
  },
  key: 'stream',
  indexes: [],
} as const satisfies TableDefinition;

export type HistoryHeadRow = RowOf<typeof HISTORY_HEADS.columns>;

export interface HistoryTables extends TablesOf<
  | typeof HISTORY_PASSINGS
  | typeof HISTORY_RECORDS
  | typeof HISTORY_TITLES
  | typeof HISTORY_EVENTS
  | typeof HISTORY_HEADS
> {
  history: HistoryRow;
  history_deadlines: HistoryDeadlineRow;
}

/**
 * The most events per record, and the most rows per record and table. Each event can rewrite all earlier days, and row
 * numbers are not reused.
 */
export const PER_RECORD = 2 ** 26;

/**
 * Returns a key. Keys keep the rows of one record together and in order.
 * @throws RangeError for more than `PER_RECORD` rows.
 */
export function keyOf(number: number, own: number): number {
  if (own >= PER_RECORD) throw new RangeError(`A record has at most ${PER_RECORD} rows of its history`);
  return number * PER_RECORD + own;
}

/** Returns the range of a record's keys. */
export const keysOf = (number: number): { readonly from: number; readonly until: number } => ({
  from: keyOf(number, 0),
  until: keyOf(number + 1, 0),
});
