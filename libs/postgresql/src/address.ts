/** The address of a schema on a PostgreSQL server. */
export interface PostgresqlAddress {
  /** The driver's connection string, which contains the password: never print it. */
  readonly connectionString: string;
  /** The schema of the tables: several stores may share a database. */
  readonly schema: string;
  /** The address without the password. */
  readonly shown: string;
}

const DEFAULT_SCHEMA = 'docket';
/**
 * The maximum lengths of schema names. PostgreSQL's limit is 63 bytes; databases beside the store and a schema that is
 * being restored need a suffix.
 */
const STORE_LENGTH_MAX = 40;
const BESIDE_LENGTH_MAX = 52;
const SCHEMA_NAME = /^(?!pg_)[a-z_][a-z0-9_]*$/;
const SCHEME = /^postgres(?:ql)?:\/\//;

export const isPostgresqlAddress = (address: string): boolean => SCHEME.test(address);

/**
 * Parses `postgresql://USER:PASSWORD@HOST:PORT/DATABASE?schema=NAME`, with `schema` and libpq's parameters (`sslmode`, …).
 * @param beside the default schema of a database beside a store. By default, the store's.
 * @throws RangeError for an invalid address. The message contains no password.
 */
export function parsePostgresqlAddress(address: string, beside?: string): PostgresqlAddress {
  // The parser's own error contains the address.
  if (!isPostgresqlAddress(address) || !URL.canParse(address)) {
    throw new RangeError(
      'the address must be postgresql://USER:PASSWORD@HOST:PORT/DATABASE?schema=NAME, with reserved characters as % codes',
    );
  }
  const url = new URL(address);
  if (url.searchParams.has('password')) {
    throw new RangeError('put the password before the @ or in PGPASSWORD, not after the ?');
  }
  const unknown = [...url.searchParams.keys()].find((name) => !PARAMETERS.includes(name));
  if (unknown !== undefined)
    throw new RangeError(`"${unknown}" is not a parameter of the address; use ${PARAMETERS.join(', ')}`);
  const schema = url.searchParams.get('schema') ?? beside ?? DEFAULT_SCHEMA;
  const lengthMax = beside === undefined ? STORE_LENGTH_MAX : BESIDE_LENGTH_MAX;
  if (!SCHEMA_NAME.test(schema) || schema.length > lengthMax) {
    throw new RangeError(
      `the schema "${schema}" must be at most ${lengthMax} lower-case letters, digits and _, and not begin with pg_`,
    );
  }
  url.searchParams.delete('schema');
  return addressIn(url, schema);
}

/** The driver's parameters and our `schema`. */
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

/** Returns the schema of a database beside a store: `<its schema>_<what>`. */
export const besideAddress = (
  { connectionString, schema }: PostgresqlAddress,
  what: string,
): PostgresqlAddress => addressIn(new URL(connectionString), `${schema}_${what}`);

function addressIn(url: URL, schema: string): PostgresqlAddress {
  const user = url.username === '' ? '' : `${url.username}@`;
  const shown = `postgresql://${user}${url.host}${url.pathname}?schema=${schema}`;
  return { connectionString: url.href, schema, shown };
}
