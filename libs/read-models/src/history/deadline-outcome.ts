import { sql } from 'kysely';
import type { RawBuilder, SqlBool } from 'kysely';
import { ANSWER } from '#state-machines/capabilities/deadlines';
import type { HistoryRow } from './history-tables.ts';
import type { HistoryPoint } from './valid-at.ts';

/** The outcomes of a deadline that fell due, in order of precedence. */
export const OUTCOMES = [
  'enteredInError',
  'superseded',
  'withdrawn',
  'lateAtEntry',
  'metEstablishedLater',
  'stillOpen',
  'late',
  'met',
] as const;
export type DeadlineOutcome = (typeof OUTCOMES)[number];

/** The aliases of a query for the tables of records and of deadlines. */
interface Names {
  readonly record: string;
  readonly deadline: string;
}

type LookedUp = keyof Pick<
  HistoryRow,
  'answered_on' | 'answered_recorded_on' | 'closed_recorded_on' | 'superseded'
>;

/** Returns a column that the index of found rows does not contain, looked up only where it is needed. */
const lookedUp = (column: LookedUp, record: string) =>
  sql`(select wide.${sql.raw(column)} from ${sql.table('history')} as wide where wide.row = ${sql.ref(`${record}.row`)})`;

const of = ({ deadline }: Names, column: string) => sql.ref(`${deadline}.${column}`);

/** Returns the day on which the deadline was settled; null if the settlement is only claimed. */
export const settledOn = (names: Names): RawBuilder<string | null> =>
  sql`case when ${of(names, 'claimed')} = 1 then null when ${of(names, 'kind')} = ${sql.lit(ANSWER)}
    then ${lookedUp('answered_on', names.record)} else ${sql.ref(`${names.record}.closed_on`)} end`;

/** Returns the day on which the settlement was recorded. */
const recordedOn = (names: Names): RawBuilder<string | null> =>
  sql`case when ${of(names, 'kind')} = ${sql.lit(ANSWER)}
    then ${lookedUp('answered_recorded_on', names.record)} else ${lookedUp('closed_recorded_on', names.record)} end`;

/** Selects deadlines that are late only because of a mistake that was corrected later. */
const isInError = (names: Names) =>
  sql`${of(names, 'mistaken')} = 1 and coalesce(${of(names, 'recorded')}, '') <> 'late'`;

/**
 * Selects deadlines that fell due by the end of a day: the date in force has passed, or it was recorded as passed by
 * mistake. A withdrawn deadline fell due if it was withdrawn later, or was recorded as passed.
 */
export const fellDue = (names: Names, on: string): RawBuilder<SqlBool> =>
  sql<SqlBool>`((${isInError(names)}) or ((${of(names, 'due_on')} || '') < ${on} and (${of(names, 'withdrawn_on')} is null
    or ${of(names, 'withdrawn_on')} > ${of(names, 'due_on')} or ${of(names, 'recorded')} is not null)))`;

export function outcomeOf(names: Names): RawBuilder<DeadlineOutcome> {
  const settled = settledOn(names);
  const recorded = of(names, 'recorded');
  const isLate = sql`(${of(names, 'passed')} = 1 or (${settled}) is null or (${settled}) > ${of(names, 'due_on')})`;
  return sql`case
    when ${isInError(names)} then 'enteredInError'
    when ${of(names, 'withdrawn_on')} is null and ${of(names, 'kind')} <> ${sql.lit(ANSWER)}
      and ${sql.ref(`${names.record}.closed_on`)} is not null and ${lookedUp('superseded', names.record)} = 1 then 'superseded'
    when ${of(names, 'withdrawn_on')} is not null then 'withdrawn'
    when ${recorded} = 'at-entry' or (${recorded} is null and ${of(names, 'entered_late')} = 1 and ${isLate}) then 'lateAtEntry'
    when ${recorded} = 'late' and not ${isLate} then 'metEstablishedLater'
    when (${settled}) is null then 'stillOpen'
    when ${isLate} then 'late'
    else 'met' end`;
}

/** Selects met deadlines whose settlement was also recorded in time. */
export const isMetOnRecord = (names: Names): RawBuilder<SqlBool> =>
  sql<SqlBool>`(${recordedOn(names)}) <= ${of(names, 'due_on')}`;

/** Selects deadlines that were recorded as passed after they were entered, optionally under one body. */
export const isRecordedLate = (
  deadlineId: RawBuilder<unknown>,
  { on, known }: HistoryPoint,
  recipient?: string,
): RawBuilder<SqlBool> =>
  sql<SqlBool>`exists (select 1 from ${sql.table('history_passings')} as p where p.deadline = ${deadlineId}
    and p.passed_on <= ${on} and p.known <= ${BigInt(known)}
    ${recipient === undefined ? sql`` : sql`and p.recipient = ${recipient}`})`;
