import type { TableDefinition } from '#projections/tables';
import type { StandingRow } from '../standing.ts';
import { REGIONS, regionColumn, STANDING_COLUMNS } from '../standing.ts';
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

const { summary: _, recipient_event: __, ...TOLD_COLUMNS } = STANDING_COLUMNS;

/** How a record stood, from the latest effective date of its events on. */
export interface HistoryContent extends Omit<StandingRow, 'summary' | 'recipient_event'> {
  /** The id under which a recommendation to several bodies was issued. */
  issue: string | null;
  /** The event that its title comes from; null where that is the issue. */
  title_event: string | null;
  /** When its report was published, where that was corrected; else null. */
  published_on: string | null;
  /** The regions as JSON, where the columns do not say them all; else null. */
  state: string | null;
  /** The lifecycle of its latest event, where that is not the first one's. */
  lifecycle_name: string | null;
  lifecycle_version: number | null;
  /** London's date on which the closing was recorded that stands; null while it is open. */
  closed_recorded_on: string | null;
  /** 1 where another record has taken its place by that closing. */
  superseded: number;
  /** The date from which the response is published, and the date in London on which that was recorded. */
  answered_on: string | null;
  answered_recorded_on: string | null;
}

/** By what rows are found, beside when they hold. */
export const FOUND_COLUMNS = [
  ...(['stream', 'recipient', 'recipient_today', 'status', 'closed', 'settled', 'issued_on'] as const),
  ...(['due_on', 'owner', 'status_origin', 'unanswered', 'waits', 'closed_on', 'issue'] as const),
  'title_event' as const,
  ...REGIONS.map(regionColumn),
] satisfies (keyof HistoryRow)[];

/** One row for each record and date of its events, and again for what was told otherwise later. `from_on` is when it was updated. */
export interface HistoryRow extends HistoryContent, Span {
  /** The record's number and the row's own in it, as `keyOf` puts them together. */
  row: number;
  /** The body that the record is for today: who sees it, also as it was. */
  recipient_today: string | null;
}

export const HISTORY: TableDefinition = {
  name: 'history',
  columns: {
    row: 'integer',
    ...TOLD_COLUMNS,
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
  // By length come the rows that hold, with all by which they are narrowed, ordered and counted: nothing else is read of the others. By day come those that changed last.
  indexes: [
    ['stream', 'known_to', 'from_on', 'known'],
    ['held', 'from_on', 'next_on', 'known', 'known_to', 'next_known', ...FOUND_COLUMNS],
    ['open', 'known', 'next_known', 'known_to', 'from_on', 'next_on', ...FOUND_COLUMNS],
    ['from_on', 'stream'],
  ],
};

/** One deadline of a record, as it stood from a day on; not again where only other deadlines changed. */
export interface DeadlineContent {
  kind: string;
  due_on: string;
  first_due_on: string;
  /** 1 when what it is for is done; null where the record has so many that only its own row says it, by `closed` or `response`. */
  settled: number | null;
  /** 1 where one of its dates had passed when it was extended, or what it is for settled. */
  passed: number;
  /** How often its date was put off. */
  extensions: number;
  /** The day from which there is no such deadline any more; null while there is. */
  withdrawn_on: string | null;
  /**
   * Whether it is on record that one of its dates passed: `late` where that was after its entry, else `at-entry`. What came from a
   * mistake that was corrected since is not counted.
   */
  recorded: 'late' | 'at-entry' | null;
  /** 1 where it was recorded as passed by such a mistake. */
  mistaken: number;
  /** 1 where its date in force had passed when it was entered. */
  entered_late: number;
  /** 1 where what settles it is only claimed. */
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

/** That a deadline was recorded as passed after its entry: what becomes of it later takes none of these away. */
export interface HistoryPassingRow {
  /** The record's number and the event's version, as `keyOf` puts them together. */
  event: number;
  /** `<record>/<deadline>`. */
  deadline: string;
  passed_on: string;
  known: number;
  /** The body that the record was for when that was recorded. */
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

/** What is the same of a record at every date. */
export interface HistoryRecordRow {
  stream: string;
  /** The record's number among all, in the order of their first events, counted from 0. */
  number: number;
  /** The body that the record is for today: who sees it, also as it was. */
  recipient: string | null;
  issued_on: string;
  issue: string | null;
  /** Null where it was erased. */
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

/** A title that a record has or had, by the event that says it. */
export interface HistoryTitleRow {
  event: string;
  stream: string;
  /** 1 where the event is the issue. */
  issued: number;
  /** Null where it was erased. */
  title: string | null;
}

export const HISTORY_TITLES: TableDefinition = {
  name: 'history_titles',
  columns: { event: 'text', stream: 'text', issued: 'integer', title: 'long text or null' },
  key: 'event',
  indexes: [['title', 'stream']],
};

/** One event: which version a view has, and what is folded again when something is told of an earlier day. */
export interface HistoryEventRow {
  /** The record's number and the event's version, as `keyOf` puts them together. */
  event: number;
  effective_on: string;
  known: number;
  /** 1 where it decides on the record's deadlines or tells of them; 2 where it changes besides for whom or how it stands; else 0. */
  decides: number;
  /** Null where it changes nothing but when something was heard of the record. */
  type: string | null;
  /** What of it is folded, as JSON: no text that people write is in it but an owner's name. */
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

/** Where a record's fold goes on. */
export interface HistoryHeadRow {
  stream: string;
  number: number;
  /** The earliest and the latest effective date of its events. */
  first_on: string;
  last_on: string;
  /** When the latest of its events was stored, where that is later than the last one was: clocks differ. */
  later_known: number | null;
  /** The row that holds from the latest date on, and since when it is known; how many rows there are of the record, and of its deadlines. */
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
 * What a record has at most of events, and of rows of one table: each of its events can tell all the days anew that events before
 * it have, and its own, and numbers are not used again.
 */
export const PER_RECORD = 2 ** 26;
/** How many records there can be, for a key to be an exact number. */
export const RECORDS = 2 ** 53 / PER_RECORD;

/** A key in which the rows of one record stand together, in their order. */
export function keyOf(number: number, own: number): number {
  if (own >= PER_RECORD) throw new RangeError(`A record has at most ${PER_RECORD} rows of its history`);
  return number * PER_RECORD + own;
}

/** The first key of a record; that of the next one ends its rows. */
export const keysOf = (number: number): { readonly from: number; readonly until: number } => ({
  from: keyOf(number, 0),
  until: keyOf(number + 1, 0),
});
