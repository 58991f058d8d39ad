import { sql } from 'kysely';
import type { ColumnDataType, Kysely, RawBuilder, Transaction } from 'kysely';
import { generationOf } from './projection.ts';
import type { Generation, Projection } from './projection.ts';
import type { MetaTables } from './meta-tables.ts';
import type { ReadModelDatabase } from './read-model-database.ts';
import type { ReadModelSql } from './read-model-sql.ts';
import { tableInGeneration } from './tables.ts';
import type { TableDefinition } from './tables.ts';

/** The progress of a generation of a projection. */
export interface Bookmark {
  readonly generation: number;
  readonly version: number;
  readonly position: string;
  readonly events: number;
  /** The time of the last change, by the database's clock. */
  readonly updatedAt: string;
  /** The state of the projection; set only for the live generation. */
  readonly state?: 'running' | 'stuck';
}
/** A database, or a transaction on it. */
export type Meta = Kysely<MetaTables>;

/**
 * Runs a transaction under the projection's lock, which excludes other processes. Folding, building and switching
 * generations require it.
 */
export const withLock = <Result>(
  { db, sql }: ReadModelDatabase,
  name: string,
  action: (trx: Transaction<MetaTables>) => Promise<Result>,
): Promise<Result> =>
  db.transaction().execute(async (trx) => {
    await sql.lock(trx, name);
    return action(trx);
  });

/** Returns the bookmark of the generation that queries read; undefined before the first start. */
export async function liveBookmark(db: Meta, name: string): Promise<Bookmark | undefined> {
  return lives(db).where('p.name', '=', name).executeTakeFirst();
}

/**
 * Returns the position of the projection's live rows; the beginning of the log if there are no rows, or they are of an
 * earlier version.
 */
export async function comparableUpTo(
  db: Meta,
  { name, version }: Pick<Projection, 'name' | 'version'>,
): Promise<string> {
  const live = await liveBookmark(db, name);
  return live === undefined || live.version < version ? '0' : live.position;
}

/** Returns all live bookmarks by projection name. */
export async function liveBookmarks(db: Meta): Promise<ReadonlyMap<string, Bookmark>> {
  const rows = await lives(db).select('p.name').execute();
  return new Map(rows.map(({ name, ...bookmark }) => [name, bookmark]));
}

const lives = (db: Meta) =>
  bookmarks(db)
    .innerJoin('projections as p', (join) =>
      join.onRef('p.name', '=', 'g.projection').onRef('p.live', '=', 'g.generation'),
    )
    .select('p.state');

export async function bookmarkOf(db: Meta, name: string, generation: number): Promise<Bookmark | undefined> {
  return bookmarks(db)
    .where('g.projection', '=', name)
    .where('g.generation', '=', generation)
    .executeTakeFirst();
}

/** Returns the bookmark of the generation that is being built beside the live one. */
export async function buildingBookmark(db: Meta, name: string): Promise<Bookmark | undefined> {
  return bookmarks(db)
    .innerJoin('projections as p', 'p.name', 'g.projection')
    .where('p.name', '=', name)
    .whereRef('g.generation', '>', 'p.live')
    .executeTakeFirst();
}

const bookmarks = (db: Meta) =>
  db
    .selectFrom('generations as g')
    .select(['g.generation', 'g.version', 'g.position', 'g.events', 'g.updated_at as updatedAt']);

/** Creates the projection's first generation, empty and live, if it has none. */
export async function createFirstGeneration(
  { db, sql }: ReadModelDatabase,
  projection: Projection,
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    // If several processes start at once, one inserts the row and the others wait for it.
    const made = await trx
      .insertInto('projections')
      .values({ name: projection.name, live: 1, last_generation: 1, state: 'running' })
      .onConflict((conflict) => conflict.column('name').doNothing())
      .returning('name')
      .executeTakeFirst();
    if (made !== undefined) await createGeneration(trx, sql, projection, 1);
  });
}

/** Creates an empty generation beside the live one, and replaces another one that was being built. */
export async function createBuildingGeneration(
  database: ReadModelDatabase,
  projection: Projection,
): Promise<number> {
  return withLock(database, projection.name, async (trx) => {
    const before = await buildingBookmark(trx, projection.name);
    if (before !== undefined) await dropGeneration(trx, projection, before.generation);
    const { last_generation } = await trx
      .updateTable('projections')
      .set((expression) => ({ last_generation: expression('last_generation', '+', 1) }))
      .where('name', '=', projection.name)
      .returning('last_generation')
      .executeTakeFirstOrThrow();
    await createGeneration(trx, database.sql, projection, last_generation);
    return last_generation;
  });
}

async function createGeneration(
  trx: Transaction<MetaTables>,
  sql: ReadModelSql,
  projection: Projection,
  generation: number,
): Promise<void> {
  const { db } = generationIn(trx, sql, projection, generation);
  for (const definition of projection.tables) {
    await createTable(db, sql, definition);
  }
  for (const search of projection.searches ?? []) await sql.createSearch(db, search, generation);
  await trx
    .insertInto('generations')
    .values({
      projection: projection.name,
      generation,
      version: projection.version,
      position: '0',
      events: 0,
      updated_at: sql.now,
    })
    .execute();
}

async function createTable(
  db: Kysely<unknown>,
  sql: ReadModelSql,
  { name, columns, key }: TableDefinition,
): Promise<void> {
  let table = db.schema.createTable(name);
  for (const [column, type] of Object.entries(columns)) {
    const columnType = sql.columnTypes[type.startsWith('integer') ? 'integer' : 'text'] as ColumnDataType;
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
 * Creates the missing indexes of a generation. Creating an index of many rows is faster than updating it with each row,
 * so indexes are created after the generation has reached the end of the log and before queries use it.
 * @throws the signal's reason, between two indexes.
 */
export async function indexGeneration(
  database: ReadModelDatabase,
  projection: Projection,
  generation: number,
  signal?: AbortSignal,
): Promise<void> {
  const missing = await missingIndexes(database, projection, generation);
  const wanted = projection.tables.flatMap(({ indexes }) => indexes);
  // A generation with some of its indexes is in use, so the database already has statistics.
  if (missing.length > 0 && missing.length === wanted.length)
    await settleGeneration(database, projection, generation);
  for (const { table, index } of missing) {
    signal?.throwIfAborted();
    await withLock(database, projection.name, async (trx) => {
      if ((await bookmarkOf(trx, projection.name, generation)) === undefined) return;
      await database.sql.liftTimeLimit(trx);
      const { schema } = generationIn(trx, database.sql, projection, generation).db;
      const made = schema
        .createIndex(indexName(table, index, generation))
        .ifNotExists()
        .on(table.name);
      await index
        .reduce((some, column) => some.column(indexExpression(database.sql, table, column)), made)
        .execute();
    });
  }
}

async function settleGeneration(
  { db, sql: dialect }: ReadModelDatabase,
  { name, tables }: Projection,
  generation: number,
): Promise<void> {
  const isGone = async () => (await bookmarkOf(db, name, generation)) === undefined;
  if (await isGone()) return;
  try {
    await dialect.updateStatistics(
      db,
      tables.map((table) => tableInGeneration(table.name, generation)),
    );
  } catch (error) {
    // Another process may have dropped it meanwhile.
    if (!(await isGone())) throw error;
  }
}

interface MissingIndex {
  readonly table: TableDefinition;
  readonly index: readonly string[];
}

async function missingIndexes(
  { db, sql: dialect }: ReadModelDatabase,
  { tables }: Projection,
  generation: number,
): Promise<MissingIndex[]> {
  const { rows } = await sql<{ name: string }>`select name from ${dialect.indexes}`.execute(db);
  const there = new Set(rows.map(({ name }) => truncatedName(name)));
  return tables
    .flatMap((table) => table.indexes.map((index) => ({ table, index })))
    .filter(({ table, index }) => !there.has(truncatedName(indexName(table, index, generation))));
}

const indexName = ({ name }: TableDefinition, index: readonly string[], generation: number): string =>
  `${tableInGeneration(name, generation)}_by_${index.join('_')}`;

/** Returns the expression of a column in an index. */
function indexExpression(
  dialect: ReadModelSql,
  { columns }: TableDefinition,
  column: string,
): RawBuilder<unknown> {
  const text = sql.ref(column);
  return (columns[column]?.startsWith('long') === true && dialect.beginningOf(text)) || text;
}

/** Creates the missing indexes of the live generation, if it is of this version. */
export async function indexLive(
  database: ReadModelDatabase,
  projection: Projection,
  signal?: AbortSignal,
): Promise<void> {
  const live = await liveBookmark(database.db, projection.name);
  if (live?.version === projection.version)
    await indexGeneration(database, projection, live.generation, signal);
}

/** Drops a generation. Some of its tables may already be missing. */
export async function dropGeneration(
  trx: Transaction<MetaTables>,
  { name, tables, searches = [] }: Projection,
  generation: number,
): Promise<void> {
  // Tables are dropped in the order in which a query locks them.
  for (const table of [...tables, ...searches]) {
    await trx.schema.dropTable(tableInGeneration(table.name, generation)).ifExists().execute();
  }
  await trx
    .deleteFrom('generations')
    .where('projection', '=', name)
    .where('generation', '=', generation)
    .execute();
}

/** The time after which an unchanged generation counts as abandoned, because its process was killed. */
const ABANDONED_AFTER_MS = 60_000;

export const isAbandoned = ({ updatedAt }: Pick<Bookmark, 'updatedAt'>, now: string): boolean =>
  Date.parse(now) - Date.parse(updatedAt) > ABANDONED_AFTER_MS;

/** Returns the names of the projections with a generation whose builder is gone. */
export async function abandonedBuilds({ db, sql }: ReadModelDatabase): Promise<string[]> {
  const rows = await db
    .selectFrom('projections as p')
    .innerJoin('generations as g', (join) =>
      join.onRef('g.projection', '=', 'p.name').onRef('g.generation', '>', 'p.live'),
    )
    .select(['p.name', 'g.updated_at as updatedAt', sql.now.as('now')])
    .execute();
  return rows.filter(({ now, ...build }) => isAbandoned(build, now)).map(({ name }) => name);
}

/** Drops the generation that is being built if it has this number. */
export async function dropBuilding(
  database: ReadModelDatabase,
  projection: Projection,
  isWanted: (building: Bookmark, now: string) => boolean,
): Promise<void> {
  const wantedBuild = async (db: Meta): Promise<Bookmark | undefined> => {
    const building = await buildingBookmark(db, projection.name);
    if (building === undefined) return undefined;
    return isWanted(building, await databaseTime(db, database.sql)) ? building : undefined;
  };
  if ((await wantedBuild(database.db)) === undefined) return;
  await withLock(database, projection.name, async (trx) => {
    const building = await wantedBuild(trx);
    if (building) await dropGeneration(trx, projection, building.generation);
  });
}

async function databaseTime(db: Meta, { now }: ReadModelSql): Promise<string> {
  const { rows } = await sql<{ now: string }>`select ${now} as now`.execute(db);
  return rows[0]?.now ?? '';
}

/** Returns a transaction on the rows of one generation. */
export const generationIn = (
  trx: Transaction<MetaTables>,
  sql: ReadModelSql,
  projection: Projection,
  generation: number,
): Generation => generationOf(trx as unknown as Kysely<unknown>, sql, projection, generation);

/** Records that a generation is still being built although its position does not change. */
export async function touchGeneration(
  { db, sql }: ReadModelDatabase,
  name: string,
  generation: number,
): Promise<void> {
  await db
    .transaction()
    .execute((trx) =>
      trx
        .updateTable('generations')
        .set({ updated_at: sql.now })
        .where('projection', '=', name)
        .where('generation', '=', generation)
        .execute(),
    );
}
