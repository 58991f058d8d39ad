import type { Pool } from 'pg';
import { hasCode, messageOf } from '#event-sourcing/errors';
import type { StoredEntry } from '#event-sourcing/event-store';
import type { PostgresqlAddress } from '#postgresql/address';
import { strayEntry, unusedRedaction } from '../inspect-row.ts';
import type { RowPage, StoredRow } from '../inspect-row.ts';
import { withStoreErrors } from './unavailable.ts';

const PAGE_ROWS = 512;
const PAGE_BYTES_MAX = 8 * 1024 * 1024;
const BEFORE_ALL = String(-(2n ** 63n));

type Row = [
  position: string,
  stream: string,
  name: Buffer | null,
  version: number,
  commandId: string | null,
  envelope: string,
];

/** The rows of a log in a schema's tables. */
export class PostgresqlRows {
  readonly #pool: Pool;
  readonly #address: PostgresqlAddress;

  constructor(pool: Pool, address: PostgresqlAddress) {
    this.#pool = pool;
    this.#address = address;
  }

  /** Yields all rows, or those of a stream, in pages. */
  pages(streamId?: string): AsyncGenerator<RowPage> {
    return orDamage(rowsOf(this.#pool, this.#address, streamId));
  }

  async *beside(): AsyncGenerator<StoredEntry> {
    for await (const page of orDamage(pagesOf(inspectTables(this.#pool, this.#address)))) yield* page;
  }
}

async function* orDamage<Row>(
  pages: AsyncGenerator<readonly Row[]>,
): AsyncGenerator<readonly (Row | StoredEntry)[]> {
  try {
    yield* pages;
  } catch (error) {
    if (!hasCode(error, 'store-damaged')) throw error;
    const detail = `the rest was not checked: ${messageOf(error)}`;
    yield [{ ...strayEntry(null, ''), faults: [{ code: 'unreadable', detail }] }];
  }
}

async function* pagesOf(entries: AsyncIterable<StoredEntry>): AsyncGenerator<[StoredEntry]> {
  for await (const entry of entries) yield [entry];
}

async function* rowsOf(
  pool: Pool,
  address: PostgresqlAddress,
  streamId: string | undefined,
): AsyncGenerator<StoredRow[]> {
  const schema = `"${address.schema}"`;
  const which =
    streamId === undefined
      ? ''
      : `AND stream = (SELECT id FROM ${schema}.streams WHERE sha256(name) = sha256($2))`;
  const text = `
    SELECT e.position, e.stream, s.name, e.version, e.command_id, e.envelope FROM (
      SELECT *, sum(octet_length(envelope)) OVER (ORDER BY position ROWS UNBOUNDED PRECEDING)
        - octet_length(envelope) AS bytes_before
      FROM (SELECT * FROM ${schema}.events WHERE position > $1::bigint ${which}
        ORDER BY position LIMIT ${PAGE_ROWS}) AS page
    ) AS e LEFT JOIN ${schema}.streams s ON s.id = e.stream
    WHERE e.bytes_before < ${PAGE_BYTES_MAX} ORDER BY e.position`;
  let after: string | undefined = BEFORE_ALL;
  while (after !== undefined) {
    const values: unknown[] = [after, ...(streamId === undefined ? [] : [Buffer.from(streamId)])];
    const { rows }: { rows: Row[] } = await withStoreErrors(address, () =>
      pool.query<Row>({ text, values, rowMode: 'array' }),
    );
    yield rows.map(([position, stream, name, version, commandId, envelope]) => ({
      position,
      stream,
      streamId: name?.toString() ?? null,
      version,
      commandId,
      keyAs: 'lower-case',
      envelope,
    }));
    after = rows.at(-1)?.[0];
  }
}

/** Reports streams and redactions without events, duplicate names, and triggers or rules that others added to the tables. */
async function* inspectTables(pool: Pool, address: PostgresqlAddress): AsyncGenerator<StoredEntry> {
  const schema = `"${address.schema}"`;
  const query = async <R extends unknown[]>(text: string): Promise<R[]> =>
    (await withStoreErrors(address, () => pool.query<R>({ text, rowMode: 'array' }))).rows;
  const unused = await query<[Buffer]>(
    `SELECT name FROM ${schema}.streams s WHERE NOT EXISTS (SELECT FROM ${schema}.events e WHERE e.stream = s.id)`,
  );
  for (const [name] of unused) yield strayEntry(name.toString(), "the stream's name has no event");
  const twice = await query<[Buffer]>(`SELECT name FROM ${schema}.streams GROUP BY name HAVING count(*) > 1`);
  for (const [name] of twice) yield strayEntry(name.toString(), "the stream's name occurs twice");
  const misfiled = await query<[string]>(
    `SELECT position FROM ${schema}.redactions r
     WHERE NOT EXISTS (SELECT FROM ${schema}.events e WHERE e.position = r.position)`,
  );
  for (const [position] of misfiled) yield unusedRedaction(position);
  const tables = `('${schema}.events'::regclass, '${schema}.streams'::regclass)`;
  const added = await query<[string]>(
    `SELECT 'trigger ' || tgname FROM pg_trigger WHERE tgrelid IN ${tables} AND NOT tgisinternal
     UNION ALL SELECT 'rule ' || rulename FROM pg_rewrite WHERE ev_class IN ${tables}
     UNION ALL SELECT 'index ' || indexrelid::regclass || ' that is not valid' FROM pg_index
       WHERE indrelid IN ${tables} AND NOT indisvalid`,
  );
  for (const [what] of added) yield strayEntry(null, `the tables have an unknown object: ${what}`);
}
