import { withKnownShape } from '#event-sourcing/known-shape';
import type { Envelope, Pointer, StateValue } from '#event-sourcing/envelope';
import type { Lifecycle } from '#lifecycle/lifecycle';
import type { FoldedEvent } from '#lifecycle/folded-event';
import type { ReadEvent } from '#lifecycle/lifecycles';
import { addDays } from '#lifecycle/plain-date';
import { streamOf } from '#lifecycle/kind';
import { textsOf } from '#lifecycle/summary';
import type { DueDate, EventText, SummaryCode, TextKind } from '#lifecycle/summary';
import { dateState, thresholds } from '#state-machines/capabilities/deadlines';
import type { DeadlineState } from '#state-machines/capabilities/deadlines';
import type { Batch, Models } from '#projections/projection';
import type { TableDefinition } from '#projections/tables';
import { lifecycles } from '#state-machines/lifecycles';
import { kinds } from '#state-machines/record-streams';

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

/**
 * Returns the events of records in a batch, without those of other streams (people, refusals, reserved ids).
 * @throws Error for a record's event without a state
 * @throws UnknownLifecycleError
 */
export function eventsOfRecords({ events, ordinal }: Batch): ProjectedEvent[] {
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

/** Returns the lifecycle that new records of the record's kind follow. */
export const lifecycleOf = ({ stream }: { readonly stream: string }): Lifecycle =>
  lifecycles.current(recordOf(stream).kind);

/** Returns the summary code of a record. All versions of a lifecycle summarise records alike. */
export const summaryOf = (record: { readonly stream: string }): SummaryCode =>
  lifecycleOf(record).code.summary;

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

const NO_DATES: readonly DueDate[] = [];

/** Returns the due dates; the same list if an event changes none. */
export const datesOf = (folded: { readonly stream: string; readonly summary: unknown }): readonly DueDate[] =>
  summaryOf(folded).dates?.(folded.summary) ?? NO_DATES;

/** Returns whether the response was received. */
export const isAnswered = (code: SummaryCode, value: StateValue): boolean => code.answer?.(value) === 'given';

/**
 * Writes new rows, and only the changed columns of others: a database updates the index of every column in a statement,
 * even if the value is the same. Returns the rows that were written.
 */
export async function writeRows<Row extends { readonly stream: string }>(
  { db, sql: dialect }: Pick<Models, 'db' | 'sql'>,
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
