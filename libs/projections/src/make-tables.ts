import { sql } from 'kysely';
import type { ColumnDataType, Kysely, RawBuilder } from 'kysely';
import { lockedBookmark } from './model-set.ts';
import type { ModelSet } from './model-set.ts';
import type { Projection } from './projection.ts';
import type { ReadModelSql } from './read-model-sql.ts';
import type { TableDefinition } from './tables.ts';

/** Creates the empty tables and searches of projections. */
export async function makeTables(
  db: Kysely<unknown>,
  dialect: ReadModelSql,
  projections: readonly Projection[],
): Promise<void> {
  for (const { tables, searches = [] } of projections) {
    for (const table of tables) await makeTable(db, dialect, table);
    for (const search of searches) await dialect.createSearch(db, search);
  }
}

async function makeTable(
  db: Kysely<unknown>,
  dialect: ReadModelSql,
  { name, columns, key }: TableDefinition,
): Promise<void> {
  let table = db.schema.createTable(name);
  for (const [column, type] of Object.entries(columns)) {
    const columnType = dialect.columnTypes[type.startsWith('integer') ? 'integer' : 'text'] as ColumnDataType;
    table = table.addColumn(column, columnType, (definition) => {
      if (column === key) return definition.primaryKey();
      return type.endsWith('or null') ? definition : definition.notNull();
    });
  }
  await table.execute();
}

/** The length to which databases may truncate longer names. */
const NAME_LENGTH_KEPT = 63;
const truncatedName = (name: string): string => name.slice(0, NAME_LENGTH_KEPT);

/**
 * Creates the missing indexes, and updates the statistics. Creating an index of many rows is faster than updating it
 * with each row, so indexes are created after the set has reached the end of the log and before queries use it.
 * @throws the signal's reason, between two indexes.
 */
export async function makeIndexes(
  { db }: ModelSet,
  dialect: ReadModelSql,
  projections: readonly Projection[],
  signal?: AbortSignal,
): Promise<void> {
  const tables = projections.flatMap((projection) => projection.tables);
  await dialect.updateStatistics(
    db,
    tables.map(({ name }) => name),
  );
  const { rows } = await sql<{ name: string }>`select name from ${dialect.indexes}`.execute(db);
  const there = new Set(rows.map(({ name }) => truncatedName(name)));
  for (const table of tables) {
    for (const index of table.indexes) {
      const name = `${table.name}_by_${index.join('_')}`;
      if (there.has(truncatedName(name))) continue;
      signal?.throwIfAborted();
      await db.transaction().execute(async (trx) => {
        await lockedBookmark(trx);
        await dialect.liftTimeLimit(trx);
        const made = trx.schema.createIndex(name).ifNotExists().on(table.name);
        await index
          .reduce((some, column) => some.column(indexExpression(dialect, table, column)), made)
          .execute();
      });
    }
  }
}

/** Returns the expression of a column in an index. */
function indexExpression(
  dialect: ReadModelSql,
  { columns }: TableDefinition,
  column: string,
): RawBuilder<unknown> {
  const text = sql.ref(column);
  return (columns[column]?.startsWith('long') === true && dialect.beginningOf(text)) || text;
}
