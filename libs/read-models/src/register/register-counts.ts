import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import type { Generation } from '#projections/projection';
import type { Condition } from '#projections/filters';
import type { RegisterTables } from './register-projection.ts';
import { withConditions } from './register-source.ts';
import type { ListRows } from './register-source.ts';

/** Returns the number of rows, or one more than the limit if there are more. */
export async function countRows(
  { db }: Generation,
  { rows, conditions }: Pick<ListRows, 'rows' | 'conditions'>,
  most: number,
): Promise<number> {
  const { records } = await (db as Kysely<RegisterTables>)
    .selectFrom(
      withConditions(rows, conditions)
        .select('stream')
        .limit(most + 1)
        .as('matching'),
    )
    .select((expression) => expression.fn.countAll<number>().as('records'))
    .executeTakeFirstOrThrow();
  return records;
}

/** Returns the number of rows that match each condition, in one pass. */
export async function countEach(
  { rows, conditions }: Pick<ListRows, 'rows' | 'conditions'>,
  each: readonly Condition[],
): Promise<readonly number[]> {
  if (each.length === 0) return [];
  const nameAt = (index: number): string => `c${index}`;
  const counts = each.map((one, index) => sql<number>`count(case when ${one} then 1 end)`.as(nameAt(index)));
  const found: Readonly<Record<string, number>> = await withConditions(rows, conditions)
    .select(counts)
    .executeTakeFirstOrThrow();
  return each.map((_, index) => found[nameAt(index)] ?? 0);
}
