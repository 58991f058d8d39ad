import type { ColumnDataType, Kysely, RawBuilder, SqlBool, Transaction } from 'kysely';
import type { MetaTables } from './meta-tables.ts';
import type { SearchDefinition, TableDefinition } from './tables.ts';
import type { TextWords } from './text-words.ts';
import type { TextTerm } from './tokenizer.ts';

/** Rows whose members are `Cell`s under the names of the columns. */
export type Rows = readonly object[];

/** What `ReadModelSql.foundForEach` selects. */
export interface FoundForEach {
  readonly columns: RawBuilder<unknown>;
  /** A table with its name in the columns and the condition. */
  readonly table: RawBuilder<unknown>;
  /** Two columns that an index begins with: the first has the value `each.column1`, the second comes after `each.column2`, and at `to` at the latest. */
  readonly stretch: {
    readonly of: RawBuilder<unknown>;
    readonly column: RawBuilder<unknown>;
    readonly to: string | bigint;
  };
  readonly where: RawBuilder<SqlBool>;
}

/** A text as the search sees it. */
interface SearchedText {
  readonly id: number;
  readonly text: string;
}

/**
 * All that the read models ask of a database beyond the SQL that databases share; each database has one of these, and
 * Kysely's dialect for it.
 *
 * Bulk statements take their rows in a fixed number of parameters: their text is the same however many there are.
 */
export interface ReadModelSql {
  /** What columns of a table are declared as; texts compare byte by byte, as UTF-8. */
  readonly columnTypes: Readonly<Record<'text' | 'integer', ColumnDataType | RawBuilder<unknown>>>;

  /** Now, by the database's clock, as `Date.toISOString` writes it: the clocks of several nodes may differ. */
  readonly now: RawBuilder<string>;

  /** The names of its tables, as a table with the column `name`. */
  readonly tables: RawBuilder<unknown>;

  /** The same of its indexes. */
  readonly indexes: RawBuilder<unknown>;

  /** Whole days from one date to another, of columns that hold plain dates. */
  daysBetween(from: RawBuilder<unknown>, to: RawBuilder<unknown>): RawBuilder<number>;

  /** What an index holds of a column of long texts, whose order comes before that of the texts themselves; null where it holds all of them. */
  beginningOf(text: RawBuilder<unknown>): RawBuilder<string> | null;

  /** Waits until nobody else moves a projection, and keeps others from it until the transaction ends. */
  lock(trx: Transaction<MetaTables>, projection: string): Promise<void>;

  /** The values as a list for `in`. */
  listed(values: readonly string[]): RawBuilder<string>;
  listedNumbers(values: readonly number[]): RawBuilder<number>;

  /** The rows of a table that lie in one of some stretches, `(each.column1, each.column2)`, and of which a condition holds: an index is asked for each. */
  foundForEach(values: readonly RawBuilder<unknown>[], found: FoundForEach): RawBuilder<unknown>;

  /** Inserts rows, or replaces those that are there under the same key. */
  upsert(db: Kysely<unknown>, table: TableDefinition, rows: Rows): Promise<void>;

  /** Changes some columns of rows that are there; indexes over other columns are left alone. */
  update(db: Kysely<unknown>, table: TableDefinition, changed: readonly string[], rows: Rows): Promise<void>;

  /** Lets the statements of a transaction take very long: those that have to look at each row of a table, and for which nobody waits. */
  unhurried(trx: Transaction<MetaTables>): Promise<void>;

  /** Lets the database know what tables hold that were filled just now, so that it finds the best way to their rows at once. */
  settle(db: Kysely<MetaTables>, tables: readonly string[]): Promise<void>;

  /** Makes a generation's full-text index, empty. */
  createSearch(db: Kysely<unknown>, search: SearchDefinition, generation: number): Promise<void>;

  /** Indexes texts that were inserted into their table just now, in the order of their ids. */
  addToSearch(db: Kysely<unknown>, search: SearchDefinition, texts: readonly SearchedText[]): Promise<void>;

  /** Takes texts out of the index, while they are still in their table. */
  removeFromSearch(
    db: Kysely<unknown>,
    search: SearchDefinition,
    generation: number,
    texts: readonly SearchedText[],
  ): Promise<void>;

  /** Reads texts as the search does. */
  readonly words: Pick<TextWords, 'of' | 'marksIn'>;

  /** The id of a text in a search that a query names `found`, as the name of its column. */
  readonly foundId: string;

  /**
   * Whether a text of the search that a query names `found` contains all of these terms; always valid. Texts may be looked through for it, one
   * after another: it belongs behind what is told sooner.
   */
  holds(terms: readonly TextTerm[]): RawBuilder<SqlBool>;

  /** The same in a query that names between which ids, of few texts, they are. */
  holdsOfFew(terms: readonly TextTerm[]): RawBuilder<SqlBool>;

  /** Whether `holdsOfFew` looks into those texts alone, also for a beginning of a word: else all words are gathered before that begin so. */
  readonly looksIntoFew: boolean;

  /** What holds of every such text, and of others, and needs no look into texts; null where `holds` needs none. */
  mayHold(terms: readonly TextTerm[]): RawBuilder<SqlBool> | null;

  /**
   * A condition that holds for every row for as long as the read has time, and ends it then. It belongs in the `where` of every query
   * that can look at many rows, over a column (`table.column` where two have it) of the table whose rows it walks through; of a join, of each table that may have many.
   */
  inTime(column: string): RawBuilder<SqlBool>;
}
