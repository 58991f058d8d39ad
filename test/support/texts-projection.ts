import { sql } from 'kysely';
import type { Projection } from '#projections/projection';
import type { ReadModelDatabase } from '#projections/read-model-database';

/** A projection that stores every event's data as searchable text, in the tables `NAME` and `NAME_search`. */
export function textsProjection(name: string, version = 1): Projection {
  const table = {
    name,
    columns: { id: 'integer', text: 'long text' },
    key: 'id',
    indexes: [],
  } as const;
  const search = { name: `${name}_search`, table: name };
  return {
    name,
    version,
    tables: [table],
    searches: [search],
    async apply({ db, sql: dialect }, { events, ordinal }) {
      const rows = events.map(({ data }, index) => ({ id: ordinal + index + 1, text: JSON.stringify(data) }));
      await dialect.upsert(db, table, rows);
    },
  };
}

/** Returns the names of all tables of read models. */
export async function tablesOf({ db, sql: dialect }: ReadModelDatabase): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`select name from ${dialect.tables}`.execute(db);
  return rows.map(({ name }) => name);
}
