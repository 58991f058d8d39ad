import { sql } from 'kysely';
import type { RawBuilder, Transaction } from 'kysely';
import type { Projection } from './projection.ts';
import type { MetaTables } from './meta-tables.ts';
import { tableInGeneration } from './tables.ts';
import type { TableDefinition } from './tables.ts';

/** The differences between a rebuilt table and the live one, in rows. */
export interface TableDifference {
  readonly table: string;
  /** The number of rows that only the live table contains. */
  readonly missing: number;
  /** The number of rows that only the rebuilt table contains. */
  readonly extra: number;
  readonly changed: number;
  /** The keys of some differing rows. */
  readonly examples: readonly string[];
}

const EXAMPLES = 5;

/**
 * Compares two generations at the same position row by row.
 * @throws the database's error if a table is missing.
 */
export async function compareGenerations(
  trx: Transaction<MetaTables>,
  { tables }: Projection,
  live: number,
  rebuilt: number,
): Promise<TableDifference[]> {
  const differences: TableDifference[] = [];
  for (const table of tables) {
    const difference = await compareTables(trx, table, live, rebuilt);
    if (difference.missing + difference.extra + difference.changed > 0) differences.push(difference);
  }
  return differences;
}

async function compareTables(
  trx: Transaction<MetaTables>,
  { name, columns, key }: TableDefinition,
  live: number,
  rebuilt: number,
): Promise<TableDifference> {
  const before = sql.table(tableInGeneration(name, live));
  const after = sql.table(tableInGeneration(name, rebuilt));
  const id = sql.raw(`"${key}"`);
  const isDistinct = Object.keys(columns)
    .filter((column) => column !== key)
    .map((column) => `a."${column}" is distinct from b."${column}"`);
  const only = (one: RawBuilder<unknown>, other: RawBuilder<unknown>) =>
    sql`from ${one} as a where not exists (select 1 from ${other} as b where b.${id} = a.${id})`;
  const kinds = [
    only(before, after),
    only(after, before),
    sql`from ${before} as a join ${after} as b on a.${id} = b.${id} where ${sql.raw(isDistinct.join(' or '))}`,
  ];
  const counts: number[] = [];
  const examples: string[] = [];
  for (const kind of kinds) {
    const counted = await sql<{ rows: number }>`select count(*) as rows ${kind}`.execute(trx);
    const count = Number(counted.rows[0]?.rows);
    counts.push(count);
    if (count === 0 || examples.length >= EXAMPLES) continue;
    const found = await sql<{ id: string | number }>`select a.${id} as id ${kind}
      order by a.${id} limit ${EXAMPLES - examples.length}`.execute(trx);
    examples.push(...found.rows.map((row) => String(row.id)));
  }
  const [missing = 0, extra = 0, changed = 0] = counts;
  return { table: name, missing, extra, changed, examples };
}
