import type { Kysely } from 'kysely';
import { PostgresAdapter, sql } from 'kysely';
import { isDeepStrictEqual } from 'node:util';
import type { Envelope } from '#event-sourcing/envelope';
import { redactionOf } from '#event-sourcing/erasure';
import { applyBatch } from '#projections/apply-batch';
import { createFirstGeneration, indexLive, liveBookmark } from '#projections/generations';
import { comparePositions } from '#projections/position';
import { generationOf } from '#projections/projection';
import type { Projection } from '#projections/projection';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { readLive } from '#projections/read-live';
import { tableInGeneration } from '#projections/tables';
import type { SearchDefinition } from '#projections/tables';

export type Row = Readonly<Record<string, unknown>>;

/** Projects events into the live generation, one batch per part. */
export async function foldInParts(
  database: ReadModelDatabase,
  projection: Projection,
  parts: readonly (readonly Envelope[])[],
): Promise<void> {
  await createFirstGeneration(database, projection);
  await indexLive(database, projection);
  for (const part of parts) {
    const live = await liveBookmark(database.db, projection.name);
    await applyBatch(database, projection, 'live', live?.position ?? '0', part);
  }
}

/** Returns read models that are not read while they lack a redaction among these events. */
export const checkingRedactions = (
  database: ReadModelDatabase,
  events: readonly Envelope[],
): ReadModelDatabase => ({
  ...database,
  redactionAfter: (after) => {
    const isLacking = (event: Envelope) =>
      redactionOf(event) !== null && comparePositions(event.position, after) > 0;
    return Promise.resolve(events.find(isLacking)?.position ?? null);
  },
});

/** Returns the live rows of a projection's tables, after checking its search. */
export async function liveRows(
  database: ReadModelDatabase,
  projection: Projection,
): Promise<Record<string, Row[]>> {
  return readLive(database, projection, async ({ db }) => {
    const rows: Record<string, Row[]> = {};
    for (const { name, key } of projection.tables) {
      const tables = db as Kysely<Record<string, Row>>;
      rows[name] = await tables.selectFrom(name).selectAll().orderBy(key).execute();
    }
    return rows;
  });
}

/** Throws if the search index of a generation does not match its texts. */
export async function checkSearch(
  { db, sql: dialect }: ReadModelDatabase,
  index: string,
  texts: string,
  includes: SearchDefinition['includes'] = () => true,
): Promise<void> {
  const isPostgresql = db.getExecutor().adapter instanceof PostgresAdapter;
  const of = async (table: string) =>
    (await sql<Row>`select * from ${sql.table(table)} order by id`.execute(db)).rows;
  // FTS5's own check compares an index with the texts, but the index contains stems.
  const wordsOf = async (table: string) => {
    if (isPostgresql) return of(table);
    const words = `${table}_words`;
    await sql`create virtual table ${sql.table(words)} using fts5vocab(${sql.raw(table)}, 'instance')`.execute(
      db,
    );
    const { rows } = await sql<Row>`select * from ${sql.table(words)} order by doc, term, "offset"`.execute(
      db,
    );
    await db.schema.dropTable(words).execute();
    return rows;
  };
  const search = { name: `${index}_anew`, table: texts };
  const projection = {
    name: search.name,
    version: 1,
    tables: [],
    searches: [search],
    apply: () => Promise.resolve(),
  };
  const anew = generationOf(db as never, dialect, projection, 0);
  await dialect.createSearch(anew.db, search, anew.number);
  const included = (await of(texts)).filter(({ id }) => includes(Number(id)));
  await dialect.addToSearch(anew.db, search, included as never);
  const name = tableInGeneration(search.name, anew.number);
  const [found, expected] = [await wordsOf(index), await wordsOf(name)];
  await db.schema.dropTable(name).execute();
  if (!isDeepStrictEqual(found, expected)) throw new Error(`${index} and its texts do not agree`);
}

/** Returns events in parts of these sizes, and the others one by one. */
export function cut(events: readonly Envelope[], sizes: readonly number[]): Envelope[][] {
  const parts: Envelope[][] = [];
  for (let from = 0, index = 0; from < events.length; index += 1) {
    const size = Math.min(sizes[index] ?? 1, events.length);
    parts.push(events.slice(from, from + size));
    from += size;
  }
  return parts;
}
