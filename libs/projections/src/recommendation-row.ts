import type { Kysely } from 'kysely';
import type { Envelope, StateValue } from '../../event-sourcing/src/envelope.ts';
import { addDays } from '../../lifecycle/src/plain-date.ts';
import {
  dateState,
  earliestActionDue,
  isOpen,
  thresholds,
} from '../../../state-machines/inspection-recommendation/v1/deadlines.ts';
import type {
  Deadline,
  DeadlineState,
} from '../../../state-machines/inspection-recommendation/v1/deadlines.ts';
import type { EventType } from '../../../state-machines/inspection-recommendation/v1/events.ts';
import { evolveFacts, noFacts } from '../../../state-machines/inspection-recommendation/v1/facts.ts';
import type { Batch, Generation } from './projection.ts';
import type { TableDefinition } from './tables.ts';
import { recordIdOf } from '../../../state-machines/inspection-recommendation/v1/record.ts';

/** What read models keep of a record: who it is for, how it stands, and by when it is due. */
export interface RecommendationRow {
  id: string;
  recipient: string | null;
  owner: string | null;
  status: string;
  /** 1 when nothing is due any more. */
  closed: number;
  issued_on: string;
  /** The earliest date of an action deadline. */
  due_on: string | null;
  /** All deadlines, as JSON. */
  deadlines: string;
}

export const RECOMMENDATION_COLUMNS = {
  id: 'text',
  recipient: 'text or null',
  owner: 'text or null',
  status: 'text',
  closed: 'integer',
  issued_on: 'text',
  due_on: 'text or null',
  deadlines: 'text',
} as const;

/** A record's event, with what read models need of it. */
export interface RecommendationEvent extends Envelope {
  readonly recordId: string;
  readonly state: StateValue;
  /** Its number in the log, counted from 0. */
  readonly ordinal: number;
}

/**
 * The events of records; other streams (people, refusals, ids that are held) are no concern of these read models.
 * @throws Error for a record's event without a state.
 */
export function recommendationEvents({ events, ordinal }: Batch): RecommendationEvent[] {
  return events.flatMap((event, index) => {
    const recordId = recordIdOf(event.streamId);
    if (recordId === null) return [];
    const { state } = event;
    if (state?.['progress'] === undefined) {
      throw new Error(`Version ${event.version} of ${event.streamId} has no state`);
    }
    return [{ ...event, recordId, state, ordinal: ordinal + index }];
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
export const decidingEvents = (batch: Batch): RecommendationEvent[] =>
  recommendationEvents(batch).filter(({ type }) => !SAYS_ONLY.has(type));

/** The rows that a batch is about, in the order of their first event. */
export function recordsOf(events: readonly RecommendationEvent[]): string[] {
  return [...new Set(events.map(({ recordId }) => recordId))];
}

/** The row after an event; the same values where it changes none. */
export function foldRecommendation(
  before: RecommendationRow | undefined,
  event: RecommendationEvent,
): RecommendationRow {
  const { state } = event;
  const facts = {
    ...noFacts,
    recipient: before?.recipient ?? null,
    owner: before?.owner ?? null,
    deadlines: before ? (JSON.parse(before.deadlines) as Deadline[]) : [],
  };
  const after = evolveFacts(facts, event);
  const unchanged = before !== undefined && after === facts;
  return {
    id: event.recordId,
    // A member that was erased, or that an older form of the event did not have, is null.
    recipient: after.recipient ?? null,
    owner: after.owner ?? null,
    status: state['progress'] as string,
    closed: isOpen(state) ? 0 : 1,
    issued_on: before?.issued_on ?? event.effectiveOn,
    due_on: unchanged ? before.due_on : earliestActionDue(after.deadlines),
    deadlines: unchanged ? before.deadlines : JSON.stringify(after.deadlines),
  };
}

/**
 * Folds events into a table of a row each record, and writes the rows that came out otherwise than they were.
 * @returns those rows.
 */
export async function foldRows<Row extends RecommendationRow>(
  { db, sql }: Generation,
  table: TableDefinition,
  events: readonly RecommendationEvent[],
  fold: (before: Row | undefined, event: RecommendationEvent) => Row,
): Promise<Row[]> {
  if (events.length === 0) return [];
  const loaded = (await (db as Kysely<Record<string, RecommendationRow>>)
    .selectFrom(table.name)
    .selectAll()
    .where('id', 'in', sql.listed(recordsOf(events)))
    .execute()) as Row[];
  const before = new Map(loaded.map((row) => [row.id, row]));
  const after = new Map(before);
  for (const event of events) after.set(event.recordId, fold(after.get(event.recordId), event));
  const columns = Object.keys(table.columns) as (keyof Row)[];
  const changed = [...after.values()].filter((row) => !isSame(columns, before.get(row.id), row));
  await sql.upsert(db, table, changed);
  return changed;
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
export function rowDeadlineState({ closed, due_on }: DueRow, today: string): DeadlineState {
  if (due_on === null) return 'none';
  return closed === 1 ? 'settled' : dateState(due_on, today);
}

export type DueRow = Pick<RecommendationRow, 'closed' | 'due_on'>;
