import { sql } from 'kysely';
import type { Meta } from './generations.ts';
import type { Projection } from './projection.ts';
import type { ReadModelDatabase } from './read-model-database.ts';
import { tableInGeneration } from './tables.ts';

/** The tables of removed projections. Redactions do not reach them. */
interface Undeclared {
  readonly projections: readonly string[];
  readonly tables: readonly string[];
}

const OF_A_GENERATION = /_g\d+$/;

/**
 * Drops undeclared projections, and tables that belong to no generation of a declared one, because no redaction or
 * event would reach them. `declared` lists every projection of the program, including those that this process does not
 * fold. Drops nothing if a newer program created generations, because its tables are unknown here.
 */
export async function dropUndeclared(
  database: ReadModelDatabase,
  declared: readonly Projection[],
): Promise<void> {
  if (isNothing(await findUndeclared(database.db, database, declared))) return;
  const { db } = database;
  const names = await db.selectFrom('projections').select('name').orderBy('name').execute();
  await db.transaction().execute(async (trx) => {
    // The locks prevent others from creating or dropping a generation. All callers lock in the same order.
    for (const { name } of names) await database.sql.lock(trx, name);
    const { projections, tables } = await findUndeclared(trx, database, declared);
    for (const table of tables) await trx.schema.dropTable(table).ifExists().execute();
    for (const name of projections) {
      await trx.deleteFrom('generations').where('projection', '=', name).execute();
      await trx.deleteFrom('projections').where('name', '=', name).execute();
    }
  });
  // If a reader prevents this now, the eraser truncates the log before it reports a value as erased.
  await database.truncateLog();
}

const isNothing = ({ projections, tables }: Undeclared): boolean =>
  projections.length === 0 && tables.length === 0;

async function findUndeclared(
  db: Meta,
  { sql: dialect }: ReadModelDatabase,
  declared: readonly Projection[],
): Promise<Undeclared> {
  // The tables are read first, so that the next read includes the generation of each.
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
