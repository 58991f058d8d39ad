import { sql } from 'kysely';
import type { Meta } from './generations.ts';
import type { Projection } from './projection.ts';
import type { ReadModelDatabase } from './read-model-database.ts';
import { tableInGeneration } from './tables.ts';

/** What nobody folds any more: a redaction that is folded would leave it as it is. */
interface Undeclared {
  readonly projections: readonly string[];
  readonly tables: readonly string[];
}

const OF_A_GENERATION = /_g\d+$/;

/**
 * Drops what is there of projections that are not declared, and tables that no generation of a declared one has: what they
 * hold would never be erased, and never come up with the log. `declared` is every projection of the program, not only those that
 * a process folds. Where a newer program has made generations, its tables are not known here, and nothing is dropped.
 */
export async function dropUndeclared(
  database: ReadModelDatabase,
  declared: readonly Projection[],
): Promise<void> {
  if (isNothing(await findUndeclared(database.db, database, declared))) return;
  const { db } = database;
  const names = await db.selectFrom('projections').select('name').orderBy('name').execute();
  await db.transaction().execute(async (trx) => {
    // Nobody makes or drops a generation meanwhile; all who do this lock in one order.
    for (const { name } of names) await database.sql.lock(trx, name);
    const { projections, tables } = await findUndeclared(trx, database, declared);
    for (const table of tables) await trx.schema.dropTable(table).ifExists().execute();
    for (const name of projections) {
      await trx.deleteFrom('generations').where('projection', '=', name).execute();
      await trx.deleteFrom('projections').where('name', '=', name).execute();
    }
  });
  // Where a reader keeps it from that now, the eraser does it before it says that something is erased.
  await database.truncateLog();
}

const isNothing = ({ projections, tables }: Undeclared): boolean =>
  projections.length === 0 && tables.length === 0;

async function findUndeclared(
  db: Meta,
  { sql: dialect }: ReadModelDatabase,
  declared: readonly Projection[],
): Promise<Undeclared> {
  // First the tables: one that is there then has its generation in what is read next.
  const { rows: tables } = await sql<{
    name: string;
  }>`select name from ${dialect.tables} order by name`.execute(db);
  const generations = await db.selectFrom('generations').selectAll().execute();
  const projections = await db.selectFrom('projections').select('name').execute();
  const known = new Map(declared.map((projection) => [projection.name, projection]));
  const used = new Set<string>();
  for (const { projection: name, generation, version } of generations) {
    const projection = known.get(name);
    if (projection === undefined) continue;
    if (version > projection.version) return { projections: [], tables: [] };
    for (const table of [...projection.tables, ...(projection.searches ?? [])])
      used.add(tableInGeneration(table.name, generation));
  }
  return {
    projections: projections.map(({ name }) => name).filter((name) => !known.has(name)),
    tables: tables.map(({ name }) => name).filter((name) => OF_A_GENERATION.test(name) && !used.has(name)),
  };
}
