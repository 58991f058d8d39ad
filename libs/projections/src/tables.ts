export type Cell = string | number | null;

/** A text fits into any database's index unless declared as long. */
type ColumnType = 'text' | 'text or null' | 'long text' | 'long text or null' | 'integer' | 'integer or null';

/** A read model's table, as data: each generation creates it again, and it can be compared with the previous one. */
export interface TableDefinition {
  readonly name: string;
  readonly columns: Readonly<Record<string, ColumnType>>;
  /** The column that identifies a row; the same in every generation. */
  readonly key: string;
  /** For queries only: folds use keys, since the indexes are created at the end of the log. */
  readonly indexes: readonly (readonly string[])[];
}

/** A full-text index over the column `text` of one of the tables. */
export interface SearchDefinition {
  readonly name: string;
  readonly table: string;
  /** Which texts it contains, by id; absent for all. */
  readonly includes?: (id: number) => boolean;
}

/** Returns the database's name for a table of a generation. */
export const tableInGeneration = (table: string, generation: number): string => `${table}_g${generation}`;
