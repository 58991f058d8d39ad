import { sql } from 'kysely';
import type { StateValue } from '#event-sourcing/envelope';
import { redactionOf } from '#event-sourcing/erasure';
import type { StatusOrigin } from '#lifecycle/answers';
import type { DueDate, EventText, NamedBody, SummaryCode } from '#lifecycle/summary';
import { ANSWER, listedDate } from '#state-machines/capabilities/deadlines';
import { personOf } from '#state-machines/capabilities/persons';
import { lifecycles } from '#state-machines/lifecycles';
import { datesOf, isAnswered, isErased, isSame, lifecycleOf, summaryOf } from './record-row.ts';
import type { Condition } from '#projections/filters';
import type { RowOf } from '#projections/tables';
import type { ProjectedEvent, RowEvent } from './record-row.ts';

type RegionColumn = `in_${string}`;
/** The column with the people who may not decide a pending request. */
export type WaitColumn = `${string}_by`;

export const regionColumn = (region: string): RegionColumn => `in_${region}`;
export const waitColumn = (what: string): WaitColumn => `${what}_by`;

/** The regions that have a column. The region that defines the status needs none. */
export const REGIONS: readonly string[] = [
  ...new Set(
    lifecycles.currents.flatMap(({ definition: { machine, statusRegion } }) =>
      Object.keys(machine.states).filter((region) => region !== statusRegion),
    ),
  ),
];

/** The kinds of request in any kind of record. */
export const WAITS: readonly string[] = [
  ...new Set(lifecycles.currents.flatMap(({ code }) => Object.keys(code.summary.waits ?? {}))),
];

/**
 * Returns a projection's version. It rises with each new lifecycle, so that rows are folded again. Existing lifecycles
 * never change.
 */
export const versionWithLifecycles = (own: number): number =>
  (own * 100 + lifecycles.all.length) * 100 + WAITS.length;

/** Selects rows with a pending request of this name. */
export const waitsFor = (what: string, column = 'waits'): Condition =>
  sql`${sql.ref(column)} like ${sql.lit(`% ${what} %`)}`;

const columnsOf = <Column extends string, Type extends string>(
  columns: readonly Column[],
  type: Type,
): Record<Column, Type> =>
  Object.fromEntries(columns.map((column) => [column, type])) as Record<Column, Type>;

const REGION_COLUMNS = columnsOf(REGIONS.map(regionColumn), 'text');
const WAIT_COLUMNS = columnsOf(WAITS.map(waitColumn), 'long text or null');

export const RECORD_STATE_COLUMNS = {
  /** The stream name, which includes the record's kind. */
  stream: 'text',
  recipient: 'text or null',
  /** The event that set the recipient. */
  recipient_event: 'text or null',
  status: 'text',
  /** 1 if nothing is due any more, else 0. */
  closed: 'integer',
  issued_on: 'text',
  /** Null if there is none or the name was erased. */
  owner: 'text or null',
  /** The date that determines the deadline state. */
  due_on: 'text or null',
  status_origin: 'text',
  /** The state of each region; empty if the record's lifecycle does not have the region. */
  ...REGION_COLUMNS,
  /** The people who may not decide the request, as returned by `personsColumn`; null if none is pending. */
  ...WAIT_COLUMNS,
  /** The names of pending requests between spaces, as in ` closure extension `; empty if none. */
  waits: 'text',
  /** 1 if all such dates are met, and none of them only by a claim; else 0. */
  settled: 'integer',
  /** 1 if a response is due, or a claim that it was sent is not confirmed; else 0. */
  unanswered: 'integer',
  /** The effective date of the closure; null while the record is open. */
  closed_on: 'text or null',
  /** The earliest date of a response that is due; null if there is none. */
  response_due_on: 'text or null',
} as const;

/** A record's state in the columns by which lists are filtered, the same in stored order and in effective order. */
export interface RecordStateRow extends RowOf<typeof RECORD_STATE_COLUMNS> {
  status_origin: StatusOrigin;
  [region: RegionColumn]: string;
  [what: WaitColumn]: string | null;
}

/** A record while its events are folded. */
export interface FoldedRecordState extends Pick<
  Readonly<RecordStateRow>,
  | ('stream' | 'recipient' | 'recipient_event' | 'status' | 'closed' | 'issued_on')
  | ('owner' | 'status_origin' | 'closed_on')
> {
  /** The event that names the owner. */
  readonly owner_event: string | null;
  /** What the lifecycle's summary keeps of the events. */
  readonly summary: unknown;
  readonly value: StateValue;
}

const STATE_MEMBERS = [
  ...(['recipient', 'recipient_event', 'status', 'closed', 'issued_on', 'summary'] as const),
  ...(['owner', 'owner_event', 'status_origin', 'closed_on'] as const),
];

/**
 * Returns the record after an event. State and status depend on the order of folding: in stored order, those of the
 * event; in effective order, each region's last.
 * @param owner the change of owner by the event.
 */
export function foldRecordState(
  before: FoldedRecordState | undefined,
  event: RowEvent,
  owner: Pick<EventText, 'value'> | undefined,
): FoldedRecordState {
  const { streamId: stream, state: value, status, effectiveOn, rules } = event;
  const code = rules.code.summary;
  const { body: recipient, event: recipient_event } = bodyAfter(code, before, event);
  const isClosed = code.isClosed(value);
  const closedOn = before?.closed === 1 ? before.closed_on : effectiveOn;
  return {
    ...{ stream, recipient, recipient_event, status, value },
    closed: isClosed ? 1 : 0,
    issued_on: before?.issued_on ?? effectiveOn,
    summary: code.after(before === undefined ? code.initial : before.summary, event, value),
    owner: owner === undefined ? (before?.owner ?? null) : owner.value,
    owner_event: owner === undefined ? (before?.owner_event ?? null) : event.eventId,
    status_origin: makesStatus(event) ? originOf(event) : (before?.status_origin ?? 'command'),
    closed_on: isClosed ? closedOn : null,
  };
}

const NO_BODY: NamedBody = { body: null, event: null };

function bodyAfter(code: SummaryCode, before: FoldedRecordState | undefined, event: RowEvent): NamedBody {
  if (code.body === undefined) return NO_BODY;
  const known = before === undefined ? NO_BODY : { body: before.recipient, event: before.recipient_event };
  return code.body(known, event);
}

/** Returns the record after an event in stored order, or the same object if the event changes nothing. */
export function recordStateAfter(
  before: FoldedRecordState | undefined,
  event: ProjectedEvent,
): FoldedRecordState {
  const owner = event.texts.find(({ kind }) => kind === 'owner');
  const folded = foldRecordState(before, event, owner);
  const redaction = redactionOf(event);
  const isOwnerErased =
    redaction !== null &&
    redaction.eventId === folded.owner_event &&
    isErased(redaction.erased, 'owner', event.kind);
  const after = isOwnerErased ? { ...folded, owner: null } : folded;
  return before !== undefined && isSameState(before, after) ? before : after;
}

function isSameState(before: FoldedRecordState, after: FoldedRecordState): boolean {
  const { value } = before;
  const regions = Object.keys(after.value);
  return (
    isSame(STATE_MEMBERS, before, after) &&
    regions.length === Object.keys(value).length &&
    regions.every((region) => value[region] === after.value[region])
  );
}

/** Returns whether an event sets the status. */
function makesStatus({ rules: { definition }, type }: RowEvent): boolean {
  const event = definition.events[type];
  return event?.kind === 'first' || (event?.kind === 'move' && event.owner === definition.statusRegion);
}

const originOf = ({ origin }: RowEvent): StatusOrigin => (origin === 'import' ? 'import' : 'command');

const REGIONS_IN_COLUMNS = REGIONS.map((region) => [region, regionColumn(region)] as const);
const WAITS_IN_COLUMNS = WAITS.map((what) => [what, waitColumn(what)] as const);

/** Returns the columns by which lists are filtered. */
export function recordStateColumns(recordState: FoldedRecordState): RecordStateRow {
  const { stream, recipient, recipient_event, owner, status, status_origin } = recordState;
  const { closed, issued_on, closed_on, value, summary } = recordState;
  const code = summaryOf(recordState);
  const dates = datesOf(recordState);
  const { dueOn, isSettled } = listedDate(code, value, dates);
  const columns: RecordStateRow = {
    ...{ stream, recipient, recipient_event, owner, status, status_origin },
    ...{ closed, issued_on, closed_on },
    due_on: dueOn,
    waits: '',
    settled: isSettled ? 1 : 0,
    unanswered: code.answer?.(value) === 'due' || dates.some(isClaimedAnswer) ? 1 : 0,
    response_due_on: responseDueOn(recordState),
  };
  for (const [region, column] of REGIONS_IN_COLUMNS) columns[column] = value[region] ?? '';
  for (const [what, column] of WAITS_IN_COLUMNS) {
    const persons = code.waits?.[what]?.persons(summary, value) ?? null;
    columns[column] = persons && personsColumn(persons);
    if (persons !== null) columns.waits = `${columns.waits || ' '}${what} `;
  }
  return columns;
}

/** Returns the due dates, each with whether the answer or the closure meets it. A claim does not. */
export function settledDates(folded: FoldedRecordState): (DueDate & { readonly isSettled: boolean })[] {
  const isRecordAnswered = isAnswered(summaryOf(folded), folded.value);
  return datesOf(folded).map((date) => {
    const isMet = date.kind === ANSWER ? isRecordAnswered : folded.closed === 1;
    return { ...date, isSettled: isMet && date.claimedBy === undefined };
  });
}

const responseDueOn = (recordState: FoldedRecordState): string | null =>
  settledDates(recordState)
    .flatMap(({ kind, isSettled, dueOn }) => (kind === ANSWER && !isSettled ? [dueOn] : []))
    .toSorted()[0] ?? null;

/** Returns whether the answer is only claimed. */
const isClaimedAnswer = ({ kind, claimedBy }: DueDate): boolean => claimedBy !== undefined && kind === ANSWER;

/** Returns the state of each region that the record has. */
export function regionsOf(row: Pick<RecordStateRow, 'stream' | 'status' | RegionColumn>): StateValue {
  const { statusRegion, machine } = lifecycleOf(row).definition;
  const states = Object.keys(machine.states).map(
    (region) => [region, region === statusRegion ? row.status : (row[regionColumn(region)] ?? '')] as const,
  );
  return Object.fromEntries(states.filter(([, state]) => state !== ''));
}

/**
 * Returns the column of people, the requester first; an unknown person is `null`. The others are sorted, so that equal
 * sets are equal texts. Line breaks, which no subject contains, separate the people, so that a condition can find one.
 */
function personsColumn(persons: readonly (string | null)[]): string {
  const lines = [...new Set(persons.map(personLine))];
  return [...lines.slice(0, 1), ...lines.slice(1).sort()].reduce(
    (column, line) => column + line.slice(1),
    '\n',
  );
}

/** Returns a person as part of such a column. */
export const personLine = (subject: string | null): string =>
  `\n${JSON.stringify(subject === null ? null : personOf(subject))}\n`;
