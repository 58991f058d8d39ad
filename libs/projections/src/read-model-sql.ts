import type { ColumnDataType, Kysely, RawBuilder, SqlBool, Transaction } from 'kysely';
import type { OperationalTables, SetTables } from './operational-tables.ts';
import type { SearchDefinition, TableDefinition } from './tables.ts';

/** Rows whose members are `Cell`s, by column name. */
export type Rows = readonly object[];

/** The characters around a match in an excerpt. They are for private use, so a text hardly contains them. */
export const MATCH_MARKS = { start: '\u{e000}', stop: '\u{e001}' } as const;
/** The number of words of an excerpt. */
export const EXCERPT_WORDS = 24;

/**
 * The SQL in which databases differ. Each database implements it, in addition to a Kysely dialect. Bulk statements have
 * a fixed number of parameters, so that their text does not depend on the number of rows.
 */
export interface ReadModelSql {
  /** The column types. Texts are compared byte by byte, as UTF-8. */
  readonly columnTypes: Readonly<Record<'text' | 'integer', ColumnDataType | RawBuilder<unknown>>>;

  /** The current time by the database's clock, in the form of `Date.toISOString`. The clocks of nodes may differ. */
  readonly now: RawBuilder<string>;

  /** The names of a set's indexes, as a table with the column `name`. */
  readonly indexes: RawBuilder<unknown>;

  /**
   * Returns the part of a long text that an index contains, whose order is consistent with that of the full texts; null
   * if the index contains the full text.
   */
  beginningOf(text: RawBuilder<unknown>): RawBuilder<string> | null;

  /** Excludes others who lock the same table, until the transaction ends. */
  lock(trx: Transaction<OperationalTables>, table: keyof OperationalTables): Promise<void>;

  /** Returns the values as a list for `in`. */
  listed(values: readonly string[]): RawBuilder<string>;
  listedNumbers(values: readonly number[]): RawBuilder<number>;

  /** Inserts rows, or replaces those with the same key. */
  upsert(db: Kysely<unknown>, table: TableDefinition, rows: Rows): Promise<void>;

  /** Updates some columns of existing rows, without changing indexes of other columns. */
  update(db: Kysely<unknown>, table: TableDefinition, changed: readonly string[], rows: Rows): Promise<void>;

  /** Removes the time limit in a transaction, for statements that read whole tables and for which no one waits. */
  liftTimeLimit(trx: Transaction<SetTables>): Promise<void>;

  /** Updates the statistics of newly filled tables, so that the database plans queries well at once. */
  updateStatistics(db: Kysely<SetTables>, tables: readonly string[]): Promise<void>;

  /** Creates a full-text index, which the database updates together with the table. */
  createSearch(db: Kysely<unknown>, search: SearchDefinition): Promise<void>;

  /** Returns whether a full-text index has the words of its table's texts, and no others. */
  isSearchWhole(db: Kysely<SetTables>, search: SearchDefinition): Promise<boolean>;

  /** Returns the texts of an index, as a table with the alias `found`. */
  searched(search: SearchDefinition): RawBuilder<unknown>;

  /** The column with the text's id in that table. */
  readonly foundId: string;

  /** Returns the phrases that contain a word for the index. */
  withWords(db: Kysely<unknown>, phrases: readonly string[]): Promise<readonly string[]>;

  /** Returns the condition that a text of `found` contains all or any of these phrases. A phrase can be one word. */
  matches(phrases: readonly string[], many: 'all' | 'any'): RawBuilder<SqlBool>;

  /** Returns a part of a text of `found` that contains some of these phrases, with `MATCH_MARKS` around them. */
  excerpt(search: SearchDefinition, phrases: readonly string[]): RawBuilder<string>;

  /**
   * Returns a condition that is true until the read's time limit, and then ends the read. Every query that may scan
   * many rows needs it in `where`, on a column of the scanned table (`table.column` if ambiguous), and in a join once
   * for each large table.
   */
  inTime(column: string): RawBuilder<SqlBool>;
}
