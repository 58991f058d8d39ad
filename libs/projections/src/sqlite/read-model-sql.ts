import { CompiledQuery, sql } from 'kysely';
import type { Kysely, RawBuilder } from 'kysely';
import type { ReadModelSql, Rows } from '../read-model-sql.ts';
import { IN_TIME_FUNCTION } from './read-clock.ts';
import { tableInGeneration } from '../tables.ts';
import type { Cell, SearchDefinition } from '../tables.ts';
import type { TextWords } from '../text-words.ts';
import { matchCondition, mayMatchCondition } from './matched-terms.ts';

/** Returns the SQL of SQLite. Bulk statements are prepared once and run for each row. */
export const sqliteSql = (words: TextWords): ReadModelSql => ({
  // Only a column of exactly this type becomes an alias of the row id.
  columnTypes: { text: 'text', integer: 'integer' },

  now: sql`strftime('%Y-%m-%dT%H:%M:%fZ', 'now')`,

  tables: sql`(select name from sqlite_schema where type = 'table') as tables`,

  indexes: sql`(select name from sqlite_schema where type = 'index') as indexes`,

  daysBetween: (from, to) => sql`cast(julianday(${to}) - julianday(${from}) as integer)`,

  beginningOf: () => null,

  // A write transaction acquires the file's only lock at its beginning.
  lock: () => Promise.resolve(),

  listed: (values) => sql`(select value from json_each(${JSON.stringify(values)}))`,
  listedNumbers: (values) => sql`(select value from json_each(${JSON.stringify(values)}))`,

  foundForEach: (values, { columns, table, stretch: { of, column, to }, where }) =>
    sql`(select ${columns} from (values ${sql.join(values)}) as each cross join ${table}
      where ${of} = each.column1 and ${column} > each.column2 and ${column} <= ${to} and ${where})`,

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
   * The texts stay in their table. The index contains the stems of their words without sizes, which only ranking would
   * need. `secure-delete` removes texts without a trace. Prefixes of two and three letters have their own index.
   */
  async createSearch(db, search, generation) {
    const content = sql.raw(tableInGeneration(search.table, generation));
    await sql`create virtual table ${sql.table(search.name)} using fts5(text, content = '${content}',
      content_rowid = 'id', columnsize = 0, prefix = '2 3',
      tokenize = "unicode61 remove_diacritics 2")`.execute(db);
    await sql`insert into ${sql.table(search.name)} (${ownColumn(search, generation)}, rank)
      values ('secure-delete', 1)`.execute(db);
  },

  async addToSearch(db, { name }, texts) {
    const statement = sql`insert into ${sql.table(name)} (rowid, text) values (?, ?)`;
    await runForEach(
      db,
      statement,
      ['id', 'text'],
      texts.map(({ id, text }) => ({ id, text: indexed(words, text) })).toSorted((a, b) => a.id - b.id),
    );
  },

  async removeFromSearch(db, search, generation, texts) {
    for (const { id, text } of texts) {
      await sql`insert into ${sql.table(search.name)} (${ownColumn(search, generation)}, rowid, text)
        values ('delete', ${id}, ${indexed(words, text)})`.execute(db);
    }
  },

  words,
  foundId: 'found.rowid',
  matches: (terms) => matchCondition(words, terms),
  matchesFew: (terms) => matchCondition(words, terms, 1),
  looksIntoFew: false,
  mayMatch: (terms) => mayMatchCondition(words, terms),

  // It depends on a column, so that SQLite evaluates it for each row and not once per query.
  inTime: (column) => sql`${sql.raw(IN_TIME_FUNCTION)}(${sql.ref(column)})`,
});

/** Returns the indexed form of a text, which must be the same when the text is removed. */
const indexed = (words: TextWords, text: string): string => words.stemsOf(text).join(' ');

/** Returns the column with the index's own name, through which FTS5 accepts commands. */
const ownColumn = ({ name }: SearchDefinition, generation: number): RawBuilder<unknown> =>
  sql.raw(tableInGeneration(name, generation));

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
