import { sql } from 'kysely';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { readLive } from '#projections/read-live';
import type { IssuedQuery } from './closure-times-query.ts';
import { outcomeOf, settledOn } from './deadline-outcome.ts';
import type { DeadlineOutcome } from './deadline-outcome.ts';
import { byBody, COUNTED, knownOf, shownRows } from './figures.ts';
import type { ByBody } from './figures.ts';
import { PER_RECORD } from './history-tables.ts';
import { holdsAt, rowInTime } from './holds-at.ts';

/**
 * What became of the deadlines that fell due: whose date in force was over by the end of the day that is looked at, or, of a deadline
 * that was withdrawn, before it was. Each is counted once.
 */
export interface DeadlineFigures {
  /** Settled by the date in force, and never overdue before. */
  readonly met: number;
  /** Of these, those of which that was on record by that date as well. */
  readonly metOnRecord: number;
  /** Settled otherwise. */
  readonly late: number;
  readonly stillOpen: number;
  readonly withdrawn: number;
  /** Of those that were settled after the date in force; null where there is none. */
  readonly medianDaysLate: number | null;
  /** How often the dates of all these were put off. */
  readonly extensions: number;
  /** Of how many that were not withdrawn the date was put off. */
  readonly extended: number;
}

/** So many deadlines of which the same became. */
interface Outcome {
  readonly recipient: string | null;
  readonly outcome: DeadlineOutcome;
  /** How many days after its date one was settled; null for others, and where it was by then. */
  readonly daysLate: number | null;
  readonly deadlines: number;
  readonly extensions: number;
  /** Of how many of them the date was put off. */
  readonly extended: number;
}

/** The deadlines of a record stand together, under its number. */
const FIRST_KEY = sql`(record.row / ${sql.lit(PER_RECORD)}) * ${sql.lit(PER_RECORD)}`;
const OF_RECORD = sql<boolean>`(deadline.row >= ${FIRST_KEY} and deadline.row < ${FIRST_KEY} + ${sql.lit(PER_RECORD)}
  and (deadline.record_id || '') = record.id)`;

const NAMES = { record: 'record', deadline: 'deadline' };
const SETTLED_ON = settledOn(NAMES);

/** What became of deadlines, of the records that were issued in between. */
export function queryDeadlineFigures(
  database: ReadModelDatabase,
  query: IssuedQuery,
): Promise<ByBody<DeadlineFigures> & { readonly position: string }> {
  return readLive(database, COUNTED, async (generation, position) => {
    const { on, from, to } = query;
    const point = { on, known: knownOf(query) };
    const daysLate = sql<number | null>`case when deadline.withdrawn_on is null
      and (${SETTLED_ON}) > deadline.due_on
      then ${generation.sql.daysBetween(sql.ref('deadline.due_on'), SETTLED_ON)} end`;
    // First the records: SQLite would find them again for each deadline.
    const rows = await shownRows(generation, query, point)
      .crossJoin('history_deadlines as deadline')
      .select((expression) => [
        'record.recipient as recipient',
        outcomeOf(NAMES).as('outcome'),
        daysLate.as('daysLate'),
        expression.fn.countAll<number>().as('deadlines'),
        expression.fn.sum<number | string>('deadline.extensions').as('extensions'),
        sql<number>`count(case when deadline.extensions > 0 then 1 end)`.as('extended'),
      ])
      .where(OF_RECORD)
      .where(rowInTime(generation.sql, 'deadline.row'))
      .where(holdsAt(point, 'deadline'))
      .where(sql<boolean>`(deadline.due_on || '') < ${on}`)
      .where(sql<boolean>`(deadline.withdrawn_on is null or deadline.withdrawn_on > deadline.due_on)`)
      .$if(from !== undefined, (each) => each.where('record.issued_on', '>=', from ?? ''))
      .$if(to !== undefined, (each) => each.where('record.issued_on', '<=', to ?? ''))
      .groupBy(['record.recipient', 'outcome', 'daysLate'])
      .execute();
    const outcomes = rows.map((row): Outcome => ({ ...row, extensions: Number(row.extensions) }));
    return { ...byBody(outcomes, deadlineFigures), position };
  });
}

function deadlineFigures(outcomes: readonly Outcome[]): DeadlineFigures {
  const count = (...names: readonly Outcome['outcome'][]) =>
    outcomes.reduce((sum, { outcome, deadlines }) => sum + (names.includes(outcome) ? deadlines : 0), 0);
  return {
    met: count('met', 'metOnRecord'),
    metOnRecord: count('metOnRecord'),
    late: count('late'),
    stillOpen: count('stillOpen'),
    withdrawn: count('withdrawn'),
    medianDaysLate: medianOf(outcomes),
    extensions: outcomes.reduce((sum, { extensions }) => sum + extensions, 0),
    extended: outcomes.reduce(
      (sum, { outcome, extended }) => sum + (outcome === 'withdrawn' ? 0 : extended),
      0,
    ),
  };
}

/** Of an even number the mean of the two in the middle. */
function medianOf(outcomes: readonly Outcome[]): number | null {
  const late = outcomes
    .filter((each): each is Outcome & { daysLate: number } => each.daysLate !== null)
    .sort((one, other) => one.daysLate - other.daysLate);
  const total = late.reduce((sum, { deadlines }) => sum + deadlines, 0);
  if (total === 0) return null;
  const at = (place: number): number => {
    let passed = 0;
    return late.find(({ deadlines }) => (passed += deadlines) > place)?.daysLate ?? 0;
  };
  return (at(Math.floor((total - 1) / 2)) + at(Math.floor(total / 2))) / 2;
}
