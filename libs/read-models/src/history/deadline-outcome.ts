import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';

/** What became of a deadline that fell due; those that are met on record are told apart from those that are told later to be met. */
export type DeadlineOutcome = 'met' | 'metOnRecord' | 'late' | 'stillOpen' | 'withdrawn';

/** Under which names rows of the history, and of its deadlines, stand in a query. */
interface Names {
  readonly record: string;
  readonly deadline: string;
}

/** What the index does not have by which rows are found is looked up where it is needed. */
const lookedUp = (column: 'answered_on' | 'answered_recorded_on' | 'closed_recorded_on', record: string) =>
  sql`(select told.${sql.raw(column)} from ${sql.table('history')} as told where told.row = ${sql.ref(`${record}.row`)})`;

/** Since when it is settled what the deadline is for. */
export const settledOn = ({ record, deadline }: Names): RawBuilder<string | null> =>
  sql`case when ${sql.ref(`${deadline}.kind`)} = 'response'
    then ${lookedUp('answered_on', record)} else ${sql.ref(`${record}.closed_on`)} end`;

/** When that was recorded. */
const recordedOn = ({ record, deadline }: Names): RawBuilder<string | null> =>
  sql`case when ${sql.ref(`${deadline}.kind`)} = 'response'
    then ${lookedUp('answered_recorded_on', record)} else ${lookedUp('closed_recorded_on', record)} end`;

/** What became of a deadline, in a query of such rows. */
export function outcomeOf(names: Names): RawBuilder<DeadlineOutcome> {
  const of = (column: string) => sql.ref(`${names.deadline}.${column}`);
  return sql`case
    when ${of('withdrawn_on')} is not null then 'withdrawn'
    when (${settledOn(names)}) is null then 'stillOpen'
    when ${of('passed')} = 1 or (${settledOn(names)}) > ${of('due_on')} then 'late'
    when (${recordedOn(names)}) <= ${of('due_on')} then 'metOnRecord'
    else 'met' end`;
}
