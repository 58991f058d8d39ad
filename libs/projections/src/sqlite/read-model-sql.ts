import { sql } from 'kysely';
import type { Kysely, RawBuilder } from 'kysely';
import type { Cell, SearchDefinition, TableDefinition } from '../tables.ts';
import { tableInGeneration } from '../tables.ts';

/** Rows whose members are `Cell`s under the names of the columns. */
type Rows = readonly object[];

/**
 * All that the read models ask of SQLite beyond the SQL that databases share; another database brings another of these
 * and Kysely's dialect for it.
 *
 * Bulk statements take their rows as one JSON parameter: the text stays the same however many there are, so that a
 * statement is built and prepared once.
 */
export const sqliteSql = {
  /** The values as a list for `in`. */
  listed: (values: readonly string[]): RawBuilder<string> =>
    sql`(select value from json_each(${JSON.stringify(values)}))`,

  /** Inserts rows, or replaces those that are there under the same key. */
  async upsert(db: Kysely<unknown>, { name, columns, key }: TableDefinition, rows: Rows): Promise<void> {
    const names = Object.keys(columns);
    const into = names.map((column) => `"${column}"`).join(', ');
    const values = names.map((_, index) => `value ->> ${index}`).join(', ');
    const changes = names
      .filter((column) => column !== key)
      .map((column) => `"${column}" = excluded."${column}"`);
    for (const json of inJson(names, rows)) {
      await sql`insert into ${sql.table(name)} (${sql.raw(into)}) select ${sql.raw(values)} from json_each(${json})
        where true on conflict ("${sql.raw(key)}") do update set ${sql.raw(changes.join(', '))}`.execute(db);
    }
  },

  /** Changes some columns of rows that are there; indexes over other columns are left alone. */
  async update(
    db: Kysely<unknown>,
    { name, key }: TableDefinition,
    changed: readonly string[],
    rows: Rows,
  ): Promise<void> {
    const changes = changed.map((column, index) => `"${column}" = given.value ->> ${index + 1}`);
    for (const json of inJson([key, ...changed], rows)) {
      await sql`update ${sql.table(name)} set ${sql.raw(changes.join(', '))} from json_each(${json}) as given
        where ${sql.table(name)}."${sql.raw(key)}" = given.value ->> 0`.execute(db);
    }
  },

  /** A full-text index; the texts stay in their table. `secure-delete`: what is removed leaves no trace in it. */
  async createSearch(db: Kysely<unknown>, search: SearchDefinition, generation: number): Promise<void> {
    const content = sql.raw(tableInGeneration(search.table, generation));
    await sql`create virtual table ${sql.table(search.name)} using fts5(text, content = '${content}',
      content_rowid = 'id', tokenize = "unicode61 remove_diacritics 2")`.execute(db);
    await sql`insert into ${sql.table(search.name)} (${ownColumn(search, generation)}, rank)
      values ('secure-delete', 1)`.execute(db);
  },

  /** Indexes the texts from an id on: they were inserted just now. */
  async addToSearch(db: Kysely<unknown>, { name, table }: SearchDefinition, fromId: number): Promise<void> {
    await sql`insert into ${sql.table(name)} (rowid, text)
      select id, text from ${sql.table(table)} where id >= ${fromId}`.execute(db);
  },

  /** Takes a text out of the index, while it is still in its table. */
  async removeFromSearch(
    db: Kysely<unknown>,
    search: SearchDefinition,
    generation: number,
    texts: readonly { readonly id: number; readonly text: string }[],
  ): Promise<void> {
    for (const { id, text } of texts) {
      await sql`insert into ${sql.table(search.name)} (${ownColumn(search, generation)}, rowid, text)
        values ('delete', ${id}, ${text})`.execute(db);
    }
  },

  /** The ids of the texts that contain a word, or the words of a phrase one after another; always valid. */
  textsWith: (search: SearchDefinition, words: string, prefix: boolean): RawBuilder<number> =>
    // A text is quoted whole, and nothing in it is an operator. FTS5 would end the expression at NUL.
    sql`(select rowid from ${sql.table(search.name)} where text match ${`"${words.replaceAll('\0', ' ').replaceAll('"', '""')}"${prefix ? ' *' : ''}`})`,
} as const;

export type ReadModelSql = typeof sqliteSql;

/** FTS5 takes its commands through a column that has the index's own name. */
const ownColumn = ({ name }: SearchDefinition, generation: number): RawBuilder<unknown> =>
  sql.raw(tableInGeneration(name, generation));

const ROWS_PER_STATEMENT = 1_000;

function* inJson(columns: readonly string[], rows: Rows): Generator<string> {
  for (let from = 0; from < rows.length; from += ROWS_PER_STATEMENT) {
    const part = rows.slice(from, from + ROWS_PER_STATEMENT);
    yield JSON.stringify(
      part.map((row) => columns.map((column) => (row as Readonly<Record<string, Cell>>)[column] ?? null)),
    );
  }
}
