import type { Kysely } from 'kysely';
import type { Envelope } from '#event-sourcing/envelope';
import { redactionOf } from '#event-sourcing/erasure';
import { foldBatch } from '#projections/fold-batch';
import { openForQueries } from '#projections/fold-log';
import { bookmarkIn } from '#projections/model-set';
import { makeLiveSet } from '#projections/model-sets';
import { comparePositions } from '#projections/position';
import type { Projection } from '#projections/projection';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { readLive } from '#projections/read-live';

export type Row = Readonly<Record<string, unknown>>;

/** Projects events into the live set, one batch per part. */
export async function foldInParts(
  database: ReadModelDatabase,
  parts: readonly (readonly Envelope[])[],
): Promise<void> {
  await makeLiveSet(database);
  await database.use(async (set) => {
    await openForQueries({ database, signal: new AbortController().signal }, set);
    for (const part of parts) await foldBatch(database, set, (await bookmarkIn(set.db)).position, part);
  });
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
  return readLive(database, async ({ db }) => {
    const rows: Record<string, Row[]> = {};
    for (const { name, key } of projection.tables) {
      const tables = db as Kysely<Record<string, Row>>;
      rows[name] = await tables.selectFrom(name).selectAll().orderBy(key).execute();
    }
    return rows;
  });
}

/** Throws if a search index does not match its texts. */
export const checkSearch = (database: ReadModelDatabase, name: string): Promise<void> =>
  database.use(async ({ db }) => {
    if (!(await database.sql.isSearchWhole(db, { name, table: '' }))) throw new Error(`${name} lacks words`);
  });

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
