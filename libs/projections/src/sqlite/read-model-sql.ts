import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import type { ReadModelSql, Rows } from '../read-model-sql.ts';
import { inTimeCondition } from './read-clock.ts';
import { tableInGeneration } from '../tables.ts';
import type { Cell, SearchDefinition } from '../tables.ts';
import type { TextWords } from '../text-words.ts';
import { holdsCondition, mayHoldCondition } from './matched-terms.ts';

/** Bulk statements take their rows as one JSON parameter, so that a statement is built and prepared once. */
export const sqliteSql = (words: TextWords): ReadModelSql => ({
  // The key has exactly this type where it is the table's own number.
  columnTypes: { text: 'text', integer: 'integer' },

  now: sql`strftime('%Y-%m-%dT%H:%M:%fZ', 'now')`,

  tables: sql`(select name from sqlite_schema where type = 'table') as tables`,

  daysBetween: (from, to) => sql`cast(julianday(${to}) - julianday(${from}) as integer)`,

  canIndex: () => true,

  // A transaction that writes holds the file's one lock from its beginning.
  lock: () => Promise.resolve(),

  listed: (values) => sql`(select value from json_each(${JSON.stringify(values)}))`,
  listedNumbers: (values) => sql`(select value from json_each(${JSON.stringify(values)}))`,

  async upsert(db, { name, columns, key }, rows) {
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

  async update(db, { name, key }, changed, rows) {
    const changes = changed.map((column, index) => `"${column}" = given.value ->> ${index + 1}`);
    for (const json of inJson([key, ...changed], rows)) {
      await sql`update ${sql.table(name)} set ${sql.raw(changes.join(', '))} from json_each(${json}) as given
        where ${sql.table(name)}."${sql.raw(key)}" = given.value ->> 0`.execute(db);
    }
  },

  /**
   * The texts stay in their table. `secure-delete`: what is removed leaves no trace in the index. Beginnings of two and three letters,
   * which thousands of words have, are indexed of themselves.
   */
  async createSearch(db, search, generation) {
    const content = sql.raw(tableInGeneration(search.table, generation));
    await sql`create virtual table ${sql.table(search.name)} using fts5(text, content = '${content}',
      content_rowid = 'id', prefix = '2 3', tokenize = "unicode61 remove_diacritics 2")`.execute(db);
    await sql`insert into ${sql.table(search.name)} (${ownColumn(search, generation)}, rank)
      values ('secure-delete', 1)`.execute(db);
  },

  async addToSearch(db, { name, table }, texts) {
    const ids = JSON.stringify(texts.map(({ id }) => id));
    await sql`insert into ${sql.table(name)} (rowid, text)
      select id, text from ${sql.table(table)} where id in (select value from json_each(${ids})) order by id`.execute(
      db,
    );
  },

  async removeFromSearch(db, search, generation, texts) {
    for (const { id, text } of texts) {
      await sql`insert into ${sql.table(search.name)} (${ownColumn(search, generation)}, rowid, text)
        values ('delete', ${id}, ${text})`.execute(db);
    }
  },

  words,
  foundId: 'found.rowid',
  holds: (terms) => holdsCondition(words, terms),
  holdsOfFew: (terms) => holdsCondition(words, terms, 1),
  mayHold: (terms) => mayHoldCondition(words, terms),

  inTime: inTimeCondition,
});

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
