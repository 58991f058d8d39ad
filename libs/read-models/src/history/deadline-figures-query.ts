import { sql } from 'kysely';
import type { Generation } from '#projections/projection';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { readLive } from '#projections/read-live';
import type { IssuedQuery } from './closure-times-query.ts';
import { fellDue, isMetOnRecord, OUTCOMES, outcomeOf, settledOn } from './deadline-outcome.ts';
import type { DeadlineOutcome } from './deadline-outcome.ts';
import { byBody, knownOf, shownRows } from './figures.ts';
import { historyProjection } from './history-projection.ts';
import type { ByBody } from './figures.ts';
import { PER_RECORD } from './history-tables.ts';
import { validAt, rowInTime } from './valid-at.ts';
import type { HistoryPoint } from './valid-at.ts';

/** The outcomes of the deadlines that fell due, each counted once. */
export interface DeadlineFigures extends Readonly<Record<DeadlineOutcome, number>> {
  /** The number of met deadlines whose settlement was also recorded in time. */
  readonly metOnRecord: number;
  /** The median number of days between the date in force and the settlement of late deadlines; null if there are none. */
  readonly medianDaysLate: number | null;
  /** The total number of extensions. */
  readonly extensions: number;
  /** The number of extended deadlines, without withdrawn ones. */
  readonly extended: number;
  /**
   * The number of deadlines that were recorded as passed after they were entered, regardless of what followed, for each
   * body responsible at the time. Includes deadlines that have since been moved to a later date.
   */
  readonly recordedLate: number;
}

/** A number of deadlines with the same outcome. */
interface Outcome {
  readonly recipient: string | null;
  readonly outcome: DeadlineOutcome;
  /** 1 if the settlement was recorded by the deadline's date, else 0. */
  readonly onRecord: number;
  /** Days between the date and the settlement; null if it was settled in time or not at all. */
  readonly daysLate: number | null;
  readonly deadlines: number;
  readonly extensions: number;
  /** The number of them that were extended. */
  readonly extended: number;
}

/**
 * A number of deadlines recorded as passed while a body was responsible. The overall figure counts each deadline once.
 */
interface RecordedLate {
  readonly recipient: string | null;
  readonly recordedLate: number;
}

/** The first key of the record. Its deadlines have consecutive keys. */
const FIRST_KEY = sql`(record.row / ${sql.lit(PER_RECORD)}) * ${sql.lit(PER_RECORD)}`;
const OF_RECORD = sql<boolean>`(deadline.row >= ${FIRST_KEY} and deadline.row < ${FIRST_KEY} + ${sql.lit(PER_RECORD)}
  and (deadline.stream || '') = record.stream)`;

const NAMES = { record: 'record', deadline: 'deadline' };
const SETTLED_ON = settledOn(NAMES);

/** Counts the outcomes of the deadlines of records issued in a period. */
export function queryDeadlineFigures(
  database: ReadModelDatabase,
  query: IssuedQuery,
): Promise<ByBody<DeadlineFigures> & { readonly position: string }> {
  return readLive(database, historyProjection, async (generation, position) => {
    const { on, from, to } = query;
    const point = { on, known: knownOf(query) };
    const outcome = outcomeOf(NAMES);
    const daysLate = sql<number | null>`case when (${SETTLED_ON}) > deadline.due_on
      then ${generation.sql.daysBetween(sql.ref('deadline.due_on'), SETTLED_ON)} end`;
    const onRecord = sql<number>`case when ${isMetOnRecord(NAMES)} then 1 else 0 end`;
    // With records first, SQLite does not look them up once per deadline.
    const rows = await shownRows(generation, query, point)
      .crossJoin('history_deadlines as deadline')
      .select((expression) => [
        'record.recipient as recipient',
        outcome.as('outcome'),
        onRecord.as('onRecord'),
        daysLate.as('daysLate'),
        expression.fn.countAll<number>().as('deadlines'),
        expression.fn.sum<number | string>('deadline.extensions').as('extensions'),
        sql<number>`count(case when deadline.extensions > 0 then 1 end)`.as('extended'),
      ])
      .where(OF_RECORD)
      .where(rowInTime(generation.sql, 'deadline.row'))
      .where(validAt(point, 'deadline'))
      .where(fellDue(NAMES, on))
      .$if(from !== undefined, (each) => each.where('record.issued_on', '>=', from ?? ''))
      .$if(to !== undefined, (each) => each.where('record.issued_on', '<=', to ?? ''))
      .groupBy(['record.recipient', 'outcome', 'onRecord', 'daysLate'])
      .execute();
    const outcomes = rows.map((row): Outcome => ({ ...row, extensions: Number(row.extensions) }));
    const passed = passedOf(generation, query, point);
    const [all] = await passed.select(DEADLINES_PASSED).execute();
    const late = await passed
      .select(['passing.recipient as recipient', DEADLINES_PASSED])
      .groupBy('passing.recipient')
      .execute();
    return { ...byBodyWithLate(outcomes, late, all?.recordedLate ?? 0), position };
  });
}

const DEADLINES_PASSED = sql<number>`count(distinct passing.deadline)`.as('recordedLate');

/** Selects the deadlines recorded as passed by a day, optionally under the body responsible at that time. */
function passedOf(
  generation: Generation,
  { recipient, from, to, recipients, known, kind }: IssuedQuery,
  point: HistoryPoint,
) {
  return shownRows(generation, { recipients, known, kind }, point)
    .crossJoin('history_passings as passing')
    .where(
      sql<boolean>`(passing.event >= ${FIRST_KEY} and passing.event < ${FIRST_KEY} + ${sql.lit(PER_RECORD)})`,
    )
    .where(sql<boolean>`(passing.passed_on || '') <= ${point.on}`)
    .where(sql<boolean>`passing.known <= ${BigInt(point.known)}`)
    .$if(recipient !== undefined, (each) => each.where('passing.recipient', '=', recipient ?? ''))
    .$if(from !== undefined, (each) => each.where('record.issued_on', '>=', from ?? ''))
    .$if(to !== undefined, (each) => each.where('record.issued_on', '<=', to ?? ''));
}

/**
 * Returns the figures by body. A deadline that was recorded as passed under two bodies counts for both, and once
 * overall.
 */
function byBodyWithLate(
  outcomes: readonly Outcome[],
  late: readonly RecordedLate[],
  recordedLate: number,
): ByBody<DeadlineFigures> {
  const rows = [
    ...outcomes.map((outcome) => ({ recipient: outcome.recipient, outcome, late: 0 })),
    ...late.map((each) => ({ recipient: each.recipient, outcome: null, late: each.recordedLate })),
  ];
  const figures = byBody(rows, (own) => ({
    ...deadlineFigures(own.flatMap(({ outcome }) => outcome ?? [])),
    recordedLate: own.reduce((sum, each) => sum + each.late, 0),
  }));
  return { ...figures, overall: { ...figures.overall, recordedLate } };
}

function deadlineFigures(outcomes: readonly Outcome[]): Omit<DeadlineFigures, 'recordedLate'> {
  const count = (is: (outcome: Outcome) => boolean) =>
    outcomes.reduce((sum, each) => sum + (is(each) ? each.deadlines : 0), 0);
  const byOutcome = Object.fromEntries(
    OUTCOMES.map((name) => [name, count(({ outcome }) => outcome === name)]),
  ) as Record<DeadlineOutcome, number>;
  return {
    ...byOutcome,
    metOnRecord: count(({ outcome, onRecord }) => outcome === 'met' && onRecord === 1),
    medianDaysLate: medianOf(outcomes.filter(({ outcome }) => outcome === 'late')),
    extensions: outcomes.reduce((sum, { extensions }) => sum + extensions, 0),
    extended: outcomes.reduce(
      (sum, { outcome, extended }) => sum + (outcome === 'withdrawn' ? 0 : extended),
      0,
    ),
  };
}

/** Returns the median; for an even count, the mean of the two middle values. */
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
