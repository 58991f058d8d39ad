import { CompiledQuery, sql } from 'kysely';
import type { Kysely, RawBuilder } from 'kysely';
import type { ReadModelSql, Rows } from '../read-model-sql.ts';
import { inTimeCondition } from './read-clock.ts';
import { tableInGeneration } from '../tables.ts';
import type { Cell, SearchDefinition } from '../tables.ts';
import type { TextWords } from '../text-words.ts';
import { holdsCondition, mayHoldCondition } from './matched-terms.ts';

/** Bulk statements are prepared once, and run for each row. */
export const sqliteSql = (words: TextWords): ReadModelSql => ({
  // The key has exactly this type where it is the table's own number.
  columnTypes: { text: 'text', integer: 'integer' },

  now: sql`strftime('%Y-%m-%dT%H:%M:%fZ', 'now')`,

  tables: sql`(select name from sqlite_schema where type = 'table') as tables`,

  indexes: sql`(select name from sqlite_schema where type = 'index') as indexes`,

  daysBetween: (from, to) => sql`cast(julianday(${to}) - julianday(${from}) as integer)`,

  beginningOf: () => null,

  // A transaction that writes holds the file's one lock from its beginning.
  lock: () => Promise.resolve(),

  listed: (values) => sql`(select value from json_each(${JSON.stringify(values)}))`,
  listedNumbers: (values) => sql`(select value from json_each(${JSON.stringify(values)}))`,

  foundForEach: (values, { columns, table, stretch: { of, column, to }, where }) =>
    sql`(select ${columns} from (values ${sql.join(values)}) as each cross join ${table}
      where ${of} = each.column1 and ${column} > each.column2 and ${column} <= ${to} and ${where})`,

  // No limit but a read's, and no figures of what tables hold.
  unhurried: () => Promise.resolve(),
  settle: () => Promise.resolve(),

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
   * The texts stay in their table; the index has the stems of their words, and no sizes, since nothing is ranked by them.
   * `secure-delete`: what is removed leaves no trace in the index. Beginnings of two and three letters are indexed of themselves.
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
  holds: (terms) => holdsCondition(words, terms),
  holdsOfFew: (terms) => holdsCondition(words, terms, 1),
  looksIntoFew: false,
  mayHold: (terms) => mayHoldCondition(words, terms),

  inTime: inTimeCondition,
});

/** What the index is given of a text: as it is added, so it has to be removed. */
const indexed = (words: TextWords, text: string): string => words.stemsOf(text).join(' ');

/** FTS5 takes its commands through a column that has the index's own name. */
const ownColumn = ({ name }: SearchDefinition, generation: number): RawBuilder<unknown> =>
  sql.raw(tableInGeneration(name, generation));

const listedColumns = (names: readonly string[]): RawBuilder<unknown> =>
  sql.raw(names.map((column) => `"${column}"`).join(', '));

const marks = (names: readonly string[]): RawBuilder<unknown> => sql.raw(names.map(() => '?').join(', '));

/** So few that their cells are garbage while it is cheap to collect. */
const ROWS_AT_ONCE = 250;

/** Runs a statement, which names its parameters in this order by `?`, for each row. */
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
