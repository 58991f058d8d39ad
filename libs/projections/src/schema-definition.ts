/** How a kind of database declares columns and tables; texts compare byte by byte, as UTF-8. */
export interface Declarations {
  readonly isFile: boolean;
  readonly text: string;
  readonly integer: string;
  /** A column with the row's number as its key. */
  readonly number: string;
  /** The table options after the columns. */
  readonly strict: string;
}

type ErrorAt = new (where: string, detail: string, options?: ErrorOptions) => Error;

/** A versioned set of tables in a file, or in a schema of a server. */
export interface SchemaDefinition {
  /** The name of the tables in messages, such as `outbox`. */
  readonly what: string;
  /** Four letters that identify such a file, and separate its locks on a server from others. */
  readonly letters: string;
  /** The table on a server that stores the version of the others. */
  readonly versions: string;
  /** One of the other tables: if it exists without `versions`, the schema belongs to another application. */
  readonly known: string;
  /** The statements of each version, in order. */
  readonly migrations: (declarations: Declarations) => readonly string[];
  /** The oldest file version that is migrated. */
  readonly oldestFile: number;
  /** What to do about a file of another version. */
  readonly advice: string;
  /** Something else is at the address, or it cannot be opened. */
  readonly Unusable: ErrorAt;
  /** The server cannot be reached or is overloaded. */
  readonly Unavailable: ErrorAt;
}
