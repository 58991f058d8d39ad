import type { ColumnDataType, Kysely, RawBuilder, SqlBool, Transaction } from 'kysely';
import type { MetaTables } from './meta-tables.ts';
import type { SearchDefinition, TableDefinition } from './tables.ts';
import type { TextWords } from './text-words.ts';
import type { TextTerm } from './tokenizer.ts';

/** Rows whose members are `Cell`s, by column name. */
export type Rows = readonly object[];

export interface FoundForEach {
  readonly columns: RawBuilder<unknown>;
  /** A table, under the alias used in the columns and the condition. */
  readonly table: RawBuilder<unknown>;
  /** The first two columns of an index: the first equals `each.column1`, the second is after `each.column2` and at most `to`. */
  readonly stretch: {
    readonly of: RawBuilder<unknown>;
    readonly column: RawBuilder<unknown>;
    readonly to: string | bigint;
  };
  readonly where: RawBuilder<SqlBool>;
}

/** A text in a search index. */
interface SearchedText {
  readonly id: number;
  readonly text: string;
}

/**
 * What the read models need beyond common SQL. Each database implements it, besides a Kysely dialect.
 * Bulk statements use a fixed number of parameters, so that their text does not depend on the number of rows.
 */
export interface ReadModelSql {
  /** The column types; texts compare byte by byte, as UTF-8. */
  readonly columnTypes: Readonly<Record<'text' | 'integer', ColumnDataType | RawBuilder<unknown>>>;

  /** The current time by the database's clock, as written by `Date.toISOString`. Nodes' clocks may differ. */
  readonly now: RawBuilder<string>;

  /** The names of its tables, as a table with the column `name`. */
  readonly tables: RawBuilder<unknown>;

  /** The names of its indexes, in the same form. */
  readonly indexes: RawBuilder<unknown>;

  /** Returns the whole days between two plain dates. */
  daysBetween(from: RawBuilder<unknown>, to: RawBuilder<unknown>): RawBuilder<number>;

  /**
   * Returns the part of a long text that an index contains, whose order precedes that of the full texts; null if it contains them
   * whole.
   */
  beginningOf(text: RawBuilder<unknown>): RawBuilder<string> | null;

  /** Acquires the projection's lock until the transaction ends. */
  lock(trx: Transaction<MetaTables>, projection: string): Promise<void>;

  /** Returns the values as a list for `in`. */
  listed(values: readonly string[]): RawBuilder<string>;
  listedNumbers(values: readonly number[]): RawBuilder<number>;

  /** Selects the rows in one of several ranges, `(each.column1, each.column2)`, that match a condition, with an index look-up per range. */
  foundForEach(values: readonly RawBuilder<unknown>[], found: FoundForEach): RawBuilder<unknown>;

  /** Inserts rows, or replaces those with the same key. */
  upsert(db: Kysely<unknown>, table: TableDefinition, rows: Rows): Promise<void>;

  /** Updates some columns of existing rows, without touching indexes of other columns. */
  update(db: Kysely<unknown>, table: TableDefinition, changed: readonly string[], rows: Rows): Promise<void>;

  /** Lifts the time limit in a transaction: for statements that read whole tables and that no one waits for. */
  unhurried(trx: Transaction<MetaTables>): Promise<void>;

  /** Updates the statistics of tables that were just filled, so that the database plans queries well at once. */
  settle(db: Kysely<MetaTables>, tables: readonly string[]): Promise<void>;

  /** Creates a generation's full-text index, empty. */
  createSearch(db: Kysely<unknown>, search: SearchDefinition, generation: number): Promise<void>;

  /** Indexes texts just inserted into their table, in the order of their ids. */
  addToSearch(db: Kysely<unknown>, search: SearchDefinition, texts: readonly SearchedText[]): Promise<void>;

  /** Removes texts from the index while they are still in their table. */
  removeFromSearch(
    db: Kysely<unknown>,
    search: SearchDefinition,
    generation: number,
    texts: readonly SearchedText[],
  ): Promise<void>;

  /** Splits texts into words as the search does. */
  readonly words: Pick<TextWords, 'of' | 'marksIn'>;

  /** The column with the text's id in a search that a query names `found`. */
  readonly foundId: string;

  /**
   * Whether a text of the search named `found` contains all of these terms. Always correct, but may scan texts one by one, so it
   * belongs after cheaper conditions.
   */
  matches(terms: readonly TextTerm[]): RawBuilder<SqlBool>;

  /** The same for a query that restricts the ids to a few texts. */
  matchesFew(terms: readonly TextTerm[]): RawBuilder<SqlBool>;

  /** Whether `matchesFew` reads only those texts, even for a prefix; otherwise it first collects all words with the prefix. */
  readonly looksIntoFew: boolean;

  /**
   * A weaker condition that reads no texts: true for every match of `matches`, and for some others. Null if `matches` reads no texts
   * itself.
   */
  mayMatch(terms: readonly TextTerm[]): RawBuilder<SqlBool> | null;

  /**
   * A condition that is true until the read's time limit and then ends the read. Every query that may scan many rows needs it in
   * `where`, on a column of the scanned table (`table.column` if ambiguous), and in a join once for each large table.
   */
  inTime(column: string): RawBuilder<SqlBool>;
}
