import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import type { Generation } from '#projections/projection';
import { londonDate } from '#state-machines/london';
import type { Shown } from '#lifecycle/summary';
import { lifecycleOf } from '../record-row.ts';
import { fellDue, outcomeOf } from './deadline-outcome.ts';
import type { DeadlineOutcome } from './deadline-outcome.ts';
import { keysOf, PER_RECORD } from './history-tables.ts';
import type { HistoryTables } from './history-tables.ts';
import { validAt, rowInTime } from './valid-at.ts';
import type { HistoryPoint } from './valid-at.ts';
import { readLight } from './light-events.ts';

/** The outcome of a deadline; null if it has not fallen due. */
export interface ReportedOutcome {
  readonly outcome: DeadlineOutcome | null;
  /** The latest decision that the deadline was met, if it was recorded after its effective day. */
  readonly established?: Established;
}

interface Established {
  readonly by: readonly string[];
  /** An instant, ISO 8601 in UTC. */
  readonly at: string;
}

interface Listed {
  /** `<record>/<deadline>`. */
  readonly id: string;
  readonly stream: string;
}

const NAMES = { record: 'h', deadline: 'd' };
const FIRST_KEY = sql`(h.row / ${sql.lit(PER_RECORD)}) * ${sql.lit(PER_RECORD)}`;

/** Returns the outcomes of a page of deadlines at the end of a day, by id. */
export async function outcomesAt(
  generation: Generation,
  point: HistoryPoint,
  rows: readonly Listed[],
): Promise<ReadonlyMap<string, ReportedOutcome>> {
  if (rows.length === 0) return new Map();
  const { db, sql: dialect } = generation;
  const records = [...new Set(rows.map(({ stream }) => stream))];
  const found = await (db as Kysely<HistoryTables>)
    .selectFrom('history as h')
    .crossJoin('history_deadlines as d')
    .select([
      'd.id as id',
      'd.deadline_id as deadlineId',
      'd.kind as kind',
      'h.row as row',
      'h.stream as stream',
      sql<DeadlineOutcome | null>`case when ${fellDue(NAMES, point.on)} then ${outcomeOf(NAMES)} end`.as(
        'outcome',
      ),
    ])
    .where('h.stream', 'in', dialect.listed(records))
    .where(rowInTime(dialect, 'h.row'))
    .where(validAt(point, 'h'))
    .where(sql<boolean>`(d.row >= ${FIRST_KEY} and d.row < ${FIRST_KEY} + ${sql.lit(PER_RECORD)})`)
    .where('d.id', 'in', dialect.listed(rows.map(({ id }) => id)))
    .where(validAt(point, 'd'))
    .execute();
  const reported = new Map<string, ReportedOutcome>();
  for (const { id, outcome, deadlineId, kind, stream, row } of found) {
    const established =
      outcome === 'metEstablishedLater'
        ? await establishedBy(generation, point, {
            deadlineId,
            kind,
            stream,
            number: Math.floor(row / PER_RECORD),
          })
        : null;
    reported.set(id, { outcome, ...(established !== null && { established }) });
  }
  return reported;
}

interface Of {
  readonly deadlineId: string;
  readonly kind: string;
  readonly stream: string;
  readonly number: number;
}

/** Returns the latest decision that a deadline was met, if it was recorded after its effective day; else null. */
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
    .where('type', 'is not', null)
    .where('effective_on', '<=', on)
    .where('known', '<=', known)
    .orderBy('event')
    .execute();
  const { dates } = lifecycleOf(deadline).code;
  const events = rows.flatMap((row) => {
    const deciding = readLight(row, null);
    return deciding === null ? [] : [{ ...row, deciding, shown: dates?.shows(deciding) ?? null }];
  });
  const last = events.findLast(
    ({ shown, effective_on, known: at }) =>
      effective_on < londonDate(at) && shown !== null && isMet(shown, deadline),
  );
  if (last === undefined) return null;
  const request = events.find(({ deciding }) => last.shown?.decides.includes(deciding.eventId));
  const by = [...(request === undefined ? [] : [request.deciding.subject]), last.deciding.subject];
  return { by, at: new Date(last.known).toISOString() };
}

function isMet({ met }: Shown, { deadlineId, kind }: Of): boolean {
  if ('id' in met) return met.id === deadlineId;
  return 'kind' in met ? met.kind === kind : met.notKind !== kind;
}
