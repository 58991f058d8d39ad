import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import type { Generation } from '#projections/projection';
import { londonDate } from '#state-machines/london';
import type { EventType } from '#state-machines/inspection-recommendation/v1/events';
import type { AnyData } from '#state-machines/inspection-recommendation/v1/record-event';
import { fellDue, outcomeOf } from './deadline-outcome.ts';
import type { DeadlineOutcome } from './deadline-outcome.ts';
import { keysOf, PER_RECORD } from './history-tables.ts';
import type { HistoryTables } from './history-tables.ts';
import { holdsAt, rowInTime } from './holds-at.ts';
import type { HistoryPoint } from './holds-at.ts';
import { readLight } from './light-events.ts';
import type { DecidingEvent } from './light-events.ts';

/** What became of a deadline; null where it has not fallen due. */
export interface ToldOutcome {
  readonly outcome: DeadlineOutcome | null;
  /** Of one that was established as met later: by whom, the requester first, and when. */
  readonly established?: Established;
}

export interface Established {
  /** Subjects. */
  readonly by: readonly string[];
  /** An instant, ISO 8601 in UTC. */
  readonly at: string;
}

/** A row of a list of deadlines. */
interface Listed {
  /** `<record>/<deadline>`. */
  readonly id: string;
  readonly record_id: string;
}

const NAMES = { record: 'h', deadline: 'd' };
const FIRST_KEY = sql`(h.row / ${sql.lit(PER_RECORD)}) * ${sql.lit(PER_RECORD)}`;

/** What became of the deadlines of a page by the end of a day, by their ids. */
export async function outcomesAt(
  generation: Generation,
  point: HistoryPoint,
  rows: readonly Listed[],
): Promise<ReadonlyMap<string, ToldOutcome>> {
  if (rows.length === 0) return new Map();
  const { db, sql: dialect } = generation;
  const records = [...new Set(rows.map(({ record_id }) => record_id))];
  const found = await (db as Kysely<HistoryTables>)
    .selectFrom('history as h')
    .crossJoin('history_deadlines as d')
    .select([
      'd.id as id',
      'd.deadline_id as deadlineId',
      'd.kind as kind',
      'h.row as row',
      sql<DeadlineOutcome | null>`case when ${fellDue(NAMES, point.on)} then ${outcomeOf(NAMES)} end`.as(
        'outcome',
      ),
    ])
    .where('h.id', 'in', dialect.listed(records))
    .where(rowInTime(dialect, 'h.row'))
    .where(holdsAt(point, 'h'))
    .where(sql<boolean>`(d.row >= ${FIRST_KEY} and d.row < ${FIRST_KEY} + ${sql.lit(PER_RECORD)})`)
    .where('d.id', 'in', dialect.listed(rows.map(({ id }) => id)))
    .where(holdsAt(point, 'd'))
    .execute();
  const told = new Map<string, ToldOutcome>();
  for (const { id, outcome, deadlineId, kind, row } of found) {
    const established =
      outcome === 'metEstablishedLater'
        ? await establishedBy(generation, point, { deadlineId, kind, number: Math.floor(row / PER_RECORD) })
        : null;
    told.set(id, { outcome, ...(established !== null && { established }) });
  }
  return told;
}

/** What two people decide that can show that a deadline was met, and what asks for it. */
const DECIDES: readonly EventType[] = [
  'RecommendationCompleted',
  'NoFurtherActionDecided',
  'DeadlineExtended',
  'CorrectionApproved',
];
const ASKS: readonly EventType[] = ['ClosureRequested', 'ExtensionRequested', 'CorrectionRequested'];

interface Of {
  readonly deadlineId: string;
  readonly kind: string;
  /** The record's. */
  readonly number: number;
}

/** The last decision that takes effect on a day before it was recorded, and says that a deadline was met. */
async function establishedBy(
  { db }: Generation,
  { on, known }: HistoryPoint,
  deadline: Of,
): Promise<Established | null> {
  const { from, until } = keysOf(deadline.number);
  const rows = await (db as Kysely<HistoryTables>)
    .selectFrom('history_events')
    .selectAll()
    .where('event', '>=', from)
    .where('event', '<', until)
    .where('type', 'in', [...DECIDES, ...ASKS])
    .where('effective_on', '<=', on)
    .where('known', '<=', known)
    .orderBy('event')
    .execute();
  const events = rows.flatMap((row) => {
    const deciding = readLight(row, null);
    return deciding === null ? [] : [{ ...row, deciding }];
  });
  const last = events.findLast(
    ({ deciding, effective_on, known: at }) => effective_on < londonDate(at) && shows(deciding, deadline),
  );
  if (last === undefined) return null;
  const { decides = [] }: AnyData = last.deciding.data;
  const asked = events.find(({ deciding }) => decides.includes(deciding.eventId));
  const by = [...(asked === undefined ? [] : [asked.deciding.subject]), last.deciding.subject];
  return { by, at: new Date(last.known).toISOString() };
}

function shows({ type, data }: DecidingEvent, { deadlineId, kind }: Of): boolean {
  switch (type) {
    case 'DeadlineExtended':
      return data.deadlineId === deadlineId;
    case 'CorrectionApproved':
      return data.kind === kind;
    case 'RecommendationCompleted':
    case 'NoFurtherActionDecided':
      return kind !== 'response';
    default:
      return false;
  }
}
