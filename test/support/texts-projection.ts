import type { Projection } from '#projections/projection';

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
