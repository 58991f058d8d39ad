export type Cell = string | number | null;

/** A text is short enough for an index of any database, unless it is said to be long. */
type ColumnType = 'text' | 'text or null' | 'long text' | 'long text or null' | 'integer' | 'integer or null';

/** A table of a read model, as data: it is created anew for each generation, and compared with the one before. */
export interface TableDefinition {
  readonly name: string;
  readonly columns: Readonly<Record<string, ColumnType>>;
  /** The column that identifies a row; the same in every generation. */
  readonly key: string;
  /** For queries alone: a fold reads by keys, since these are made when it has come to the log's end. */
  readonly indexes: readonly (readonly string[])[];
}

/** A full-text index over the column `text` of one of the tables. */
export interface SearchDefinition {
  readonly name: string;
  readonly table: string;
  /** Which texts it has, by their ids; all where it is absent. */
  readonly holds?: (id: number) => boolean;
}

/** What a table of a generation is called in the database. */
export const tableInGeneration = (table: string, generation: number): string => `${table}_g${generation}`;
