import { sql } from 'kysely';
import type { RawBuilder, SqlBool } from 'kysely';
import type { ReadModelSql, Rows } from '../read-model-sql.ts';
import { tableInGeneration } from '../tables.ts';
import type { Cell, TableDefinition } from '../tables.ts';
import { inARow } from '../text-words.ts';
import type { LookUp, TextWords } from '../text-words.ts';
import type { TextTerm } from '../tokenizer.ts';

/** The length of a text in an index. Few titles have this many first characters in common. */
const INDEXED_LENGTH = 500;

/** The time limit of a statement that reads a whole table: one hour. */
const LONG_MS_MAX = 3_600_000;

/**
 * The length of an indexed word; PostgreSQL allows 2 KB. Longer words are looked up by their beginning, and then
 * compared in full.
 */
const LEXEME_LENGTH_MAX = 255;

/**
 * Settles the tables of one projection at a time, because connections are few. Until autovacuum has run, the planner
 * assumes that new tables are empty, and an index-only scan visits the table for every row. A table that another node
 * settles is skipped.
 */
function oneAtATime(settle: ReadModelSql['updateStatistics']): ReadModelSql['updateStatistics'] {
  let last: Promise<unknown> = Promise.resolve();
  return (db, tables) => {
    const own = last.then(() => settle(db, tables));
    last = own.catch(() => undefined);
    return own;
  };
}

/** Returns the SQL of PostgreSQL. Bulk statements have one array parameter per column. */
export const postgresqlSql = (words: TextWords): ReadModelSql => ({
  // The database's default collation may be that of a language.
  columnTypes: { text: sql`text collate "C"`, integer: sql`bigint` },

  now: sql`to_char(clock_timestamp() at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`,

  tables: sql`(select tablename as name from pg_tables where schemaname = current_schema()) as tables`,

  indexes: sql`(select indexname as name from pg_indexes where schemaname = current_schema()) as indexes`,

  daysBetween: (from, to) => sql`(${to}::date - ${from}::date)`,

  // An index entry can have 2.7 KB, and a character up to 4 bytes.
  beginningOf: (text) => sql`left(${text}, ${sql.lit(INDEXED_LENGTH)})`,

  async lock(trx, projection) {
    await sql`select from projections where name = ${projection} for update`.execute(trx);
  },

  listed: (values) => sql`(select unnest(${values}::text[]))`,
  listedNumbers: (values) => sql`(select unnest(${values}::bigint[]))`,

  // PostgreSQL overestimates the number of values and would scan the table; with a limit it looks each value up.
  // Comparing a pair of columns prevents it from using an index on the second column alone, which would return all rows
  // of these days.
  foundForEach: (values, { columns, table, stretch: { of, column, to }, where }) =>
    sql`(select found.* from (values ${sql.join(values)}) as each
      cross join lateral (select ${columns} from ${table}
        where (${of}, ${column}) > (each.column1, each.column2) and (${of}, ${column}) <= (each.column1, ${to})
          and ${where} offset 0) as found)`,

  async liftTimeLimit(trx) {
    await sql`set local statement_timeout = ${sql.lit(LONG_MS_MAX)}`.execute(trx);
  },

  updateStatistics: oneAtATime(async (db, tables) => {
    await db.connection().execute(async (connection) => {
      await sql`set statement_timeout = ${sql.lit(LONG_MS_MAX)}`.execute(connection);
      try {
        for (const name of tables)
          await sql`vacuum (analyze, skip_locked) ${sql.table(name)}`.execute(connection);
      } finally {
        await sql`reset statement_timeout`.execute(connection);
      }
    });
  }),

  async upsert(db, table, rows) {
    const { name, columns, key } = table;
    const names = Object.keys(columns);
    const changes = names
      .filter((column) => column !== key)
      .map((column) => `"${column}" = excluded."${column}"`);
    // A statement must not change a row twice.
    const distinct = [...new Map(rows.map((row) => [(row as Record<string, Cell>)[key], row])).values()];
    for (const part of parts(distinct)) {
      await sql`insert into ${sql.table(name)} (${sql.raw(quoted(names).join(', '))})
        select * from ${lists(table, names, part)} on conflict (${sql.raw(`"${key}"`)})
        do update set ${sql.raw(changes.join(', '))}`.execute(db);
    }
  },

  async update(db, table, changed, rows) {
    const { name, key } = table;
    const changes = changed.map((column) => `"${column}" = batch."${column}"`);
    const names = [key, ...changed];
    for (const part of parts(rows)) {
      await sql`update ${sql.table(name)} set ${sql.raw(changes.join(', '))}
        from ${lists(table, names, part)} as batch (${sql.raw(quoted(names).join(', '))})
        where ${sql.table(name)}.${sql.raw(`"${key}"`)} = batch.${sql.raw(`"${key}"`)}`.execute(db);
    }
  },

  ...searchSql(words),

  // The server enforces the limit itself.
  inTime: () => sql`true`,
});

type SearchSql = Pick<
  ReadModelSql,
  | 'createSearch'
  | 'addToSearch'
  | 'removeFromSearch'
  | 'words'
  | 'foundId'
  | 'matches'
  | 'matchesFew'
  | 'looksIntoFew'
  | 'mayMatch'
>;

/**
 * A search is a table with one row per text: an indexed vector of the stems of its words, with positions. A text can
 * contain 1 MB of different words, more than any record.
 */
const searchSql = (words: TextWords): SearchSql => ({
  async createSearch(db, { name }, generation) {
    const index = sql.raw(`"${tableInGeneration(name, generation)}_by_lexemes"`);
    await sql`create table ${sql.table(name)}
      (id bigint primary key, words text collate "C" not null, lexemes tsvector not null)`.execute(db);
    await sql`create index ${index} on ${sql.table(name)} using gin (lexemes)`.execute(db);
  },

  async addToSearch(db, { name }, texts) {
    for (const part of parts(texts)) {
      const stems = part.map(({ text }) => words.stemsOf(text));
      await sql`insert into ${sql.table(name)} (id, words, lexemes)
        select id, words, array_to_tsvector(string_to_array(lexemes, ' '))
        from unnest(${part.map(({ id }) => id)}::bigint[], ${stems.map(inARow)}::text[],
          ${stems.map((each) => [...new Set(each.map(lexemeOf))].join(' '))}::text[]) as batch (id, words, lexemes)`.execute(
        db,
      );
    }
  },

  async removeFromSearch(db, { name }, _, texts) {
    await sql`delete from ${sql.table(name)} where id = any(${texts.map(({ id }) => id)}::bigint[])`.execute(
      db,
    );
  },

  words,
  foundId: 'found.id',
  matches: (terms) => matchCondition(words, terms),
  matchesFew: (terms) => matchCondition(words, terms),
  looksIntoFew: true,
  mayMatch: () => null,
});

function matchCondition(reader: TextWords, terms: readonly TextTerm[]): RawBuilder<SqlBool> {
  const lookedUp = terms.map((term) => reader.lookUp(term));
  // A term without a word matches no text.
  if (lookedUp.some(({ stems }) => stems.length === 0)) return sql`false`;
  const lexemes = lookedUp.map(lexemesOf).join(' & ');
  const inOrder = terms.filter((_, index) => {
    const { stems = [] } = lookedUp[index] ?? {};
    return stems.length > 1 || stems.some(isCut);
  });
  return sql`(found.lexemes @@ ${lexemes}::tsquery${sql.join(
    inOrder.map((term) => sql` and (${sql.join(reader.patternsOf(term).map(inWords), sql` or `)})`),
    sql``,
  )})`;
}

const inWords = (pattern: string): RawBuilder<SqlBool> => sql`strpos(found.words, ${pattern}) > 0`;

const isCut = (word: string): boolean => word.length > LEXEME_LENGTH_MAX;

function lexemesOf({ stems, prefix, others }: LookUp): string {
  const all = stems.map((stem, index) => {
    const isPrefix = (prefix && index === stems.length - 1) || isCut(stem);
    return `${quotedLexeme(stem)}${isPrefix ? ':*' : ''}`;
  });
  const last = [all.at(-1), ...others.map(quotedLexeme)].join(' | ');
  return [...all.slice(0, -1), `(${last})`].join(' & ');
}

const quotedLexeme = (stem: string): string => `'${lexemeOf(stem).replaceAll(/['\\]/g, '$&$&')}'`;

const lexemeOf = (word: string): string => word.slice(0, LEXEME_LENGTH_MAX).toWellFormed();

const quoted = (names: readonly string[]): string[] => names.map((name) => `"${name}"`);

/** Returns rows as a table with these columns. */
function lists({ columns }: TableDefinition, names: readonly string[], rows: Rows): RawBuilder<unknown> {
  const values = names.map((name) => {
    const list = rows.map((row) => (row as Readonly<Record<string, Cell>>)[name] ?? null);
    return columns[name]?.startsWith('integer') ? sql`${list}::bigint[]` : sql`${list}::text[]`;
  });
  return sql`unnest(${sql.join(values)})`;
}

const ROWS_PER_STATEMENT = 1_000;

function* parts<Row>(rows: readonly Row[]): Generator<readonly Row[]> {
  for (let from = 0; from < rows.length; from += ROWS_PER_STATEMENT)
    yield rows.slice(from, from + ROWS_PER_STATEMENT);
}
