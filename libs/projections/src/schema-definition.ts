/** The declarations of columns and tables in a kind of database. Texts are compared byte by byte, as UTF-8. */
export interface Declarations {
  readonly isFile: boolean;
  readonly text: string;
  readonly integer: string;
  /** The type of a column that contains the row's number as its key. */
  readonly number: string;
  /** The options of a table, after its columns. */
  readonly strict: string;
}

type ErrorAt = new (where: string, detail: string, options?: ErrorOptions) => Error;

/** A versioned set of tables in a file, or in a schema of a server. */
export interface SchemaDefinition {
  /** The name of the tables in messages, such as `outbox`. */
  readonly what: string;
  /** Four letters that identify such a file, and that distinguish its locks on a server from others. */
  readonly letters: string;
  /** The table on a server with the version of the other tables. */
  readonly versions: string;
  /** One of the other tables. If it exists without `versions`, the schema belongs to another application. */
  readonly known: string;
  readonly version: number;
  /** Returns the SQL that creates the tables. */
  readonly tables: (declarations: Declarations) => string;
  /** The advice in the error for a file of another version. */
  readonly advice: string;
  /** The error if something else is at the address, or it cannot be opened. */
  readonly Unusable: ErrorAt;
  /** The error if the server cannot be reached or is overloaded. */
  readonly Unavailable: ErrorAt;
}
