import type { Kysely } from 'kysely';
import { amended } from '#state-machines/inspection-recommendation/v1/record';
import { isNamed } from '#state-machines/inspection-recommendation/v1/record-event';
import type { AnyData } from '#state-machines/inspection-recommendation/v1/record-event';
import type { Generation, Projection } from '#projections/projection';
import {
  eventsOfRecords,
  inParts,
  eventsNaming,
  REPORT_NAME,
  TITLE,
  withheldColumn,
  withheldOwner,
  writeRows,
} from '../record-row.ts';
import type { EventsByRecord, ProjectedEvent } from '../record-row.ts';
import { foldStanding, STANDING_COLUMNS, standingFrom, standingRow } from '../standing.ts';
import type { FoldedStanding, StandingRow } from '../standing.ts';
import { REGISTER_SEARCHES, TEXTS, textsShown, writeTexts } from './register-texts.ts';
import type { RegisterText } from './register-texts.ts';
import type { TableDefinition } from '#projections/tables';

/** One record as lists show it. */
export interface RegisterRow extends StandingRow {
  /** From the number in the log of its first event: the same in every generation. */
  number: number;
  /** Null where it was erased. */
  title: string | null;
  /** The machine's regions, as JSON. */
  state: string;
  version: number;
  position: string;
  issue: string | null;
  reference: string | null;
  report_name: string | null;
  report_published_on: string | null;
  /** The latest effective date of its events, and when the last of them was stored. */
  updated_on: string;
  updated_at: string;
  lifecycle_name: string | null;
  lifecycle_version: number | null;
  /** The events that the report's name, title and text come from. */
  issue_event: string;
  title_event: string;
  text_event: string;
}

export interface RegisterTables {
  register: RegisterRow;
  register_texts: RegisterText;
}

export const REGISTER: TableDefinition = {
  name: 'register',
  columns: {
    ...STANDING_COLUMNS,
    number: 'integer',
    title: 'long text or null',
    state: 'text',
    version: 'integer',
    position: 'text',
    issue: 'text or null',
    reference: 'text or null',
    report_name: 'text or null',
    report_published_on: 'text or null',
    updated_on: 'text',
    updated_at: 'text',
    lifecycle_name: 'text or null',
    lifecycle_version: 'integer or null',
    issue_event: 'text',
    title_event: 'text',
    text_event: 'text',
  },
  key: 'id',
  // One for each order, and those that lists are narrowed by with the usual order behind them.
  indexes: [
    ['updated_on', 'id'],
    ['issued_on', 'id'],
    ['due_on', 'id'],
    ['title', 'id'],
    ['status', 'id'],
    ['status', 'updated_on', 'id'],
    ['status_origin', 'updated_on', 'id'],
    ['closed', 'updated_on', 'id'],
    ['closed', 'due_on', 'id'],
    ['settled', 'due_on', 'id'],
    ['closed_on', 'id'],
    ['closure', 'updated_on', 'id'],
    ['evidence', 'updated_on', 'id'],
    ['response', 'updated_on', 'id'],
    ['unanswered', 'updated_on', 'id'],
    ['recipient', 'updated_on', 'id'],
    ['owner', 'updated_on', 'id'],
    ['issue', 'id'],
    ['number'],
    // All that is counted, so that counting reads the index alone; no comment touches it.
    [
      ...['settled', 'recipient', 'status', 'closed', 'issued_on', 'due_on', 'number'],
      ...['status_origin', 'closure', 'evidence', 'response', 'unanswered', 'proposals'],
    ],
  ],
};

/** The columns that say more than how it stands. */
const OWN_COLUMNS = Object.keys(REGISTER.columns).filter(
  (column) => !Object.hasOwn(STANDING_COLUMNS, column),
) as Exclude<keyof RegisterRow, keyof StandingRow>[];

export const registerProjection: Projection = {
  name: 'register',
  version: 11,
  tables: [REGISTER, TEXTS],
  searches: REGISTER_SEARCHES,
  async apply(generation, batch) {
    for (const records of inParts(eventsOfRecords(batch))) await foldRecords(generation, records);
  },
  withheld: (redactions, dialect) => ({
    register: {
      columns: {
        title: withheldColumn('title', 'title_event', eventsNaming(redactions, TITLE), dialect),
        owner: withheldOwner(redactions, dialect),
        report_name: withheldColumn(
          'report_name',
          'issue_event',
          eventsNaming(redactions, REPORT_NAME),
          dialect,
        ),
      },
    },
    register_texts: { where: textsShown(redactions, dialect) },
  }),
};

async function foldRecords(generation: Generation, events: EventsByRecord): Promise<void> {
  const before = await loadRows(generation, [...events.keys()]);
  const records = new Map<string, FoldedRecord>();
  for (const [id, own] of events) {
    const row = before.get(id);
    let record = row && foldedFrom(row);
    for (const event of own) record = foldRecord(record, event);
    if (record) records.set(id, record);
  }
  await writeRows(generation, REGISTER, before, [...records.values()].map(rowOf));
  const all = [...events.values()].flat();
  await writeTexts(generation, all, before, (id) => records.get(id)?.number as number);
}

async function loadRows({ db, sql: dialect }: Generation, ids: string[]): Promise<Map<string, RegisterRow>> {
  const rows = await (db as Kysely<RegisterTables>)
    .selectFrom('register')
    .selectAll()
    .where('id', 'in', dialect.listed(ids))
    .execute();
  return new Map(rows.map((row) => [row.id, row]));
}

/** A record of the register while its events are folded. */
type FoldedRecord = Omit<RegisterRow, keyof StandingRow> & { readonly standing: FoldedStanding };

function foldedFrom(row: RegisterRow): FoldedRecord {
  const own = Object.fromEntries(OWN_COLUMNS.map((column) => [column, row[column]]));
  return { ...(own as Omit<RegisterRow, keyof StandingRow>), standing: standingFrom(row) };
}

const rowOf = ({ standing, ...own }: FoldedRecord): RegisterRow => ({ ...standingRow(standing), ...own });

/** @throws Error when the event is not the one after the row's. */
function foldRecord(before: FoldedRecord | undefined, event: ProjectedEvent): FoldedRecord {
  const { version, streamId, effectiveOn, recordedAt, position } = event;
  if (version !== (before?.version ?? 0) + 1) {
    throw new Error(`Version ${version} of ${streamId} comes after version ${before?.version ?? 0}`);
  }
  const row: FoldedRecord = {
    ...(before ?? firstRow(event)),
    standing: foldStanding(before?.standing, event),
    state: JSON.stringify(event.state),
    version,
    position,
    updated_on: before && before.updated_on > effectiveOn ? before.updated_on : effectiveOn,
    updated_at: recordedAt,
    lifecycle_name: event.lifecycle?.name ?? null,
    lifecycle_version: event.lifecycle?.version ?? null,
  };
  switch (event.type) {
    case 'TextAmended': {
      const { title, text } = amended(event);
      return {
        ...row,
        ...(title !== undefined && { title, title_event: event.eventId }),
        ...(text !== undefined && { text_event: event.eventId }),
      };
    }
    case 'CorrectionApproved': {
      const { publishedOn } = event.data;
      return publishedOn === undefined ? row : { ...row, report_published_on: publishedOn };
    }
    case 'CommentRedacted': {
      const { eventId, erased } = event.data;
      return {
        ...row,
        ...(eventId === row.title_event && isNamed(erased, TITLE) && { title: null }),
        ...(eventId === row.issue_event && isNamed(erased, REPORT_NAME) && { report_name: null }),
      };
    }
    default:
      return row;
  }
}

/** What a record says of itself when it is issued; a member is null where it was erased. */
function firstRow({ data, eventId, ordinal }: ProjectedEvent) {
  const { title, issue, reference, report }: AnyData = data;
  return {
    number: ordinal,
    title: title ?? null,
    issue: issue ?? null,
    reference: reference ?? null,
    report_name: report?.name ?? null,
    report_published_on: report?.publishedOn ?? null,
    issue_event: eventId,
    title_event: eventId,
    text_event: eventId,
  };
}
