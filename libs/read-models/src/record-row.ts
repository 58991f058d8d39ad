import { sql } from 'kysely';
import type { Kysely, RawBuilder } from 'kysely';
import { redactionOf } from '#event-sourcing/erasure';
import type { Redaction } from '#event-sourcing/event-store';
import type { StateValue } from '#event-sourcing/envelope';
import { addDays } from '#lifecycle/plain-date';
import { dateState, earliestActionDue, thresholds } from '#state-machines/capabilities/deadlines';
import { isOpen } from '#state-machines/inspection-recommendation/v1/deadlines';
import type { Deadline, DeadlineState } from '#state-machines/capabilities/deadlines';
import type { EventType } from '#state-machines/inspection-recommendation/v1/events';
import { noFacts } from '#state-machines/inspection-recommendation/v1/facts';
import type { Facts } from '#state-machines/inspection-recommendation/v1/facts';
import { ownCode } from '#state-machines/inspection-recommendation/v1/lifecycle';
import type { Batch, Generation } from '#projections/projection';
import type { ReadModelSql } from '#projections/read-model-sql';
import type { TableDefinition } from '#projections/tables';
import { lifecycles } from '#state-machines/lifecycles';
import { recordIdOf } from '#state-machines/record-streams';
import { asRecordEvent, isNamed } from '#state-machines/inspection-recommendation/v1/record-event';
import type { RecordEnvelope } from '#state-machines/inspection-recommendation/v1/record-event';

/** What read models keep of a record: who it is for, how it stands, and by when it is due. */
export interface RecordRow {
  id: string;
  recipient: string | null;
  /** The event that names the recipient. */
  recipient_event: string | null;
  /** Null where there is none, or it was erased; and the event that names it. */
  owner: string | null;
  owner_event: string | null;
  status: string;
  /** 1 when nothing is due any more. */
  closed: number;
  issued_on: string;
  /** The earliest date of an action deadline. */
  due_on: string | null;
  /** All deadlines, as JSON. */
  deadlines: string;
}

export const RECORD_COLUMNS = {
  id: 'text',
  recipient: 'text or null',
  recipient_event: 'text or null',
  owner: 'text or null',
  owner_event: 'text or null',
  status: 'text',
  closed: 'integer',
  issued_on: 'text',
  due_on: 'text or null',
  deadlines: 'text',
} as const;

/** A record's event, with what read models need of it. */
export type ProjectedEvent = RecordEnvelope & {
  readonly recordId: string;
  readonly state: StateValue;
  /** As the lifecycle says it that the event names. */
  readonly status: string;
  /** Its number in the log, counted from 0. */
  readonly ordinal: number;
};

/** What came out of a batch that several read models are handed. */
const known = new WeakMap<Batch['events'], Batch & { readonly ofRecords: readonly ProjectedEvent[] }>();

/**
 * The events of records; other streams (people, refusals, ids that are held) are no concern of these read models.
 * @throws Error for a record's event without a state; UnknownLifecycleError for one whose lifecycle is not known.
 */
export function eventsOfRecords(batch: Batch): readonly ProjectedEvent[] {
  const { events, ordinal } = batch;
  const before = known.get(events);
  if (before?.ordinal === ordinal && isSameList(before.events, events)) return before.ofRecords;
  const ofRecords = projectedFrom(batch);
  known.set(events, { events: [...events], ordinal, ofRecords });
  return ofRecords;
}

const isSameList = (a: readonly unknown[], b: readonly unknown[]): boolean =>
  a.length === b.length && a.every((item, index) => item === b[index]);

function projectedFrom({ events, ordinal }: Batch): ProjectedEvent[] {
  return events.flatMap((event, index) => {
    const recordId = recordIdOf(event.streamId);
    if (recordId === null) return [];
    // Also of an event that no row is folded from: what it does under rules that are not known, no row can say.
    const lifecycle = lifecycles.of(event);
    const { state } = event;
    const status: string | undefined = state === null ? undefined : lifecycle.statusOf(state);
    if (state === null || status === undefined) {
      throw new Error(`Version ${event.version} of ${event.streamId} has no state`);
    }
    return [{ ...asRecordEvent(event), recordId, state, status, ordinal: ordinal + index }];
  });
}

/** What people write most of, and what says nothing of how a record stands, for whom, or by when it is due. */
const SAYS_ONLY: ReadonlySet<string> = new Set<EventType>([
  'CommentAdded',
  'CommentRedacted',
  'TextAmended',
  'UnknownStatusRecorded',
  'RegisterRecordImported',
]);

/** The events that can change a row; all others need not even be looked up. */
export const decidingEvents = (batch: Batch): ProjectedEvent[] =>
  eventsOfRecords(batch).filter((event) => !SAYS_ONLY.has(event.type) || erasesOwner(event));

/** Where events say what read models keep of free text and names: by these a redaction names it. */
export const OWNER = '/data/owner';
export const TITLE = '/data/title';
export const REPORT_NAME = '/data/report/name';

/** Whether an event is a redaction that erases an owner, of this record now or before. */
export const erasesOwner = (event: ProjectedEvent): boolean =>
  isNamed(redactionOf(event)?.erased ?? [], OWNER);

/** The owner as it is shown while redactions are not folded yet. */
export const withheldOwner = (redactions: readonly Redaction[], sql: ReadModelSql): RawBuilder<unknown> =>
  withheldColumn('owner', 'owner_event', eventsNaming(redactions, OWNER), sql);

/** The events of which a value is redacted. */
export const eventsNaming = (redactions: readonly Redaction[], pointer: string): string[] =>
  redactions.filter(({ erased }) => isNamed(erased, pointer)).map(({ eventId }) => eventId);

/** A column, null where it comes from one of these events. */
export const withheldColumn = (
  column: string,
  eventColumn: string,
  events: readonly string[],
  dialect: ReadModelSql,
): RawBuilder<unknown> =>
  sql`case when ${sql.ref(eventColumn)} in ${dialect.listed(events)} then null else ${sql.ref(column)} end`;

/** The rows that a batch is about, in the order of their first event. */
export function recordsOf(events: readonly ProjectedEvent[]): string[] {
  return [...new Set(events.map(({ recordId }) => recordId))];
}

/** Events by the record that they are of, in the order of the records' first ones. */
export type EventsByRecord = ReadonlyMap<string, readonly ProjectedEvent[]>;

/** So few that what is folded of them is garbage while it is cheap to collect. */
const RECORDS_OF_PART = 200;

/** The events of some records at a time. */
export function* inParts(events: readonly ProjectedEvent[]): Generator<EventsByRecord> {
  const records = [...Map.groupBy(events, ({ recordId }) => recordId)];
  for (let from = 0; from < records.length; from += RECORDS_OF_PART)
    yield new Map(records.slice(from, from + RECORDS_OF_PART));
}

/**
 * A record while its events are folded: its row, with its deadlines as they are. They become text once a batch, since a
 * record can have thousands, and to read and write them with each event would cost their square.
 */
export type Folded<Row extends RecordRow> = Omit<Row, 'deadlines' | 'due_on'> & {
  readonly deadlines: readonly Deadline[];
};

export function foldedOf<Row extends RecordRow>(row: Row): Folded<Row> {
  const { due_on: _, deadlines, ...rest } = row;
  const parsed = JSON.parse(deadlines) as RowDeadline[];
  return { ...rest, deadlines: parsed.map((each): Deadline => ({ ...each, ...UNKNOWN })) };
}

/** All deadlines, as they are stored. */
export const deadlinesColumn = (deadlines: readonly Deadline[]): string =>
  JSON.stringify(deadlines.map(inRow));

/** The row of a record as it is stored. */
export const rowOf = <Row extends RecordRow>(folded: Folded<Row>): Row =>
  ({
    ...folded,
    due_on: earliestActionDue(folded.deadlines),
    deadlines: deadlinesColumn(folded.deadlines),
  }) as unknown as Row;

/** What a row keeps of a deadline. */
export type RowDeadline = Pick<Deadline, 'id' | 'kind' | 'dueOn' | 'firstDueOn' | 'claimedBy'>;

const inRow = ({ id, kind, dueOn, firstDueOn, claimedBy }: Deadline): RowDeadline => ({
  ...{ id, kind, dueOn, firstDueOn },
  ...(claimedBy !== undefined && { claimedBy }),
});

/** What only the policy asks of a deadline. */
const UNKNOWN = { dueSince: '', setBy: null } as const;

/** What a row says of the facts after an event. */
type RowFacts = Pick<Facts, 'recipient' | 'recipientEvent' | 'owner' | 'ownerEvent' | 'deadlines'>;

/** The record after an event; the same one where the event changes nothing of it. */
export function foldRecordRow(
  before: Folded<RecordRow> | undefined,
  event: ProjectedEvent,
): Folded<RecordRow> {
  const { recipient, recipient_event, owner, owner_event, deadlines } = before ?? NO_RECORD;
  const named = { recipientEvent: recipient_event, ownerEvent: owner_event };
  const facts = { ...noFacts, recipient, owner, ...named, deadlines };
  return recordAfter(before, event, ownCode(lifecycles.of(event)).facts.evolve(facts, event));
}

const NO_RECORD = {
  recipient: null,
  recipient_event: null,
  owner: null,
  owner_event: null,
  deadlines: [],
} as const;

/** The record after an event that leaves these facts; the same one where it changes nothing of it. */
export function recordAfter<Before extends Folded<RecordRow>>(
  before: Before | undefined,
  { recordId: id, state, status, effectiveOn }: ProjectedEvent,
  { recipient, recipientEvent: recipient_event, owner, ownerEvent: owner_event, deadlines }: RowFacts,
): Before | Folded<RecordRow> {
  const isSame = before?.status === status && before.deadlines === deadlines;
  const isOwned = before?.owner === owner && before.owner_event === owner_event;
  const isNamed =
    before !== undefined && before.recipient === recipient && before.recipient_event === recipient_event;
  if (isSame && isOwned && isNamed) return before;
  return {
    id,
    recipient,
    recipient_event,
    owner,
    owner_event,
    status,
    closed: isOpen(state) ? 0 : 1,
    issued_on: before?.issued_on ?? effectiveOn,
    deadlines,
  };
}

/** How a read model folds a record: from its row as stored, event by event, and to the row again. */
export interface RowFold<Row extends RecordRow, State> {
  readonly parse: (row: Row) => State;
  readonly fold: (before: State | undefined, event: ProjectedEvent) => State;
  readonly row: (state: State) => Row;
}

/**
 * Folds events into a table of a row each record, and writes the rows that came out otherwise than they were.
 * @returns the records of those rows.
 */
export async function foldRows<Row extends RecordRow, State>(
  { db, sql: dialect }: Generation,
  table: TableDefinition,
  events: readonly ProjectedEvent[],
  { parse, fold, row }: RowFold<Row, State>,
): Promise<{ readonly before: Row | undefined; readonly after: State }[]> {
  if (events.length === 0) return [];
  const loaded = (await (db as Kysely<Record<string, RecordRow>>)
    .selectFrom(table.name)
    .selectAll()
    .where('id', 'in', dialect.listed(recordsOf(events)))
    .execute()) as Row[];
  const before = new Map(loaded.map((each) => [each.id, each]));
  const states = new Map(loaded.map((each) => [each.id, parse(each)]));
  for (const event of events) states.set(event.recordId, fold(states.get(event.recordId), event));
  const rows = [...states.values()].map((after) => ({ after, row: row(after) }));
  const written = new Set(
    await writeRows(
      { db, sql: dialect },
      table,
      before,
      rows.map((each) => each.row),
    ),
  );
  return rows
    .filter((each) => written.has(each.row))
    .map((each) => ({ before: before.get(each.row.id), after: each.after }));
}

/**
 * Writes the rows that are new, and of others the columns that are: a database moves a row in the index of every column that a
 * statement sets, also to the same value.
 * @returns the rows that were written.
 */
export async function writeRows<Row extends { readonly id: string }>(
  { db, sql: dialect }: Pick<Generation, 'db' | 'sql'>,
  table: TableDefinition,
  before: ReadonlyMap<string, Row>,
  after: readonly Row[],
): Promise<Row[]> {
  const columns = Object.keys(table.columns) as (keyof Row & string)[];
  const added: Row[] = [];
  const changed = new Map<string, { readonly columns: readonly string[]; readonly rows: Row[] }>();
  for (const row of after) {
    const known = before.get(row.id);
    if (known === undefined) {
      added.push(row);
      continue;
    }
    const own = columns.filter((column) => known[column] !== row[column]);
    if (own.length === 0) continue;
    const alike = changed.getOrInsertComputed(own.join(), () => ({ columns: own, rows: [] }));
    alike.rows.push(row);
  }
  await dialect.upsert(db, table, added);
  for (const { columns: own, rows } of changed.values()) await dialect.update(db, table, own, rows);
  return [...added, ...[...changed.values()].flatMap(({ rows }) => rows)];
}

/** Whether a row is there already, with the same in these columns. */
export const isSame = <Row extends object>(
  columns: readonly (keyof Row)[],
  before: Row | undefined,
  after: Row,
): boolean => before !== undefined && columns.every((column) => before[column] === after[column]);

/** Up to which date a due date of an open record is in a state, at the end of a day. */
export function dueDateBounds(today: string) {
  return {
    escalated: addDays(today, -thresholds.escalatedDays),
    overdue: addDays(today, -1),
    approaching: addDays(today, thresholds.approachingDays),
  } as const;
}

/** A row's deadline state at the end of a day. */
export function rowDeadlineState({ settled, due_on }: DueRow, today: string): DeadlineState {
  if (due_on === null) return 'none';
  return settled === 1 ? 'settled' : dateState(due_on, today);
}

export interface DueRow extends Pick<RecordRow, 'due_on'> {
  /** 1 where no action deadline is left to be met. */
  readonly settled: number;
}
