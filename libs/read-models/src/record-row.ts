import { sql } from 'kysely';
import type { Kysely, RawBuilder } from 'kysely';
import type { JsonObject, Pointer, StateValue } from '#event-sourcing/envelope';
import type { Redaction } from '#event-sourcing/event-store';
import type { Lifecycle } from '#lifecycle/lifecycle';
import type { FoldedEvent } from '#lifecycle/folded-event';
import type { ReadEvent } from '#lifecycle/lifecycles';
import { addDays } from '#lifecycle/plain-date';
import { streamOf } from '#lifecycle/kind';
import { NO_SUMMARY, textsOf } from '#lifecycle/summary';
import type { DueDate, NamedBody, SaidText, SummaryCode, TextKind } from '#lifecycle/summary';
import { ANSWER, dateState, thresholds } from '#state-machines/capabilities/deadlines';
import type { DeadlineState } from '#state-machines/capabilities/deadlines';
import type { Batch, Generation } from '#projections/projection';
import type { ReadModelSql } from '#projections/read-model-sql';
import type { TableDefinition } from '#projections/tables';
import { lifecycles } from '#state-machines/lifecycles';
import { kinds } from '#state-machines/record-streams';

/** What read models keep of a record: who it is for, how it stands, and what the next event is folded from. */
export interface RecordRow {
  /** Says of what kind it is, too. */
  stream: string;
  recipient: string | null;
  /** The event that names the recipient. */
  recipient_event: string | null;
  status: string;
  /** 1 when nothing is due any more. */
  closed: number;
  issued_on: string;
  /** As the lifecycle keeps it, as JSON. */
  summary: string;
}

export const RECORD_COLUMNS = {
  stream: 'text',
  recipient: 'text or null',
  recipient_event: 'text or null',
  status: 'text',
  closed: 'integer',
  issued_on: 'text',
  summary: 'long text',
} as const;

/** What of an event rows are folded from. */
export interface RowEvent extends FoldedEvent {
  readonly streamId: string;
  readonly state: StateValue;
  /** As the lifecycle says it that the event names. */
  readonly status: string;
  readonly rules: Lifecycle;
}

/** A record's event as it is read, with what read models need of it. */
export type ProjectedEvent = Omit<ReadEvent, 'state'> &
  RowEvent & {
    readonly kind: string;
    readonly texts: readonly SaidText[];
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
    const record = kinds.ofStream(event.streamId);
    if (record === null && event.lifecycle === null) return [];
    // Also of an event that no row is folded from, and of a record whose kind is no longer in the list: what it does under rules
    // that are not known, no row can say.
    const rules = lifecycles.of(event);
    if (record === null) return [];
    const { state } = event;
    const status: string | undefined = state === null ? undefined : rules.statusOf(state);
    if (state === null || status === undefined) {
      throw new Error(`Version ${event.version} of ${event.streamId} has no state`);
    }
    const today: ReadEvent = rules.code.shapes.asToday(event);
    const texts = rules.code.texts === undefined ? [] : textsOf(rules.code.texts, today);
    return [{ ...today, kind: record.kind.name, state, status, rules, texts, ordinal: ordinal + index }];
  });
}

/** Which record a stream is of. */
export function recordOf(stream: string): Listed {
  const record = kinds.ofStream(stream);
  if (record === null) throw new Error(`${stream} is not the stream of a record`);
  return { kind: record.kind.name, id: record.id };
}

/** An item of a list that shows a record. */
export interface Listed {
  /** The name of its kind. */
  readonly kind: string;
  readonly id: string;
}

/** The stream of the record that an item shows. */
export const streamOfItem = ({ kind, id }: Listed): string =>
  streamOf({ kind: lifecycles.current(kind).kind, id });

/** How a lifecycle summarises its records. */
export const summaryBy = ({ code }: Lifecycle): SummaryCode => code.summary ?? NO_SUMMARY;

/** The lifecycle that records of its kind follow today. */
export const lifecycleOf = ({ stream }: Pick<RecordRow, 'stream'>): Lifecycle =>
  lifecycles.current(recordOf(stream).kind);

/** How a record is summarised: all versions of a lifecycle keep the same. */
export const summaryOf = (record: Pick<RecordRow, 'stream'>): SummaryCode => summaryBy(lifecycleOf(record));

/** Whether an event can change what is known of a record's dates; all others need not even be looked up. */
const decidesOnDates = ({ rules, type }: ProjectedEvent): boolean =>
  rules.code.dates !== undefined && summaryBy(rules).asides?.has(type) !== true;

export const decidingEvents = (batch: Batch): ProjectedEvent[] =>
  eventsOfRecords(batch).filter(decidesOnDates);

/** Where records of a kind, or of all, say such a text: by these pointers a redaction names it. */
const pointersOf = (text: TextKind, kind?: string): Pointer[] =>
  lifecycles.currents
    .filter(({ reference }) => kind === undefined || kind === reference.name)
    .flatMap(({ code }) => Object.values(code.texts?.at ?? {}).flatMap(Object.entries))
    .flatMap(([pointer, said]) => (said === text ? [pointer] : []));

const POINTERS = new Map<string, readonly Pointer[]>();

/** Whether what was erased of an event is such a text. */
export function isErased(erased: readonly Pointer[], text: TextKind, kind?: string): boolean {
  const pointers = POINTERS.getOrInsertComputed(`${text} ${kind}`, () => [
    ...new Set(pointersOf(text, kind)),
  ]);
  return pointers.some((pointer) => lifecycles.isNamed(erased, pointer));
}

/** The events of which such a text is redacted. */
export const eventsWithout = (redactions: readonly Redaction[], text: TextKind): string[] =>
  redactions.filter(({ erased }) => isErased(erased, text)).map(({ eventId }) => eventId);

/** A text as it is shown while redactions are not folded yet. */
export const withheld = (
  text: TextKind,
  [column, eventColumn]: readonly [string, string],
  redactions: readonly Redaction[],
  dialect: ReadModelSql,
): RawBuilder<unknown> => withheldColumn(column, eventColumn, eventsWithout(redactions, text), dialect);

/** A column, null where it comes from one of these events. */
const withheldColumn = (
  column: string,
  eventColumn: string,
  events: readonly string[],
  dialect: ReadModelSql,
): RawBuilder<unknown> =>
  sql`case when ${sql.ref(eventColumn)} in ${dialect.listed(events)} then null else ${sql.ref(column)} end`;

/** The rows that a batch is about, in the order of their first event. */
export function recordsOf(events: readonly ProjectedEvent[]): string[] {
  return [...new Set(events.map(({ streamId }) => streamId))];
}

/** Events by the record that they are of, in the order of the records' first ones. */
export type EventsByRecord = ReadonlyMap<string, readonly ProjectedEvent[]>;

/** So few that what is folded of them is garbage while it is cheap to collect. */
const RECORDS_OF_PART = 200;

/** The events of some records at a time. */
export function* inParts(events: readonly ProjectedEvent[]): Generator<EventsByRecord> {
  const records = [...Map.groupBy(events, ({ streamId }) => streamId)];
  for (let from = 0; from < records.length; from += RECORDS_OF_PART)
    yield new Map(records.slice(from, from + RECORDS_OF_PART));
}

/**
 * A record while its events are folded: its row, with the summary as it is. It becomes text once a batch, since a record can have
 * thousands of dates, and to read and write them with each event would cost their square.
 */
export type Folded<Row extends RecordRow> = Omit<Row, 'summary'> & { readonly summary: unknown };
export type FoldedRecord = Folded<RecordRow>;

export const foldedOf = <Row extends RecordRow>(row: Row): Folded<Row> => ({
  ...row,
  summary: summaryFrom(row),
});

/** A summary by its record and its text: several read models keep the same one, and read it one after the other. */
const summaries = new Map<string, { readonly text: string; readonly summary: unknown }>();
/** The texts of summaries, so that one which no event changed is not written again. */
const texts = new WeakMap<object, string>();
/** So many characters of summaries are held at once. */
const HELD_MAX = 4_000_000;
let held = 0;

function hold(stream: string, text: string, summary: unknown): void {
  if (held > HELD_MAX) {
    summaries.clear();
    held = 0;
  }
  held += text.length;
  summaries.set(stream, { text, summary });
  if (typeof summary === 'object' && summary !== null) texts.set(summary, text);
}

function summaryFrom(row: RecordRow): unknown {
  const known = summaries.get(row.stream);
  if (known?.text === row.summary) return known.summary;
  const summary = summaryOf(row).from(JSON.parse(row.summary) as JsonObject);
  hold(row.stream, row.summary, summary);
  return summary;
}

/** The summary as it is stored. */
export function summaryColumn({ stream, summary }: Pick<FoldedRecord, 'stream' | 'summary'>): string {
  const known = typeof summary === 'object' && summary !== null ? texts.get(summary) : undefined;
  if (known !== undefined) return known;
  const text = JSON.stringify(summaryOf({ stream }).kept(summary));
  hold(stream, text, summary);
  return text;
}

const NO_DATES: readonly DueDate[] = [];

/** The dates by which something is to be done; the same list where an event changes none. */
export const datesOf = (folded: Pick<FoldedRecord, 'stream' | 'summary'>): readonly DueDate[] =>
  summaryOf(folded).dates?.(folded.summary) ?? NO_DATES;

/** Whether a date of this kind is met, 1 or 0 as rows have it: by the answer, or by the end of the record. */
export const settledColumn = (
  kind: string,
  { answered, closed }: { readonly answered: number; readonly closed: number },
): number => (kind === ANSWER ? answered : closed);

/** 1 where the answer to the record was given. */
export const answeredBy = ({ rules, state }: RowEvent): number =>
  summaryBy(rules).answer?.(state) === 'given' ? 1 : 0;

/** The record after an event; the same one where the event changes nothing of it. */
export function foldRecordRow<Before extends FoldedRecord>(
  before: Before | undefined,
  event: RowEvent,
): Before | FoldedRecord {
  const { streamId: stream, state, status, effectiveOn, rules } = event;
  const code = summaryBy(rules);
  const summary = summaryAfter(code, before === undefined ? code.initial : before.summary, event);
  const { body: recipient, event: recipient_event } = bodyAfter(code, before, event);
  const isNamed =
    before !== undefined && before.recipient === recipient && before.recipient_event === recipient_event;
  if (isNamed && before.status === status && before.summary === summary) return before;
  return {
    ...{ stream, recipient, recipient_event, status },
    closed: code.isClosed(state) ? 1 : 0,
    issued_on: before?.issued_on ?? effectiveOn,
    summary,
  };
}

/** What events made of which summary: each of several read models folds the same. */
const summed = new WeakMap<RowEvent, { readonly before: unknown; readonly after: unknown }>();

function summaryAfter(code: SummaryCode, before: unknown, event: RowEvent): unknown {
  const known = summed.get(event);
  if (known !== undefined && known.before === before) return known.after;
  const after = code.after(before, event, event.state);
  summed.set(event, { before, after });
  return after;
}

const NO_BODY: NamedBody = { body: null, event: null };

function bodyAfter(code: SummaryCode, before: FoldedRecord | undefined, event: RowEvent): NamedBody {
  if (code.body === undefined) return NO_BODY;
  if (before === undefined) return code.body(NO_BODY, event);
  return code.body({ body: before.recipient, event: before.recipient_event }, event);
}

/** How a read model folds a record: from its row as stored, event by event, and to the row again. */
export interface RowFold<Row extends RecordRow, State> {
  readonly parse: (row: Row) => State;
  readonly fold: (before: State | undefined, event: ProjectedEvent) => State;
  readonly row: (state: State) => Row;
}

/** A record whose row came out otherwise than it was: as it was read, and as it is. */
export interface FoldedRow<State> {
  readonly before: State | undefined;
  readonly after: State;
}

/**
 * Folds events into a table of a row each record, and writes the rows that came out otherwise than they were: a state that no event
 * changed is the same object, and is not even compared.
 * @returns the records of those rows.
 */
export async function foldRows<Row extends RecordRow, State>(
  { db, sql: dialect }: Generation,
  table: TableDefinition,
  events: readonly ProjectedEvent[],
  { parse, fold, row }: RowFold<Row, State>,
): Promise<FoldedRow<State>[]> {
  if (events.length === 0) return [];
  const loaded = (await (db as Kysely<Record<string, RecordRow>>)
    .selectFrom(table.name)
    .selectAll()
    .where('stream', 'in', dialect.listed(recordsOf(events)))
    .execute()) as Row[];
  const parsed = new Map(loaded.map((each) => [each.stream, parse(each)]));
  const states = new Map(parsed);
  for (const event of events) states.set(event.streamId, fold(states.get(event.streamId), event));
  const rows = [...states].flatMap(([stream, after]) => {
    const before = parsed.get(stream);
    return before === after ? [] : [{ before, after, row: row(after) }];
  });
  const written = new Set(
    await writeRows(
      { db, sql: dialect },
      table,
      new Map(loaded.map((each) => [each.stream, each])),
      rows.map((each) => each.row),
    ),
  );
  return rows.filter((each) => written.has(each.row));
}

/**
 * Writes the rows that are new, and of others the columns that are: a database moves a row in the index of every column that a
 * statement sets, also to the same value.
 * @returns the rows that were written.
 */
export async function writeRows<Row extends { readonly stream: string }>(
  { db, sql: dialect }: Pick<Generation, 'db' | 'sql'>,
  table: TableDefinition,
  before: ReadonlyMap<string, Row>,
  after: readonly Row[],
): Promise<Row[]> {
  const columns = Object.keys(table.columns) as (keyof Row & string)[];
  const added: Row[] = [];
  const changed = new Map<string, { readonly columns: readonly string[]; readonly rows: Row[] }>();
  for (const row of after) {
    const known = before.get(row.stream);
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

interface DueRow {
  readonly due_on: string | null;
  /** 1 where no action deadline is left to be met. */
  readonly settled: number;
}
