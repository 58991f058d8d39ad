import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import type { Generation } from '#projections/projection';
import type { Condition } from '#projections/filters';
import type { RegisterTables } from './register-projection.ts';
import { withConditions } from './register-source.ts';
import type { ListRows } from './register-source.ts';

/** Returns the number of rows, or one more than the limit if there are more. */
export async function countUpTo(
  generation: Generation,
  listed: Pick<ListRows, 'rows' | 'found' | 'conditions' | 'search'>,
  most: number,
): Promise<number> {
  const { search = null } = listed;
  if (search === null || search.isNarrow)
    return countRows(generation, listed, search?.conditions('quick') ?? [], most);
  // If a word matches a tenth of the latest records, five times as many will reach the limit.
  let seen = 0;
  for (const [index, last] of search.limits.countedFirst.entries()) {
    const before = search.limits.countedFirst[index - 1];
    if (before !== undefined && (seen * last) / before <= most) break;
    const since = await numberOfLast(generation, last);
    if (since === null) break;
    seen = await countRows(generation, listed, search.since(since), most);
    if (seen > most) return seen;
  }
  return countRows(generation, listed, search.conditions('sets'), most);
}

export async function countRows(
  { db }: Generation,
  { rows, found: counted = () => rows, conditions }: Pick<ListRows, 'rows' | 'found' | 'conditions'>,
  found: readonly Condition[],
  most: number,
): Promise<number> {
  const { records } = await (db as Kysely<RegisterTables>)
    .selectFrom(
      withConditions(counted(), [...conditions, ...found])
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

/** Returns the number of the first among the latest `count` records; null if there are fewer. */
async function numberOfLast({ db }: Generation, count: number): Promise<number | null> {
  const row = await (db as Kysely<RegisterTables>)
    .selectFrom('register')
    .select('number')
    .orderBy('number', 'desc')
    .offset(count - 1)
    .limit(1)
    .executeTakeFirst();
  return row?.number ?? null;
}
