/** Where tables of ours are on a PostgreSQL server. */
export interface PostgresqlAddress {
  /** What the driver connects with, password included: never to be printed. */
  readonly connectionString: string;
  /** The schema that holds them: several stores may share a database. */
  readonly schema: string;
  /** The address as people may see it. */
  readonly shown: string;
}

const DEFAULT_SCHEMA = 'docket';
/** PostgreSQL's limit is 63 bytes; the channel of the hints has a prefix, and what lies beside a store a suffix. */
const STORE_LENGTH_MAX = 40;
const BESIDE_LENGTH_MAX = 52;
const SCHEMA_NAME = /^(?!pg_)[a-z_][a-z0-9_]*$/;
const SCHEME = /^postgres(?:ql)?:\/\//;

/** Whether an address names a PostgreSQL server at all. */
export const isPostgresqlAddress = (address: string): boolean => SCHEME.test(address);

/**
 * `postgresql://USER:PASSWORD@HOST:PORT/DATABASE?schema=NAME`, with libpq's parameters (`sslmode`, …) beside `schema`.
 * @param beside the schema where none is named, of what lies beside a store; default: a store's.
 * @throws RangeError for an address of another form; its message holds no password.
 */
export function parsePostgresqlAddress(address: string, beside?: string): PostgresqlAddress {
  // The parser's own error carries what it was given.
  if (!isPostgresqlAddress(address) || !URL.canParse(address)) {
    throw new RangeError(
      'it takes postgresql://USER:PASSWORD@HOST:PORT/DATABASE?schema=NAME, with % codes for what URLs reserve',
    );
  }
  const url = new URL(address);
  if (url.searchParams.has('password')) {
    throw new RangeError('a password stands before the @, or in PGPASSWORD, and not behind the ?');
  }
  const schema = url.searchParams.get('schema') ?? beside ?? DEFAULT_SCHEMA;
  const lengthMax = beside === undefined ? STORE_LENGTH_MAX : BESIDE_LENGTH_MAX;
  if (!SCHEMA_NAME.test(schema) || schema.length > lengthMax) {
    throw new RangeError(
      `the schema "${schema}" is no name of at most ${lengthMax} small letters, digits and _, or begins with pg_`,
    );
  }
  url.searchParams.delete('schema');
  return addressIn(url, schema);
}

/** What the driver takes behind the ?, beside our `schema`. */
const PARAMETERS = [
  'schema',
  'host',
  'port',
  'user',
  'options',
  'application_name',
  'fallback_application_name',
  'client_encoding',
  'ssl',
  'sslmode',
  'sslcert',
  'sslkey',
  'sslrootcert',
  'sslnegotiation',
  'uselibpqcompat',
  'statement_timeout',
  'lock_timeout',
  'query_timeout',
  'idle_in_transaction_session_timeout',
];

/** The parameters of an address that have no effect, and those that there are. */
export function unknownParameters(
  address: string,
): { readonly name: string; readonly known: readonly string[] }[] {
  if (!URL.canParse(address)) return [];
  const names = new Set(new URL(address).searchParams.keys());
  return [...names].filter((name) => !PARAMETERS.includes(name)).map((name) => ({ name, known: PARAMETERS }));
}

/** The schema of what belongs to a store and lies beside it, in the same database: `<its schema>_<what>`. */
export const besideAddress = (
  { connectionString, schema }: PostgresqlAddress,
  what: string,
): PostgresqlAddress => addressIn(new URL(connectionString), `${schema}_${what}`);

function addressIn(url: URL, schema: string): PostgresqlAddress {
  const user = url.username === '' ? '' : `${url.username}@`;
  const shown = `postgresql://${user}${url.host}${url.pathname}?schema=${schema}`;
  return { connectionString: url.href, schema, shown };
}
