export type Cell = string | number | null;

/** The type of a column. A text fits into any database's index unless it is declared as long. */
type ColumnType = 'text' | 'text or null' | 'long text' | 'long text or null' | 'integer' | 'integer or null';

/** A row of a table with these columns. */
export type RowOf<Columns extends TableDefinition['columns']> = {
  -readonly [Column in keyof Columns]:
    | (Columns[Column] extends `integer${string}` ? number : string)
    | (Columns[Column] extends `${string}or null` ? null : never);
};

/** The tables of a database by name, for queries. */
export type TablesOf<Table extends TableDefinition> = {
  [Each in Table as Each['name']]: RowOf<Each['columns']>;
};

/** A table of a read model, as data: each set of models creates it again. */
export interface TableDefinition {
  readonly name: string;
  readonly columns: Readonly<Record<string, ColumnType>>;
  /** The column that identifies a row. */
  readonly key: string;
  /**
   * The columns of the indexes, which serve only queries: folds use keys, because the indexes are created at the end of
   * the log.
   */
  readonly indexes: readonly (readonly string[])[];
}

/** A full-text index of the column `text` of one of the tables, whose key is `id`. */
export interface SearchDefinition {
  readonly name: string;
  readonly table: string;
}
