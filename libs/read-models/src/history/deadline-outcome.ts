import { sql } from 'kysely';
import type { RawBuilder, SqlBool } from 'kysely';
import { ANSWER } from '#state-machines/capabilities/deadlines';
import type { HistoryRow } from './history-tables.ts';
import type { HistoryPoint } from './holds-at.ts';

/** What can have become of a deadline that fell due: the first that matches, in this order. */
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

/** Under which names rows of the history, and of its deadlines, stand in a query. */
interface Names {
  readonly record: string;
  readonly deadline: string;
}

type LookedUp = keyof Pick<
  HistoryRow,
  'answered_on' | 'answered_recorded_on' | 'closed_recorded_on' | 'superseded'
>;

/** What the index does not have by which rows are found is looked up where it is needed. */
const lookedUp = (column: LookedUp, record: string) =>
  sql`(select told.${sql.raw(column)} from ${sql.table('history')} as told where told.row = ${sql.ref(`${record}.row`)})`;

const of = ({ deadline }: Names, column: string) => sql.ref(`${deadline}.${column}`);

/** Since when it is settled what the deadline is for; null where that is only claimed. */
export const settledOn = (names: Names): RawBuilder<string | null> =>
  sql`case when ${of(names, 'claimed')} = 1 then null when ${of(names, 'kind')} = ${sql.lit(ANSWER)}
    then ${lookedUp('answered_on', names.record)} else ${sql.ref(`${names.record}.closed_on`)} end`;

/** When that was recorded. */
const recordedOn = (names: Names): RawBuilder<string | null> =>
  sql`case when ${of(names, 'kind')} = ${sql.lit(ANSWER)}
    then ${lookedUp('answered_recorded_on', names.record)} else ${lookedUp('closed_recorded_on', names.record)} end`;

/** Whether all that was recorded of its being late came from a mistake that was corrected since. */
const isInError = (names: Names) =>
  sql`${of(names, 'mistaken')} = 1 and coalesce(${of(names, 'recorded')}, '') <> 'late'`;

/**
 * Whether a deadline fell due by the end of a day: its date in force is over, or it is on record as passed by mistake. One that was
 * withdrawn did where that was later, or it is on record as passed.
 */
export const fellDue = (names: Names, on: string): RawBuilder<SqlBool> =>
  sql<SqlBool>`((${isInError(names)}) or ((${of(names, 'due_on')} || '') < ${on} and (${of(names, 'withdrawn_on')} is null
    or ${of(names, 'withdrawn_on')} > ${of(names, 'due_on')} or ${of(names, 'recorded')} is not null)))`;

/** What became of a deadline that fell due, in a query of such rows. */
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

/** Of those that were met, whether that was on record by the date as well. */
export const isMetOnRecord = (names: Names): RawBuilder<SqlBool> =>
  sql<SqlBool>`(${recordedOn(names)}) <= ${of(names, 'due_on')}`;

/** Of a row of a deadline, that it was recorded as passed after its entry: of a body, where one is named. */
export const isRecordedLate = (
  deadlineId: RawBuilder<unknown>,
  { on, known }: HistoryPoint,
  recipient?: string,
): RawBuilder<SqlBool> =>
  sql<SqlBool>`exists (select 1 from ${sql.table('history_passings')} as p where p.deadline = ${deadlineId}
    and p.passed_on <= ${on} and p.known <= ${BigInt(known)}
    ${recipient === undefined ? sql`` : sql`and p.recipient = ${recipient}`})`;
