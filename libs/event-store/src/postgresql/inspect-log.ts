import type { Pool } from 'pg';
import { hasCode, messageOf } from '#event-sourcing/errors';
import type {
  LogParts,
  LogRows,
  RowPage,
  StatedHash,
  StoredEntry,
  StoredRow,
} from '#event-sourcing/event-store';
import type { PostgresqlAddress } from '#postgresql/address';
import { openPool, TIMEOUTS } from '#postgresql/pool';
import { entryOf, HASH_TAIL, statedHash, strayEntry } from '../inspect-row.ts';
import { withStoreErrors } from './unavailable.ts';

const PAGE_ROWS = 512;
const PAGE_HASHES = 1_000;
const PAGE_BYTES_MAX = 8 * 1024 * 1024;
const BEFORE_ALL = String(-(2n ** 63n));
const LAST_OF_ALL = String(2n ** 63n - 1n);

type Row = [
  position: string,
  stream: string,
  name: Buffer | null,
  version: number,
  commandId: string | null,
  envelope: string,
];

/** The rows of a log in a schema's tables. */
export class PostgresqlRows implements LogRows, LogParts {
  readonly opened: LogParts['opened'];
  readonly #pool: Pool;
  readonly #address: PostgresqlAddress;

  constructor(pool: Pool, address: PostgresqlAddress) {
    this.opened = { module: import.meta.url, options: address };
    this.#pool = pool;
    this.#address = address;
  }

  async *after(position: string | null): AsyncGenerator<RowPage> {
    yield* orDamage(rowsOf(this.#pool, this.#address, { after: position ?? BEFORE_ALL }));
  }

  between(after: string, to: string): AsyncGenerator<RowPage> {
    return rowsOf(this.#pool, this.#address, { after, to });
  }

  ofStream(streamId: string): AsyncGenerator<RowPage> {
    return orDamage(rowsOf(this.#pool, this.#address, { after: BEFORE_ALL, streamId }));
  }

  async next(after: string | null): Promise<string | null> {
    const text = `SELECT min(position) FROM "${this.#address.schema}".events WHERE position > $1::bigint`;
    const { rows } = await withStoreErrors(this.#address, () =>
      this.#pool.query<[string | null]>({ text, values: [after ?? BEFORE_ALL], rowMode: 'array' }),
    );
    return rows[0]?.[0] ?? null;
  }

  async *beside(): AsyncGenerator<StoredEntry> {
    for await (const page of orDamage(pagesOf(inspectTables(this.#pool, this.#address))))
      yield* page.map(entryOf);
  }

  async *hashes(): AsyncGenerator<readonly StatedHash[]> {
    const events = `"${this.#address.schema}".events`;
    const page = `SELECT position, right(envelope, ${HASH_TAIL}) FROM ${events}
      WHERE position > $1::bigint ORDER BY position LIMIT ${PAGE_HASHES}`;
    const whole = `SELECT envelope FROM ${events} WHERE position = $1::bigint`;
    const query = async <R extends unknown[]>(text: string, value: string): Promise<R[]> =>
      (
        await withStoreErrors(this.#address, () =>
          this.#pool.query<R>({ text, values: [value], rowMode: 'array' }),
        )
      ).rows;
    for (let after = BEFORE_ALL; ;) {
      const rows = await query<[string, string]>(page, after);
      const [last] = rows.at(-1) ?? [];
      if (last === undefined) return;
      yield await Promise.all(
        rows.map(async ([position, tail]): Promise<StatedHash> => {
          const hash = statedHash(tail, () => undefined);
          if (hash !== null) return [position, hash];
          const [row] = await query<[string]>(whole, position);
          return [position, statedHash('', () => row?.[0])];
        }),
      );
      after = last;
    }
  }
}

/** The number of connections of a thread, which processes one part while it requests the next. */
const THREAD_CONNECTIONS = 2;

export const openRows = (address: PostgresqlAddress): Promise<LogRows> =>
  Promise.resolve(
    new PostgresqlRows(openPool(address, { max: THREAD_CONNECTIONS, pipeline: false }, TIMEOUTS), address),
  );

async function* orDamage(pages: AsyncGenerator<RowPage>): AsyncGenerator<RowPage> {
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

interface Which {
  readonly after: string;
  readonly to?: string;
  readonly streamId?: string;
}

async function* rowsOf(
  pool: Pool,
  address: PostgresqlAddress,
  { after: from, to = LAST_OF_ALL, streamId }: Which,
): AsyncGenerator<StoredRow[]> {
  const schema = `"${address.schema}"`;
  const which =
    streamId === undefined
      ? ''
      : `AND stream = (SELECT id FROM ${schema}.streams WHERE sha256(name) = sha256($3))`;
  const text = `
    SELECT e.position, e.stream, s.name, e.version, e.command_id, e.envelope FROM (
      SELECT *, sum(octet_length(envelope)) OVER (ORDER BY position ROWS UNBOUNDED PRECEDING)
        - octet_length(envelope) AS bytes_before
      FROM (SELECT * FROM ${schema}.events WHERE position > $1::bigint AND position <= $2::bigint ${which}
        ORDER BY position LIMIT ${PAGE_ROWS}) AS page
    ) AS e LEFT JOIN ${schema}.streams s ON s.id = e.stream
    WHERE e.bytes_before < ${PAGE_BYTES_MAX} ORDER BY e.position`;
  for (let after = from; after !== to;) {
    const values = [after, to, ...(streamId === undefined ? [] : [Buffer.from(streamId)])];
    const { rows } = await withStoreErrors(address, () =>
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
    after = rows.at(-1)?.[0] ?? to;
  }
}

/** Reports streams without events, duplicate names, and triggers or rules that others added to the tables. */
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
  const tables = `('${schema}.events'::regclass, '${schema}.streams'::regclass)`;
  const added = await query<[string]>(
    `SELECT 'trigger ' || tgname FROM pg_trigger WHERE tgrelid IN ${tables} AND NOT tgisinternal
     UNION ALL SELECT 'rule ' || rulename FROM pg_rewrite WHERE ev_class IN ${tables}
     UNION ALL SELECT 'index ' || indexrelid::regclass || ' that is not valid' FROM pg_index
       WHERE indrelid IN ${tables} AND NOT indisvalid`,
  );
  for (const [what] of added) yield strayEntry(null, `the tables have an unknown object: ${what}`);
}
