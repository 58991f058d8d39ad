import type { TableDefinition } from '#projections/tables';
import type { RecordStateRow } from '../record-state.ts';
import { REGIONS, regionColumn, RECORD_STATE_COLUMNS } from '../record-state.ts';
import type { Span } from './spans.ts';

export const SPAN_COLUMNS = {
  from_on: 'text',
  next_on: 'text',
  known: 'integer',
  next_known: 'integer',
  known_to: 'integer',
  held: 'integer',
  open: 'integer',
} as const;

const { summary: _, recipient_event: __, ...HISTORY_COLUMNS } = RECORD_STATE_COLUMNS;

/** A record's state from the latest effective date of its events. */
export interface HistoryContent extends Omit<RecordStateRow, 'summary' | 'recipient_event'> {
  /** The id of the issue, for a recommendation to several bodies. */
  issue: string | null;
  /** The event with the title; null if that is the first event. */
  title_event: string | null;
  /** The publication date of the report if it was corrected; else null. */
  published_on: string | null;
  /** The regions as JSON if the other columns do not cover all of them; else null. */
  state: string | null;
  /** The lifecycle of the latest event; null if it is that of the first event. */
  lifecycle_name: string | null;
  lifecycle_version: number | null;
  /** The London date on which the current closure was recorded; null while open. */
  closed_recorded_on: string | null;
  /** 1 if another record replaced this one, else 0. */
  superseded: number;
  /** The date from which the response is published, and the London date on which that was recorded. */
  answered_on: string | null;
  answered_recorded_on: string | null;
}

/** The columns by which rows are found, except those of their validity. */
export const FOUND_COLUMNS = [
  ...(['stream', 'recipient', 'recipient_today', 'status', 'closed', 'settled', 'issued_on'] as const),
  ...(['due_on', 'owner', 'status_origin', 'unanswered', 'waits', 'closed_on', 'issue'] as const),
  'title_event' as const,
  ...REGIONS.map(regionColumn),
] satisfies (keyof HistoryRow)[];

/**
 * A record's state from an effective date on. Each revision of a date adds a row. `from_on` is the date of the last
 * update.
 */
export interface HistoryRow extends HistoryContent, Span {
  /** The record's number and the row's number within it, combined by `keyOf`. */
  row: number;
  /** The body that is responsible today. It may see the record and its past. */
  recipient_today: string | null;
}

export const HISTORY: TableDefinition = {
  name: 'history',
  columns: {
    row: 'integer',
    ...HISTORY_COLUMNS,
    recipient_today: 'text or null',
    ...SPAN_COLUMNS,
    issue: 'text or null',
    title_event: 'text or null',
    published_on: 'text or null',
    state: 'text or null',
    lifecycle_name: 'text or null',
    lifecycle_version: 'integer or null',
    closed_recorded_on: 'text or null',
    superseded: 'integer',
    answered_on: 'text or null',
    answered_recorded_on: 'text or null',
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
};

/** A deadline's state from a day on. A change of other deadlines adds no row. */
export interface DeadlineContent {
  kind: string;
  due_on: string;
  first_due_on: string;
  /**
   * 1 if the obligation is met, else 0; null if the record has so many deadlines that only its own row records it, in
   * `closed` or `response`.
   */
  settled: number | null;
  /** 1 if one of the deadline's dates had passed when it was extended or settled, else 0. */
  passed: number;
  extensions: number;
  /** The day of the withdrawal; null if the deadline was not withdrawn. */
  withdrawn_on: string | null;
  /**
   * Whether the deadline is recorded as passed: `late` if that was after its entry, else `at-entry`; null if it is not.
   * Lateness that a corrected mistake caused does not count.
   */
  recorded: 'late' | 'at-entry' | null;
  /** 1 if the deadline was recorded as passed by mistake, else 0. */
  mistaken: number;
  /** 1 if the date in force had passed when it was entered, else 0. */
  entered_late: number;
  /** 1 if the settlement is only claimed, else 0. */
  claimed: number;
}

export interface HistoryDeadlineRow extends DeadlineContent, Span {
  row: number;
  /** `<record>/<deadline>`. */
  id: string;
  stream: string;
  deadline_id: string;
}

export const HISTORY_DEADLINES: TableDefinition = {
  name: 'history_deadlines',
  columns: {
    row: 'integer',
    id: 'text',
    stream: 'text',
    deadline_id: 'text',
    kind: 'text',
    due_on: 'text',
    first_due_on: 'text',
    settled: 'integer or null',
    passed: 'integer',
    extensions: 'integer',
    withdrawn_on: 'text or null',
    recorded: 'text or null',
    mistaken: 'integer',
    entered_late: 'integer',
    claimed: 'integer',
    ...SPAN_COLUMNS,
  },
  key: 'row',
  indexes: [
    ['due_on', 'id'],
    ['stream', 'known_to'],
  ],
};

/** A recorded event that a deadline passed after its entry. Later events do not remove the row. */
export interface HistoryPassingRow {
  /** The record's number and the event's version, combined by `keyOf`. */
  event: number;
  /** `<record>/<deadline>`. */
  deadline: string;
  passed_on: string;
  known: number;
  /** The body that was responsible when the event was recorded. */
  recipient: string | null;
}

export const HISTORY_PASSINGS: TableDefinition = {
  name: 'history_passings',
  columns: {
    event: 'integer',
    deadline: 'text',
    passed_on: 'text',
    known: 'integer',
    recipient: 'text or null',
  },
  key: 'event',
  indexes: [['deadline', 'passed_on', 'known', 'recipient']],
};

/** The values of a record that are the same at every date. */
export interface HistoryRecordRow {
  stream: string;
  /** The record's number, counted from 0 in the order of the records' first events. */
  number: number;
  /** The body that is responsible today. It may see the record and its past. */
  recipient: string | null;
  issued_on: string;
  issue: string | null;
  /** The name of the report; null if erased. */
  report_name: string | null;
  report_published_on: string | null;
  issue_event: string;
  lifecycle_name: string;
  lifecycle_version: number;
}

export const HISTORY_RECORDS: TableDefinition = {
  name: 'history_records',
  columns: {
    stream: 'text',
    number: 'integer',
    recipient: 'text or null',
    issued_on: 'text',
    issue: 'text or null',
    report_name: 'text or null',
    report_published_on: 'text or null',
    issue_event: 'text',
    lifecycle_name: 'text',
    lifecycle_version: 'integer',
  },
  key: 'stream',
  indexes: [['recipient', 'stream']],
};

/** A present or past title of a record, by the event that set it. */
export interface HistoryTitleRow {
  event: string;
  stream: string;
  /** 1 if the event issued the record, else 0. */
  issued: number;
  /** The title; null if erased. */
  title: string | null;
}

export const HISTORY_TITLES: TableDefinition = {
  name: 'history_titles',
  columns: { event: 'text', stream: 'text', issued: 'integer', title: 'long text or null' },
  key: 'event',
  indexes: [['title', 'stream']],
};

/** An event. It determines the version in a view, and is folded again if a later event changes an earlier day. */
export interface HistoryEventRow {
  /** The record's number and the event's version, combined by `keyOf`. */
  event: number;
  effective_on: string;
  known: number;
  /** The result of `decidesOf`. */
  decides: number;
  /** The event's type; null if the event only changes the date of the last update. */
  type: string | null;
  /** The part of the event that is folded, as JSON. Its only personal text is the name of an owner. */
  light: string | null;
}

export const HISTORY_EVENTS: TableDefinition = {
  name: 'history_events',
  columns: {
    event: 'integer',
    effective_on: 'text',
    known: 'integer',
    decides: 'integer',
    type: 'text or null',
    light: 'long text or null',
  },
  key: 'event',
  indexes: [],
};

/** The state from which the fold of a record continues. */
export interface HistoryHeadRow {
  stream: string;
  number: number;
  first_on: string;
  last_on: string;
  /**
   * The latest instant at which an event was stored, if it is later than that of the last event, because clocks differ;
   * else null.
   */
  later_known: number | null;
  /**
   * The row valid from the latest date on, the instant at which it became known, and the numbers of rows of the record
   * and of its deadlines.
   */
  last_row: number;
  last_row_known: number;
  rows: number;
  deadline_rows: number;
  head: string;
}

export const HISTORY_HEADS: TableDefinition = {
  name: 'history_heads',
  columns: {
    stream: 'text',
    number: 'integer',
    first_on: 'text',
    last_on: 'text',
    later_known: 'integer or null',
    last_row: 'integer',
    last_row_known: 'integer',
    rows: 'integer',
    deadline_rows: 'integer',
    head: 'long text',
  },
  key: 'stream',
  indexes: [],
};

export interface HistoryTables {
  history: HistoryRow;
  history_deadlines: HistoryDeadlineRow;
  history_passings: HistoryPassingRow;
  history_records: HistoryRecordRow;
  history_titles: HistoryTitleRow;
  history_events: HistoryEventRow;
  history_heads: HistoryHeadRow;
}

/**
 * The most events per record, and the most rows per record and table. Each event can rewrite all earlier days, and row
 * numbers are not reused.
 */
export const PER_RECORD = 2 ** 26;
/** The most records for which a key is an exact number. */
export const RECORDS = 2 ** 53 / PER_RECORD;

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
