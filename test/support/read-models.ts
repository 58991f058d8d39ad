import type { Kysely } from 'kysely';
import { PostgresAdapter, sql } from 'kysely';
import { isDeepStrictEqual } from 'node:util';
import type { Envelope } from '#event-sourcing/envelope';
import { redactionOf } from '#event-sourcing/erasure';
import type { Redaction } from '#event-sourcing/event-store';
import { applyBatch, createFirstGeneration, indexLive, liveBookmark } from '#projections/generations';
import { comparePositions } from '#projections/position';
import type { Projection } from '#projections/projection';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { readLive } from '#projections/read-live';

export type Row = Readonly<Record<string, unknown>>;

/** Folds events into the live generation, a batch for each part. */
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

/** The read models where queries ask for redactions, as the log has them, wherever the rows are. */
export const askingRedactions = (
  database: ReadModelDatabase,
  events: readonly Envelope[],
): ReadModelDatabase => ({
  ...database,
  redactionsAfter: (after) =>
    Promise.resolve(
      events.flatMap((event): Redaction[] => {
        const named = redactionOf(event);
        if (named === null || comparePositions(event.position, after) <= 0) return [];
        return [{ position: event.position, streamId: event.streamId, ...named }];
      }),
    ),
});

/** The live rows of all the projection's tables, and whether the search agrees with its texts. */
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

/** @throws when a search index (of a generation) and the texts that it was made of do not agree. */
export async function checkSearch(database: ReadModelDatabase, index: string, texts: string): Promise<void> {
  const { adapter } = database.db.getExecutor();
  if (adapter instanceof PostgresAdapter) await checkWords(database, index, texts);
  else
    await sql`insert into ${sql.table(index)} (${sql.raw(index)}, rank) values ('integrity-check', 1)`.execute(
      database.db,
    );
}

/** Makes the index anew beside the other, and compares them. */
async function checkWords(
  { db, sql: dialect }: ReadModelDatabase,
  index: string,
  texts: string,
): Promise<void> {
  const of = async (table: string) =>
    (await sql<Row>`select * from ${sql.table(table)} order by id`.execute(db)).rows;
  const anew = { name: `${index}_anew`, table: texts };
  await dialect.createSearch(db as never, anew, 0);
  await dialect.addToSearch(db as never, anew, (await of(texts)) as never);
  const [found, expected] = [await of(index), await of(anew.name)];
  await db.schema.dropTable(anew.name).execute();
  if (!isDeepStrictEqual(found, expected)) throw new Error(`${index} and its texts do not agree`);
}

/** Cuts into parts of these sizes, and the rest one by one. */
export function cut(events: readonly Envelope[], sizes: readonly number[]): Envelope[][] {
  const parts: Envelope[][] = [];
  for (let from = 0, index = 0; from < events.length; index += 1) {
    const size = Math.min(sizes[index] ?? 1, events.length);
    parts.push(events.slice(from, from + size));
    from += size;
  }
  return parts;
}
