import { redactionOf } from '#event-sourcing/erasure';
import type { Models, Projection } from '#projections/projection';
import { DEADLINES, writeDeadlines } from '../deadlines/deadline-rows.ts';
import { eventsOfRecords, inParts, isErased, writeRows } from '../record-row.ts';
import type { EventsByRecord, ProjectedEvent } from '../record-row.ts';
import {
  REGIONS,
  regionColumn,
  RECORD_STATE_COLUMNS,
  recordStateColumns,
  versionWithLifecycles,
} from '../record-state.ts';
import type { RecordStateRow } from '../record-state.ts';
import {
  requestsColumn,
  NOTICE_AUDIENCES,
  NOTICES,
  noticeRowsOf,
  openDates,
  OWNERS,
} from '../inbox/notice-rows.ts';
import type { NoticeRows, OwnerRow } from '../inbox/notice-rows.ts';
import { REGISTER_SEARCH, TEXTS, TITLE_SEARCH, TITLES, writeTexts } from './register-texts.ts';
import { stateAfter, textOf } from './folded-state.ts';
import type { FoldedState } from './folded-state.ts';
import { keepFolded, recordsBefore } from './folded-records.ts';
import type { FoldedRecord } from './folded-records.ts';
import type { RowOf, TableDefinition, TablesOf } from '#projections/tables';

/** The columns by which statistics group records. An index begins with them, so that its rows are already grouped. */
export const GROUPED_BY = ['settled', 'recipient', 'status', 'closed'] as const;

/** The current register. Except for `state`, the columns serve lists. */
export const REGISTER = {
  name: 'register',
  columns: {
    ...RECORD_STATE_COLUMNS,
    /** The log number of its first event, which is the same in every store. */
    number: 'integer',
    /** Null if erased. */
    title: 'long text or null',
    version: 'integer',
    issue: 'text or null',
    report_name: 'text or null',
    report_published_on: 'text or null',
    /** The latest effective date of its events. */
    updated_on: 'text',
    lifecycle_name: 'text or null',
    lifecycle_version: 'integer or null',
    /** The whole folded state, except the columns that every event changes, as JSON. */
    state: 'long text',
    /** The open dates, as returned by `openDates`. */
    open_dates: 'long text',
    /** The pending requests, as returned by `requestsColumn`. */
    asked: 'long text',
    /** The first day on which a sweep must record an event; null if there is none. */
    sweep_on: 'text or null',
    /** Increases with every event that affects or reports the record's deadlines. */
    revision: 'integer',
    /** The time at which the last event that changed its deadlines was stored. Redactions do not change it. */
    changed_at: 'text',
  },
  key: 'stream',
  // The orders by which people page through many records, and the filters that leave few. Other filters leave so many
  // that an order finds a page soon, or their rows are read in a fraction of a read's time limit.
  indexes: [
    ['updated_on', 'stream'],
    ['issued_on', 'stream'],
    ['due_on', 'stream'],
    ['title', 'stream'],
    ['status', 'stream'],
    ['recipient', 'updated_on', 'stream'],
    ['owner', 'updated_on', 'stream'],
    ['issue', 'stream'],
    ['number'],
    ['sweep_on', 'stream'],
    // It contains all columns that are counted, so that counting reads only the index. Comments do not change it.
    [
      ...[...GROUPED_BY, 'issued_on', 'due_on', 'number', 'status_origin'],
      ...[...REGIONS.map(regionColumn), 'unanswered', 'waits', 'stream'],
    ],
  ],
} as const satisfies TableDefinition;

export type RegisterRow = RecordStateRow & RowOf<typeof REGISTER.columns>;

export type RegisterTables = { register: RegisterRow } & TablesOf<
  typeof DEADLINES | typeof TEXTS | typeof TITLES | typeof NOTICES | typeof NOTICE_AUDIENCES | typeof OWNERS
>;

export const registerProjection: Projection = {
  name: 'register',
  version: versionWithLifecycles(23),
  tables: [REGISTER, TEXTS, TITLES, DEADLINES, NOTICES, NOTICE_AUDIENCES, OWNERS],
  searches: [REGISTER_SEARCH, TITLE_SEARCH],
  async apply(models, batch) {
    for (const records of inParts(eventsOfRecords(batch))) await foldRecords(models, records);
  },
};

async function foldRecords(models: Models, events: EventsByRecord): Promise<void> {
  const before = await recordsBefore(models, events);
  const folded = [...events].map(([stream, own]) => foldRecord(before.get(stream), own));
  await writeRecords(models, folded);
  await writeDeadlines(
    models,
    folded.map((each) => ({ before: each.before?.state.recordState, after: each.after.state.recordState })),
  );
  const all = [...events.values()].flat();
  const notices = folded.flatMap((each) => each.notices);
  await models.sql.upsert(
    models.db,
    NOTICES,
    notices.map(({ row }) => row),
  );
  await models.sql.upsert(
    models.db,
    NOTICE_AUDIENCES,
    notices.flatMap(({ audiences }) => audiences),
  );
  await models.sql.upsert(models.db, OWNERS, all.flatMap(ownerRows));
  const numbers = new Map(folded.map(({ last, after }) => [last.streamId, after.state.source.number]));
  await writeTexts(models, all, (stream) => numbers.get(stream) as number);
}

/** A record before and after its events in a batch. */
interface Folded {
  readonly before: FoldedRecord | undefined;
  readonly after: FoldedRecord;
  readonly last: ProjectedEvent;
  readonly notices: readonly NoticeRows[];
}

/**
 * Returns a record after some of its events.
 * @throws Error if an event does not follow the record's version.
 */
function foldRecord(before: FoldedRecord | undefined, events: readonly ProjectedEvent[]): Folded {
  let record = before;
  const notices: NoticeRows[] = [];
  for (const event of events) {
    const { version, streamId, effectiveOn, lifecycle } = event;
    if (version !== (record?.version ?? 0) + 1)
      throw new Error(`Version ${version} of ${streamId} comes after version ${record?.version ?? 0}`);
    const { after: state, answered } = stateAfter(record?.state, event);
    const notice = noticeRowsOf(event, {
      ...{ before: record?.state.recordState, after: state.recordState },
      ...{ answered, cameInOn: state.source.cameInOn },
    });
    if (notice !== null) notices.push(notice);
    record = {
      ...{ state, version },
      updated_on: record !== undefined && record.updated_on > effectiveOn ? record.updated_on : effectiveOn,
      lifecycle_name: lifecycle?.name ?? null,
      lifecycle_version: lifecycle?.version ?? null,
    };
  }
  return { before, after: record as FoldedRecord, last: events.at(-1) as ProjectedEvent, notices };
}

/** Writes the rows of records; of those whose state no event changed, only the columns that every event changes. */
async function writeRecords(models: Models, folded: readonly Folded[]): Promise<void> {
  const known = new Map<string, WrittenRow>();
  const rows: WrittenRow[] = [];
  for (const { before, after, last } of folded) {
    const rowOf = before?.state === after.state ? eventColumns : wholeRow;
    if (before !== undefined) known.set(last.streamId, rowOf(before));
    rows.push(rowOf(after));
    keepFolded(last, after);
  }
  await writeRows(models, REGISTER, known, rows);
}

type WrittenRow = Partial<RegisterRow> & Pick<RegisterRow, 'stream'>;

const wholeRow = ({ state, ...own }: FoldedRecord): RegisterRow => ({ ...columnsOf(state), ...own });

const eventColumns = ({ state, ...own }: FoldedRecord): WrittenRow => ({
  stream: state.recordState.stream,
  ...own,
});

type StateColumns = Omit<RegisterRow, Exclude<keyof FoldedRecord, 'state'>>;

/** Caches the columns of states that are kept. */
const columns = new WeakMap<FoldedState, StateColumns>();

function columnsOf(state: FoldedState): StateColumns {
  const known = columns.get(state);
  if (known !== undefined) return known;
  const { recordState, source, requests, deadlines } = state;
  const { number, title, issue, reportName, reportPublishedOn } = source;
  const own: StateColumns = {
    ...recordStateColumns(recordState),
    ...{ number, title, issue, report_name: reportName, report_published_on: reportPublishedOn },
    state: textOf(state),
    open_dates: openDates(recordState),
    asked: requestsColumn(requests),
    sweep_on: deadlines?.ledger.nextCrossingOn() ?? null,
    revision: deadlines?.ledger.revision ?? 0,
    changed_at: deadlines?.changedAt ?? '',
  };
  columns.set(state, own);
  return own;
}

/** Returns the row of the owner that an event names, or whose name it erases. */
function ownerRows(event: ProjectedEvent): OwnerRow[] {
  const named = event.texts.find(({ kind }) => kind === 'owner');
  if (named !== undefined) return [{ event_id: event.eventId, owner: named.value }];
  const redaction = redactionOf(event);
  const isErasedHere = redaction !== null && isErased(redaction.erased, 'owner', event.kind);
  return isErasedHere ? [{ event_id: redaction.eventId, owner: null }] : [];
}
