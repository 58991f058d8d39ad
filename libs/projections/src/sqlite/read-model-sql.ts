import { CompiledQuery, sql } from 'kysely';
import type { Kysely, RawBuilder } from 'kysely';
import { EXCERPT_WORDS, MATCH_MARKS } from '../read-model-sql.ts';
import type { ReadModelSql, Rows } from '../read-model-sql.ts';
import { sqliteCode } from './connection.ts';
import { IN_TIME_FUNCTION } from './read-clock.ts';
import type { Cell } from '../tables.ts';

/** The SQL of SQLite. Bulk statements are prepared once and run for each row. */
export const sqliteSql: ReadModelSql = {
  // Only a column of exactly this type becomes an alias of the row id.
  columnTypes: { text: 'text', integer: 'integer' },

  now: sql`strftime('%Y-%m-%dT%H:%M:%fZ', 'now')`,

  indexes: sql`(select name from sqlite_schema where type = 'index') as indexes`,

  beginningOf: () => null,

  // A write transaction acquires the file's only lock at its beginning.
  lock: () => Promise.resolve(),

  listed: (values) => sql`(select value from json_each(${JSON.stringify(values)}))`,
  listedNumbers: (values) => sql`(select value from json_each(${JSON.stringify(values)}))`,

  // Only reads have a time limit, and SQLite has no statistics here.
  liftTimeLimit: () => Promise.resolve(),
  updateStatistics: () => Promise.resolve(),

  async upsert(db, { name, columns, key }, rows) {
    const names = Object.keys(columns);
    const changes = names
      .filter((column) => column !== key)
      .map((column) => `"${column}" = excluded."${column}"`);
    const statement = sql`insert into ${sql.table(name)} (${listedColumns(names)}) values (${marks(names)})
      on conflict ("${sql.raw(key)}") do update set ${sql.raw(changes.join(', '))}`;
    await runForEach(db, statement, names, rows);
  },

  async update(db, { name, key }, changed, rows) {
    const changes = changed.map((column) => `"${column}" = ?`).join(', ');
    const statement = sql`update ${sql.table(name)} set ${sql.raw(changes)} where "${sql.raw(key)}" = ?`;
    await runForEach(db, statement, [...changed, key], rows);
  },

  /**
   * The texts stay in their table, whose triggers update the index. It has no sizes of texts, which only ranking needs.
   * `secure-delete` removes words without a trace.
   */
  async createSearch(db, { name, table }) {
    const add = `insert into ${name} (rowid, text) values (new.id, new.text);`;
    const remove = `insert into ${name} (${name}, rowid, text) values ('delete', old.id, old.text);`;
    const statements = [
      `create virtual table ${name} using fts5(text, content = '${table}', content_rowid = 'id', columnsize = 0,
        tokenize = "porter unicode61 remove_diacritics 2")`,
      `insert into ${name} (${name}, rank) values ('secure-delete', 1)`,
      `create trigger ${name}_insert after insert on ${table} begin ${add} end`,
      `create trigger ${name}_delete after delete on ${table} begin ${remove} end`,
      `create trigger ${name}_update after update on ${table} begin ${remove} ${add} end`,
    ];
    for (const statement of statements) await sql.raw(statement).execute(db);
  },

  async isSearchWhole(db, { name }) {
    try {
      await sql.raw(`insert into ${name} (${name}, rank) values ('integrity-check', 1)`).execute(db);
      return true;
    } catch (error) {
      // Files report it as the cause of their damage.
      if ([error, (error as Error).cause].some((each) => sqliteCode(each) === 'SQLITE_CORRUPT_VTAB'))
        return false;
      throw error;
    }
  },

  searched: ({ name }) => sql`${sql.table(name)} as found`,
  foundId: 'found.rowid',
  withWords: (_, phrases) => Promise.resolve(phrases.filter((phrase) => WORD.test(phrase))),
  matches: (phrases, many) => sql`found.text match ${expressionOf(phrases, many)}`,
  excerpt: ({ name }) =>
    sql`snippet(${sql.table(name)}, 0, ${MATCH_MARKS.start}, ${MATCH_MARKS.stop}, '…', ${sql.lit(EXCERPT_WORDS)})`,

  // It depends on a column, so that SQLite evaluates it for each row and not once per query.
  inTime: (column) => sql`${sql.raw(IN_TIME_FUNCTION)}(${sql.ref(column)})`,
};

/** A character of a word for the tokenizer: a letter, a digit or one for private use. */
const WORD = /[\p{L}\p{N}\p{Co}]/u;

/** Returns an FTS5 expression. All phrases are quoted, so that none contains an operator. */
const expressionOf = (phrases: readonly string[], many: 'all' | 'any'): string =>
  phrases.map((phrase) => `"${phrase.replaceAll(/["\0]/g, ' ')}"`).join(many === 'all' ? ' AND ' : ' OR ');

const listedColumns = (names: readonly string[]): RawBuilder<unknown> =>
  sql.raw(names.map((column) => `"${column}"`).join(', '));

const marks = (names: readonly string[]): RawBuilder<unknown> => sql.raw(names.map(() => '?').join(', '));

/** The number of rows that are bound at once: so few that the garbage collector frees them cheaply. */
const ROWS_AT_ONCE = 250;

/** Runs a statement for each row; its `?` parameters are in the order of the columns. */
async function runForEach(
  db: Kysely<unknown>,
  statement: RawBuilder<unknown>,
  columns: readonly string[],
  rows: Rows,
): Promise<void> {
  if (rows.length === 0) return;
  const text = statement.compile(db).sql;
  for (let from = 0; from < rows.length; from += ROWS_AT_ONCE) {
    const part = rows.slice(from, from + ROWS_AT_ONCE) as readonly Readonly<Record<string, Cell>>[];
    const cells = part.map((row) => columns.map((column) => row[column] ?? null));
    await db.executeQuery(CompiledQuery.raw(text, cells));
  }
}
