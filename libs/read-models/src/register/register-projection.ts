import type { Kysely } from 'kysely';
import { redactionOf } from '#event-sourcing/erasure';
import { londonDate } from '#state-machines/london';
import type { TextKind } from '#lifecycle/summary';
import type { Generation, Projection } from '#projections/projection';
import { eventsOfRecords, inParts, isErased, summaryBy, writeRows } from '../record-row.ts';
import type { EventsByRecord, ProjectedEvent } from '../record-row.ts';
import {
  REGIONS,
  regionColumn,
  RECORD_STATE_COLUMNS,
  recordStateAfter,
  recordStateFrom,
  recordStateRow,
  stateColumn,
  stateOfRow,
  versionWithLifecycles,
} from '../record-state.ts';
import type { FoldedRecordState, RecordStateRow } from '../record-state.ts';
import {
  requestsAfter,
  requestsColumn,
  requestsFrom,
  NOTICE_AUDIENCES,
  NOTICES,
  noticeRowsOf,
  openDates,
  OWNERS,
} from '../inbox/notice-rows.ts';
import type { NoticeAudienceRow, NoticeRow, OwnerRow } from '../inbox/notice-rows.ts';
import type { AfterEvent } from '#lifecycle/open-requests';
import { REGISTER_SEARCH, TEXTS, TITLE_SEARCH, TITLES, writeTexts } from './register-texts.ts';
import type { RowOf, TableDefinition, TablesOf } from '#projections/tables';

/** The columns by which statistics group records. An index begins with them, so that its rows are already grouped. */
export const GROUPED_BY = ['settled', 'recipient', 'status', 'closed'] as const;

/** The columns that are not part of the record's state. */
const OWN_COLUMNS = {
  /** The log number of its first event, which is the same in every generation. */
  number: 'integer',
  /** Null if erased. */
  title: 'long text or null',
  version: 'integer',
  issue: 'text or null',
  report_name: 'text or null',
  report_published_on: 'text or null',
  /** The London date on which the record was first stored. */
  came_in_on: 'text',
  /** The latest effective date of its events. */
  updated_on: 'text',
  lifecycle_name: 'text or null',
  lifecycle_version: 'integer or null',
  /** The events with the report's name and the title. */
  issue_event: 'text',
  title_event: 'text',
} as const;
type Own = RowOf<typeof OWN_COLUMNS>;
const OWN_NAMES = Object.keys(OWN_COLUMNS) as (keyof Own)[];

/** The current register. */
export const REGISTER = {
  name: 'register',
  columns: {
    ...RECORD_STATE_COLUMNS,
    ...OWN_COLUMNS,
    /** The regions as JSON if the status and the columns do not cover all of them; else null. */
    state: 'text or null',
    /** The open dates, as returned by `openDates`. */
    open_dates: 'long text',
    /** The pending requests, as returned by `requestsColumn`. */
    asked: 'long text',
  },
  key: 'stream',
  // There is one index for each order, and one for each filter with the default order.
  indexes: [
    ['updated_on', 'stream'],
    ['issued_on', 'stream'],
    ['due_on', 'stream'],
    ['title', 'stream'],
    ['status', 'stream'],
    ['status', 'updated_on', 'stream'],
    ['status_origin', 'updated_on', 'stream'],
    ['closed', 'updated_on', 'stream'],
    ['closed', 'due_on', 'stream'],
    ['settled', 'due_on', 'stream'],
    ['closed_on', 'stream'],
    ...REGIONS.map((region) => [regionColumn(region), 'updated_on', 'stream']),
    ['unanswered', 'updated_on', 'stream'],
    ['recipient', 'updated_on', 'stream'],
    ['owner', 'updated_on', 'stream'],
    ['issue', 'stream'],
    ['number'],
    // It contains all columns that are counted, so that counting reads only the index. Comments do not change it.
    [
      ...[...GROUPED_BY, 'issued_on', 'due_on', 'number', 'status_origin'],
      ...[...REGIONS.map(regionColumn), 'unanswered', 'waits', 'stream'],
    ],
  ],
} as const satisfies TableDefinition;

export type RegisterRow = RecordStateRow & RowOf<typeof REGISTER.columns>;

export type RegisterTables = { register: RegisterRow } & TablesOf<
  typeof TEXTS | typeof TITLES | typeof NOTICES | typeof NOTICE_AUDIENCES | typeof OWNERS
>;

export const registerProjection: Projection = {
  name: 'register',
  version: versionWithLifecycles(19),
  tables: [REGISTER, TEXTS, TITLES, NOTICES, NOTICE_AUDIENCES, OWNERS],
  searches: [REGISTER_SEARCH, TITLE_SEARCH],
  async apply(generation, batch) {
    for (const records of inParts(eventsOfRecords(batch))) await foldRecords(generation, records);
  },
};

async function foldRecords(generation: Generation, events: EventsByRecord): Promise<void> {
  const before = await loadRows(generation, [...events.keys()]);
  const numbers = new Map<string, number>();
  const rows: RegisterRow[] = [];
  const notices: NoticeRow[] = [];
  const audiences: NoticeAudienceRow[] = [];
  for (const [stream, own] of events) {
    const row = before.get(stream);
    const first = row && foldedFrom(row);
    let record = first;
    for (const event of own) {
      const folded = foldRecord(record, event);
      const standings = {
        before: record?.recordState,
        after: folded.recordState,
        answered: folded.requests.answered,
      };
      const notice = noticeRowsOf(event, { ...standings, cameInOn: folded.came_in_on });
      if (notice !== null) {
        notices.push(notice.row);
        audiences.push(...notice.audiences);
      }
      record = folded;
    }
    if (record === undefined) continue;
    numbers.set(stream, record.number);
    rows.push(rowOf(record, record.recordState === first?.recordState ? row : undefined));
  }
  await writeRows(generation, REGISTER, before, rows);
  const all = [...events.values()].flat();
  await generation.sql.upsert(generation.db, NOTICES, notices);
  await generation.sql.upsert(generation.db, NOTICE_AUDIENCES, audiences);
  await generation.sql.upsert(generation.db, OWNERS, all.flatMap(ownerRows));
  await writeTexts(generation, all, (stream) => numbers.get(stream) as number);
}

async function loadRows(
  { db, sql: dialect }: Generation,
  streams: string[],
): Promise<Map<string, RegisterRow>> {
  const rows = await (db as Kysely<RegisterTables>)
    .selectFrom('register')
    .selectAll()
    .where('stream', 'in', dialect.listed(streams))
    .execute();
  return new Map(rows.map((row) => [row.stream, row]));
}

/** Returns the row of the owner that an event names, or whose name it erases. */
function ownerRows(event: ProjectedEvent): OwnerRow[] {
  const named = event.texts.find(({ kind }) => kind === 'owner');
  if (named !== undefined) return [{ event_id: event.eventId, owner: named.value }];
  const redaction = redactionOf(event);
  const isErasedHere = redaction !== null && isErased(redaction.erased, 'owner', event.kind);
  return isErasedHere ? [{ event_id: redaction.eventId, owner: null }] : [];
}

/** A record while its events are folded. */
type FoldedRecord = Own & {
  readonly recordState: FoldedRecordState;
  readonly requests: AfterEvent;
  readonly open_dates: string;
};

function foldedFrom(row: RegisterRow): FoldedRecord {
  const own = Object.fromEntries(OWN_NAMES.map((column) => [column, row[column]]));
  const requests = { open: requestsFrom(row.asked), answered: [] };
  const recordState = recordStateFrom(row, stateOfRow(row));
  return { ...(own as Own), recordState, requests, open_dates: row.open_dates };
}

/** @param before the stored row if it has the record's state */
const rowOf = ({ recordState, requests, ...own }: FoldedRecord, before?: RegisterRow): RegisterRow => ({
  ...(before ?? { ...recordStateRow(recordState), state: stateColumn(recordState) }),
  ...own,
  asked: requestsColumn(requests.open),
});

/**
 * Returns the record after an event.
 * @throws Error if the event does not follow the row's version.
 */
function foldRecord(before: FoldedRecord | undefined, event: ProjectedEvent): FoldedRecord {
  const { version, streamId, effectiveOn } = event;
  const recordState = recordStateAfter(before?.recordState, event);
  if (version !== (before?.version ?? 0) + 1) {
    throw new Error(`Version ${version} of ${streamId} comes after version ${before?.version ?? 0}`);
  }
  return withoutErased(
    {
      ...(before ?? firstRow(event)),
      ...columnsSetBy(event),
      recordState,
      ...waitingAfter(before, event, recordState),
      version,
      updated_on: before && before.updated_on > effectiveOn ? before.updated_on : effectiveOn,
      lifecycle_name: event.lifecycle?.name ?? null,
      lifecycle_version: event.lifecycle?.version ?? null,
    },
    event,
  );
}

/** Returns the open dates, which depend on the state alone, and the pending requests. */
const waitingAfter = (
  before: FoldedRecord | undefined,
  event: ProjectedEvent,
  recordState: FoldedRecordState,
): Pick<FoldedRecord, 'open_dates' | 'requests'> => ({
  open_dates: before?.recordState === recordState ? before.open_dates : openDates(recordState),
  requests: requestsAfter(before?.requests.open ?? [], event, recordState),
});

/** Returns the columns that an event sets. An erased text is null. */
function columnsSetBy(event: ProjectedEvent): Partial<Own> {
  const { group: issue, publishedOn } = summaryBy(event.rules).about?.(event) ?? {};
  const columns: Partial<Own> = {
    ...(issue !== undefined && { issue }),
    ...(publishedOn !== undefined && { report_published_on: publishedOn }),
  };
  for (const { kind, value, eventId } of event.texts) {
    if (kind === 'title') Object.assign(columns, { title: value, title_event: eventId });
    else if (kind === 'report') columns.report_name = value;
  }
  return columns;
}

function withoutErased(row: FoldedRecord, event: ProjectedEvent): FoldedRecord {
  const redaction = redactionOf(event);
  if (redaction === null) return row;
  const { eventId, erased } = redaction;
  const erases = (kind: TextKind, textEvent: string) =>
    eventId === textEvent && isErased(erased, kind, event.kind);
  return {
    ...row,
    ...(erases('title', row.title_event) && { title: null }),
    ...(erases('report', row.issue_event) && { report_name: null }),
  };
}

const firstRow = ({ eventId, ordinal, recordedAt }: ProjectedEvent) => ({
  came_in_on: londonDate(recordedAt),
  ...{ number: ordinal, title: null, issue: null },
  ...{ report_name: null, report_published_on: null },
  ...{ issue_event: eventId, title_event: eventId },
});
