import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import { EXCERPT_WORDS, MATCH_MARKS } from '../read-model-sql.ts';
import type { ReadModelSql, Rows } from '../read-model-sql.ts';
import type { Cell, TableDefinition } from '../tables.ts';

/** The length of a text in an index. Few titles have this many first characters in common. */
const INDEXED_LENGTH = 500;

/** The time limit of a statement that reads a whole table: one hour. */
const LONG_MS_MAX = 3_600_000;

/** The number of characters of a text that are indexed: their words fit into the largest vector, 1 MB. */
const SEARCHED_LENGTH = 100_000;

type SearchSql = Pick<
  ReadModelSql,
  'createSearch' | 'isSearchWhole' | 'searched' | 'foundId' | 'withWords' | 'matches' | 'excerpt'
>;

/** A search is a column of the table, computed from the text, with an index. */
const searchSql: SearchSql = {
  async createSearch(db, { table: name }) {
    await sql`alter table ${sql.raw(name)} add column lexemes tsvector
      generated always as (to_tsvector('english', left(text, ${sql.lit(SEARCHED_LENGTH)}))) stored`.execute(
      db,
    );
    await sql`create index ${sql.raw(`${name}_by_lexemes`)} on ${sql.raw(name)} using gin (lexemes)`.execute(
      db,
    );
  },

  // The rows, which contain the words, are compared like all others.
  isSearchWhole: () => Promise.resolve(true),

  searched: ({ table }) => sql`${sql.table(table)} as found`,
  foundId: 'found.id',

  // A phrase of stop words, such as "the", contains no word for the index.
  async withWords(db, phrases) {
    const { rows } = await sql<{ phrase: string }>`select phrase from unnest(${phrases}::text[]) as phrase
      where numnode(phraseto_tsquery('english', phrase)) > 0`.execute(db);
    return rows.map(({ phrase }) => phrase);
  },

  matches: (phrases, many) => sql`found.lexemes @@ ${queryOf(phrases, many)}`,
  excerpt: (_, phrases) => sql`ts_headline('english', found.text, ${queryOf(phrases, 'any')}, ${HEADLINE})`,
};

const HEADLINE = `StartSel=${MATCH_MARKS.start}, StopSel=${MATCH_MARKS.stop}, MaxWords=${EXCERPT_WORDS}, MinWords=${EXCERPT_WORDS / 2}`;

/** Returns a query. PostgreSQL reads no operators in these phrases. */
const queryOf = (phrases: readonly string[], many: 'all' | 'any'): RawBuilder<unknown> =>
  sql`(${sql.join(
    phrases.map((phrase) => sql`phraseto_tsquery('english', ${phrase})`),
    many === 'all' ? sql` && ` : sql` || `,
  )})`;

/** The SQL of PostgreSQL. Bulk statements have one array parameter per column. */
export const postgresqlSql: ReadModelSql = {
  // The database's default collation may be that of a language.
  columnTypes: { text: sql`text collate "C"`, integer: sql`bigint` },

  now: sql`to_char(clock_timestamp() at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`,

  indexes: sql`(select indexname as name from pg_indexes where schemaname = current_schema()) as indexes`,

  // An index entry can have 2.7 KB, and a character up to 4 bytes.
  beginningOf: (text) => sql`left(${text}, ${sql.lit(INDEXED_LENGTH)})`,

  // This mode excludes itself, but no other statements.
  async lock(trx, table) {
    await sql`lock table ${sql.table(table)} in share update exclusive mode`.execute(trx);
  },

  listed: (values) => sql`(select unnest(${values}::text[]))`,
  listedNumbers: (values) => sql`(select unnest(${values}::bigint[]))`,

  async liftTimeLimit(trx) {
    await sql`set local statement_timeout = ${sql.lit(LONG_MS_MAX)}`.execute(trx);
  },

  // Until autovacuum has run, the planner assumes that new tables are empty, and an index-only scan visits the table for
  // every row. A table that another node settles is skipped.
  async updateStatistics(db, tables) {
    await db.connection().execute(async (connection) => {
      await sql`set statement_timeout = ${sql.lit(LONG_MS_MAX)}`.execute(connection);
      try {
        for (const name of tables)
          await sql`vacuum (analyze, skip_locked) ${sql.table(name)}`.execute(connection);
      } finally {
        await sql`reset statement_timeout`.execute(connection);
      }
    });
  },

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

  ...searchSql,

  // The server enforces the limit itself.
  inTime: () => sql`true`,
};

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
