import { sql } from 'kysely';
import type { StateValue } from '#event-sourcing/envelope';
import { redactionOf } from '#event-sourcing/erasure';
import type { StatusOrigin } from '#lifecycle/answers';
import type { DueDate, SaidText } from '#lifecycle/summary';
import { ANSWER, listedDate } from '#state-machines/capabilities/deadlines';
import { personOf } from '#state-machines/capabilities/persons';
import { lifecycles } from '#state-machines/lifecycles';
import {
  datesOf,
  foldedOf,
  foldRecordRow,
  isErased,
  lifecycleOf,
  RECORD_COLUMNS,
  summaryColumn,
  summaryOf,
} from './record-row.ts';
import type { Condition } from '#projections/filters';
import type { FoldedRecord, ProjectedEvent, RecordRow, RowEvent } from './record-row.ts';

/** The column with the state of a region. */
type RegionColumn = `in_${string}`;
/** The column that says who may not decide what waits. */
export type WaitColumn = `${string}_by`;

export const regionColumn = (region: string): RegionColumn => `in_${region}`;
export const waitColumn = (what: string): WaitColumn => `${what}_by`;

/** The regions that have a column; the state of the region that makes the status is the record's status. */
export const REGIONS: readonly string[] = [
  ...new Set(
    lifecycles.currents.flatMap(({ definition: { machine, statusRegion } }) =>
      Object.keys(machine.states).filter((region) => region !== statusRegion),
    ),
  ),
];

/** What can wait for a decision, in whichever kind of record. */
export const WAITS: readonly string[] = [
  ...new Set(lifecycles.currents.flatMap(({ code }) => Object.keys(code.summary?.waits ?? {}))),
];

/**
 * The version of a projection whose columns follow from the list of lifecycles: one more in the list makes it a later one, so that the
 * rows are folded anew. A definition that is in the list never changes.
 */
export const versionWithLifecycles = (own: number): number =>
  (own * 100 + lifecycles.all.length) * 100 + WAITS.length;

/** That something waits for a decision, by the column with the names of what does. */
export const waitsFor = (what: string, column = 'waits'): Condition =>
  sql`${sql.ref(column)} like ${sql.lit(`% ${what} %`)}`;

/**
 * How a record stands, in columns that lists are narrowed by: the same whether they are folded as things are stored, or in
 * effective order for a view of the past.
 */
export interface StandingRow extends RecordRow {
  /** Null where there is none, or it was erased; and the event that names it. */
  owner: string | null;
  owner_event: string | null;
  /** The date by which it is judged. */
  due_on: string | null;
  status_origin: StatusOrigin;
  /** The state of each region; empty where the record's lifecycle does not have it. */
  [region: RegionColumn]: string;
  /** Who may not decide what waits, as `personsColumn` writes them; null where nothing of the kind waits. */
  [what: WaitColumn]: string | null;
  /** The names of what waits, each between spaces: ` closure extension `; empty where nothing does. */
  waits: string;
  /** 1 where no such date is left to be met, and none is only claimed to be. */
  settled: number;
  /** 1 where an answer is due, or what claims that it was given is not confirmed. */
  unanswered: number;
  /** The effective date of the closing that stands; null while it is open. */
  closed_on: string | null;
}

const columnsOf = <Column extends string, Type extends string>(
  columns: readonly Column[],
  type: Type,
): Record<Column, Type> =>
  Object.fromEntries(columns.map((column) => [column, type])) as Record<Column, Type>;

const REGION_COLUMNS = columnsOf(REGIONS.map(regionColumn), 'text');
const WAIT_COLUMNS = columnsOf(WAITS.map(waitColumn), 'long text or null');

export const STANDING_COLUMNS = {
  ...RECORD_COLUMNS,
  owner: 'text or null',
  owner_event: 'text or null',
  due_on: 'text or null',
  status_origin: 'text',
  ...REGION_COLUMNS,
  ...WAIT_COLUMNS,
  waits: 'text',
  settled: 'integer',
  unanswered: 'integer',
  closed_on: 'text or null',
} as const;

/** A record while its events are folded: its summary is text in its row alone, once a batch. */
export interface FoldedStanding extends FoldedRecord {
  readonly owner: string | null;
  readonly owner_event: string | null;
  readonly status_origin: StatusOrigin;
  readonly closed_on: string | null;
  readonly value: StateValue;
}

/** The columns that a standing is folded on from, beside what other columns say of the state. */
export type KeptStanding = Pick<
  StandingRow,
  keyof RecordRow | 'owner' | 'owner_event' | 'status_origin' | 'closed_on'
>;

/** The record as its row says it; other columns of the row are left out. */
export function standingFrom(row: KeptStanding, value: StateValue): FoldedStanding {
  const { stream, recipient, recipient_event, status, closed, issued_on, summary } = row;
  const { owner, owner_event, status_origin, closed_on } = row;
  const record = foldedOf<RecordRow>({
    ...{ stream, recipient, recipient_event, status, closed, issued_on, summary },
  });
  return { ...record, owner, owner_event, status_origin, closed_on, value };
}

/**
 * The record after an event. State and status are those that the order has in which it is folded: the event's own as things
 * are stored, in effective order each region's last.
 * @param owner what the event says of the owner
 */
export function foldStanding(
  before: FoldedStanding | undefined,
  event: RowEvent,
  owner: Pick<SaidText, 'value'> | undefined,
): FoldedStanding {
  const record = foldRecordRow(before, event);
  const { stream, recipient, recipient_event, status, closed, issued_on, summary } = record;
  const closedOn = before?.closed === 1 ? before.closed_on : event.effectiveOn;
  return {
    ...{ stream, recipient, recipient_event, status, closed, issued_on, summary },
    owner: owner === undefined ? (before?.owner ?? null) : owner.value,
    owner_event: owner === undefined ? (before?.owner_event ?? null) : event.eventId,
    status_origin: makesStatus(event) ? originOf(event) : (before?.status_origin ?? 'command'),
    closed_on: closed === 1 ? closedOn : null,
    value: event.state,
  };
}

/** The record after an event as it is stored. */
export function standingAfter(before: FoldedStanding | undefined, event: ProjectedEvent): FoldedStanding {
  const owner = event.texts.find(({ kind }) => kind === 'owner');
  const standing = foldStanding(before, event, owner);
  const redaction = redactionOf(event);
  if (redaction === null || redaction.eventId !== standing.owner_event) return standing;
  return isErased(redaction.erased, 'owner', event.kind) ? { ...standing, owner: null } : standing;
}

/** Whether the status comes from an event: what says nothing of the status leaves it. */
function makesStatus({ rules: { definition }, type }: RowEvent): boolean {
  const event = definition.events[type];
  return event?.kind === 'first' || (event?.kind === 'move' && event.owner === definition.statusRegion);
}

const originOf = ({ origin }: RowEvent): StatusOrigin => (origin === 'import' ? 'import' : 'command');

/** The row of a record as it is stored. */
export const standingRow = (standing: FoldedStanding): StandingRow => ({
  ...standingColumns(standing),
  summary: summaryColumn(standing),
});

const REGIONS_IN_COLUMNS = REGIONS.map((region) => [region, regionColumn(region)] as const);
const WAITS_IN_COLUMNS = WAITS.map((what) => [what, waitColumn(what)] as const);

/** The columns by which lists are narrowed: the row without what it is folded on from. */
export function standingColumns(standing: FoldedStanding): Omit<StandingRow, 'summary'> {
  const { stream, recipient, recipient_event, owner, owner_event, status, status_origin } = standing;
  const { closed, issued_on, closed_on, value, summary } = standing;
  const code = summaryOf(standing);
  const dates = datesOf(standing);
  const { dueOn, isSettled } = listedDate(code, value, dates);
  const columns: Omit<StandingRow, 'summary'> = {
    ...{ stream, recipient, recipient_event, owner, owner_event, status, status_origin },
    ...{ closed, issued_on, closed_on },
    due_on: dueOn,
    waits: '',
    settled: isSettled ? 1 : 0,
    unanswered: code.answer?.(value) === 'due' || dates.some(isClaimedAnswer) ? 1 : 0,
  };
  for (const [region, column] of REGIONS_IN_COLUMNS) columns[column] = value[region] ?? '';
  for (const [what, column] of WAITS_IN_COLUMNS) {
    const persons = code.waits?.[what]?.persons(summary, value) ?? null;
    columns[column] = persons && personsColumn(persons);
    if (persons !== null) columns.waits = `${columns.waits || ' '}${what} `;
  }
  return columns;
}

/** Whether it is only claimed that the answer was given. */
const isClaimedAnswer = ({ kind, claimedBy }: DueDate): boolean => claimedBy !== undefined && kind === ANSWER;

/** The state as a row keeps it: null where its other columns say all of it. */
export function stateColumn({ stream, status, value }: FoldedStanding): string | null {
  const { definition } = lifecycleOf({ stream });
  const regions = Object.keys(definition.machine.states);
  const isSaid = Object.keys(value).length === regions.length && value[definition.statusRegion] === status;
  return isSaid && regions.every((region) => region in value) ? null : JSON.stringify(value);
}

/** The state that a row says. */
export function stateOfRow(
  row: Pick<StandingRow, 'stream' | 'status' | RegionColumn> & { readonly state: string | null },
): StateValue {
  if (row.state !== null) return JSON.parse(row.state) as StateValue;
  const { statusRegion, machine } = lifecycleOf(row).definition;
  const stateIn = (region: string): string =>
    region === statusRegion ? row.status : (row[regionColumn(region)] ?? '');
  return Object.fromEntries(Object.keys(machine.states).map((region) => [region, stateIn(region)]));
}

/**
 * Persons, each once and in order, so that equal sets are equal texts; whom nobody knows is `null`. Each stands between
 * line ends, which none has, so that a condition finds one.
 */
const personsColumn = (persons: readonly (string | null)[]): string =>
  [...new Set(persons.map(personLine))].sort().reduce((column, line) => column + line.slice(1), '\n');

/** One person in such a column. */
export const personLine = (subject: string | null): string =>
  `\n${JSON.stringify(subject === null ? null : personOf(subject))}\n`;
