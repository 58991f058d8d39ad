/** What a kind of database declares columns and tables as; texts compare byte by byte, as UTF-8. */
export interface Declarations {
  readonly isFile: boolean;
  readonly text: string;
  readonly integer: string;
  /** A column that numbers its table's rows. */
  readonly number: string;
  /** What is behind the columns of a table. */
  readonly strict: string;
}

type ErrorAt = new (where: string, detail: string, options?: ErrorOptions) => Error;

/** Tables of one part of Docket that are in a file or in a schema of a server, and know of which version they are. */
export interface SchemaDefinition {
  /** What the tables are, for messages: `outbox`. */
  readonly what: string;
  /** Four letters that say whose a file is, and keep locks on a server from those of others. */
  readonly letters: string;
  /** The table of a server that says of which version the others are. */
  readonly versions: string;
  /** One of the others: where it is without `versions`, the schema is another application's. */
  readonly known: string;
  /** What each version adds to the one before. */
  readonly migrations: (declarations: Declarations) => readonly string[];
  /** The oldest version of a file that is migrated. */
  readonly oldestFile: number;
  /** What to do about a file of another version. */
  readonly advice: string;
  /** What is there is something else, or cannot be opened. */
  readonly Unusable: ErrorAt;
  /** The server of an open one cannot be reached now, or takes no more. */
  readonly Unavailable: ErrorAt;
}
