import { withKnownShape } from '#event-sourcing/known-shape';
import type { Envelope, Pointer, StateValue } from '#event-sourcing/envelope';
import type { Lifecycle } from '#lifecycle/lifecycle';
import type { FoldedEvent } from '#lifecycle/folded-event';
import type { ReadEvent } from '#lifecycle/lifecycles';
import { addDays } from '#lifecycle/plain-date';
import { streamOf } from '#lifecycle/kind';
import { NO_SUMMARY, textsOf } from '#lifecycle/summary';
import type { DueDate, NamedBody, EventText, SummaryCode, TextKind } from '#lifecycle/summary';
import { ANSWER, dateState, thresholds } from '#state-machines/capabilities/deadlines';
import type { DeadlineState } from '#state-machines/capabilities/deadlines';
import type { Batch, Generation } from '#projections/projection';
import type { RowOf, TableDefinition } from '#projections/tables';
import { lifecycles } from '#state-machines/lifecycles';
import { kinds } from '#state-machines/record-streams';

export const RECORD_COLUMNS = {
  /** The stream name, which includes the record's kind. */
  stream: 'text',
  recipient: 'text or null',
  /** The event that set the recipient. */
  recipient_event: 'text or null',
  status: 'text',
  /** 1 if nothing is due any more, else 0. */
  closed: 'integer',
  issued_on: 'text',
} as const;

/** The part of an event from which rows are folded. */
export interface RowEvent extends FoldedEvent {
  readonly streamId: string;
  readonly state: StateValue;
  /** The status according to the event's lifecycle. */
  readonly status: string;
  readonly rules: Lifecycle;
}

/** A record's event as read, with data for read models. */
export type ProjectedEvent = Omit<ReadEvent, 'state'> &
  Pick<Envelope, 'previousHash' | 'hash'> &
  RowEvent & {
    readonly kind: string;
    readonly texts: readonly EventText[];
    /** The event's number in the log, counted from 0. */
    readonly ordinal: number;
  };

/** Caches the result, because several read models receive the same batch. */
const projectedBatches = new WeakMap<
  Batch['events'],
  Batch & { readonly ofRecords: readonly ProjectedEvent[] }
>();

/**
 * Returns the events of records in a batch, without those of other streams (people, refusals, reserved ids).
 * @throws Error for a record's event without a state
 * @throws UnknownLifecycleError
 */
export function eventsOfRecords(batch: Batch): readonly ProjectedEvent[] {
  const { events, ordinal } = batch;
  const before = projectedBatches.get(events);
  if (before?.ordinal === ordinal && isSameList(before.events, events)) return before.ofRecords;
  const ofRecords = projectedFrom(batch);
  projectedBatches.set(events, { events: [...events], ordinal, ofRecords });
  return ofRecords;
}

const isSameList = (a: readonly unknown[], b: readonly unknown[]): boolean =>
  a.length === b.length && a.every((item, index) => item === b[index]);

function projectedFrom({ events, ordinal }: Batch): ProjectedEvent[] {
  return events.flatMap((event, index) => {
    const record = kinds.ofStream(event.streamId);
    if (record === null && event.lifecycle === null) return [];
    // The lifecycle is checked for every event, even if no row is folded from it: with an unknown lifecycle no row
    // would be reliable.
    const rules = lifecycles.of(event);
    if (record === null) return [];
    const { state } = event;
    const status: string | undefined = state === null ? undefined : rules.statusOf(state);
    if (state === null || status === undefined) {
      throw new Error(`Version ${event.version} of ${event.streamId} has no state`);
    }
    const today = withKnownShape(rules.code.shapes, event);
    const texts = rules.code.texts === undefined ? [] : textsOf(rules.code.texts, today);
    return [{ ...today, kind: record.kind.name, state, status, rules, texts, ordinal: ordinal + index }];
  });
}

export function recordOf(stream: string): Listed {
  const record = kinds.ofStream(stream);
  if (record === null) throw new Error(`${stream} is not the stream of a record`);
  return { kind: record.kind.name, id: record.id };
}

/** An item of a list that shows a record. */
export interface Listed {
  readonly kind: string;
  readonly id: string;
}

export const streamOfItem = ({ kind, id }: Listed): string =>
  streamOf({ kind: lifecycles.current(kind).kind, id });

export const summaryBy = ({ code }: Lifecycle): SummaryCode => code.summary ?? NO_SUMMARY;

/** Returns the lifecycle that new records of the record's kind follow. */
export const lifecycleOf = ({ stream }: Pick<FoldedRecord, 'stream'>): Lifecycle =>
  lifecycles.current(recordOf(stream).kind);

/** Returns the summary code of a record. All versions of a lifecycle summarise records alike. */
export const summaryOf = (record: Pick<FoldedRecord, 'stream'>): SummaryCode =>
  summaryBy(lifecycleOf(record));

/** Returns the pointers of a kind of text in redactions, for one kind of record or for all. */
const pointersOf = (text: TextKind, kind?: string): Pointer[] =>
  lifecycles.currents
    .filter(({ reference }) => kind === undefined || kind === reference.name)
    .flatMap(({ code }) => Object.values(code.texts?.at ?? {}).flatMap(Object.entries))
    .flatMap(([pointer, textKind]) => (textKind === text ? [pointer] : []));

const POINTERS = new Map<string, readonly Pointer[]>();

/** Returns whether a redaction's pointers include a kind of text. */
export function isErased(erased: readonly Pointer[], text: TextKind, kind?: string): boolean {
  const key = `${text} ${kind}`;
  const pointers = POINTERS.get(key) ?? [...new Set(pointersOf(text, kind))];
  POINTERS.set(key, pointers);
  return pointers.some((pointer) => erased.includes(pointer));
}

/** Events by record, in the order of each record's first event. */
export type EventsByRecord = ReadonlyMap<string, readonly ProjectedEvent[]>;

/** So few that the garbage of a part is collected while that is cheap. */
const RECORDS_OF_PART = 200;

/** Yields the events of a few records at a time. */
export function* inParts(events: readonly ProjectedEvent[]): Generator<EventsByRecord> {
  const records = [...Map.groupBy(events, ({ streamId }) => streamId)];
  for (let from = 0; from < records.length; from += RECORDS_OF_PART)
    yield new Map(records.slice(from, from + RECORDS_OF_PART));
}

/** A record while its events are folded: its recipient, its state, and the lifecycle's summary. */
export interface FoldedRecord extends Readonly<RowOf<typeof RECORD_COLUMNS>> {
  readonly summary: unknown;
}

const NO_DATES: readonly DueDate[] = [];

/** Returns the due dates; the same list if an event changes none. */
export const datesOf = (folded: Pick<FoldedRecord, 'stream' | 'summary'>): readonly DueDate[] =>
  summaryOf(folded).dates?.(folded.summary) ?? NO_DATES;

/** Returns 1 if the answer or the closure meets a date of this kind, else 0. */
export const settledColumn = (
  kind: string,
  { answered, closed }: { readonly answered: number; readonly closed: number },
): number => (kind === ANSWER ? answered : closed);

/** Returns 1 if the response was received, else 0. */
export const answeredIn = (code: SummaryCode, value: StateValue): number =>
  code.answer?.(value) === 'given' ? 1 : 0;

/** Returns the record after an event; the same object if the event changes nothing. */
export function foldRecordRow(before: FoldedRecord | undefined, event: RowEvent): FoldedRecord {
  const { streamId: stream, state, status, effectiveOn, rules } = event;
  const code = summaryBy(rules);
  const known = before === undefined ? code.initial : before.summary;
  const summary = rules.code.asides?.has(event.type) === true ? known : summaryAfter(code, known, event);
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

/** Caches the summaries after events, because several read models fold the same events. */
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

/**
 * Writes new rows, and only the changed columns of others: a database updates the index of every column in a statement,
 * even if the value is the same. Returns the rows that were written.
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
    const alike = changed.get(own.join());
    if (alike === undefined) changed.set(own.join(), { columns: own, rows: [row] });
    else alike.rows.push(row);
  }
  await dialect.upsert(db, table, added);
  for (const { columns: own, rows } of changed.values()) await dialect.update(db, table, own, rows);
  return [...added, ...[...changed.values()].flatMap(({ rows }) => rows)];
}

export const isSame = <Row extends object>(
  columns: readonly (keyof Row)[],
  before: Row | undefined,
  after: Row,
): boolean => before !== undefined && columns.every((column) => before[column] === after[column]);

/** Returns the latest due date of each deadline state at the end of a day. */
export function dueDateBounds(today: string) {
  return {
    escalated: addDays(today, -thresholds.escalatedDays),
    overdue: addDays(today, -1),
    approaching: addDays(today, thresholds.approachingDays),
  } as const;
}

/** Returns a row's deadline state at the end of a day. */
export function rowDeadlineState({ settled, due_on }: DueRow, today: string): DeadlineState {
  if (due_on === null) return 'none';
  return settled === 1 ? 'settled' : dateState(due_on, today);
}

interface DueRow {
  readonly due_on: string | null;
  /** 1 if no obligation with this date is open, else 0. */
  readonly settled: number;
}
