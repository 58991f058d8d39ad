import type { Kysely } from 'kysely';
import type { Models } from '#projections/projection';
import type { RowOf, TableDefinition, TablesOf } from '#projections/tables';
import { isSame } from '../record-row.ts';
import { settledDates } from '../record-state.ts';
import type { FoldedRecordState } from '../record-state.ts';

/** The deadlines in force. A row is rewritten only if the deadline itself changes. */
export const DEADLINES = {
  name: 'deadlines',
  columns: {
    id: 'text',
    stream: 'text',
    recipient: 'text or null',
    status: 'text',
    deadline_id: 'text',
    kind: 'text',
    due_on: 'text',
    first_due_on: 'text',
    /** 1 if the obligation is met, else 0. */
    settled: 'integer',
  },
  key: 'id',
  indexes: [
    ['due_on', 'id'],
    ['recipient', 'due_on', 'id'],
  ],
} as const satisfies TableDefinition;

export type DeadlineRow = RowOf<typeof DEADLINES.columns>;
export type DeadlineTables = TablesOf<typeof DEADLINES>;

/** Writes the deadlines that changed, and removes those that are no longer in force. */
export async function writeDeadlines(
  { db, sql }: Models,
  folded: readonly { readonly before: FoldedRecordState | undefined; readonly after: FoldedRecordState }[],
): Promise<void> {
  const written: DeadlineRow[] = [];
  const withdrawn: string[] = [];
  for (const { before, after } of folded) {
    if (before === after) continue;
    const known = new Map(before === undefined ? [] : rowsOf(before).map((row) => [row.id, row]));
    for (const row of rowsOf(after)) {
      if (!isSame(DEADLINE_COLUMNS, known.get(row.id), row)) written.push(row);
      known.delete(row.id);
    }
    withdrawn.push(...known.keys());
  }
  await sql.upsert(db, DEADLINES, written);
  if (withdrawn.length === 0) return;
  await (db as Kysely<DeadlineTables>)
    .deleteFrom('deadlines')
    .where('id', 'in', sql.listed(withdrawn))
    .execute();
}

const DEADLINE_COLUMNS = Object.keys(DEADLINES.columns) as (keyof DeadlineRow)[];

const rowsOf = (recordState: FoldedRecordState): DeadlineRow[] => {
  const { stream, recipient, status } = recordState;
  return settledDates(recordState).map(({ id, kind, dueOn, firstDueOn, isSettled }) => ({
    ...{ id: `${stream}/${id}`, stream, recipient, status },
    ...{ deadline_id: id, kind, due_on: dueOn, first_due_on: firstDueOn },
    settled: isSettled ? 1 : 0,
  }));
};
