import type { Pool } from 'pg';
import { hasCode, messageOf } from '#event-sourcing/errors';
import type { StoredEntry, StoredRow } from '#event-sourcing/event-store';
import type { PostgresqlAddress } from '#postgresql/address';
import { PositionGaps, strayEntry } from '../inspect-row.ts';
import { asking } from './unavailable.ts';

const PAGE_ROWS = 500;
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

/** Everything in the tables, in the log's order, or what is found under a stream's name. */
export async function* inspectLog(
  pool: Pool,
  address: PostgresqlAddress,
  streamId: string | undefined,
): AsyncGenerator<(StoredEntry | StoredRow)[]> {
  const gaps = new PositionGaps();
  try {
    for await (const rows of rowsOf(pool, address, streamId)) {
      if (streamId === undefined) for (const { position } of rows) gaps.seen(position);
      yield rows;
    }
    if (streamId !== undefined) return;
    yield [...gaps.entries(), ...(await Array.fromAsync(inspectTables(pool, address)))];
  } catch (error) {
    if (!hasCode(error, 'store-damaged')) throw error;
    const detail = `what is behind this place was not looked at: ${messageOf(error)}`;
    yield [{ ...strayEntry(null, ''), faults: [{ code: 'unreadable', detail }] }];
  }
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
  for (let after = BEFORE_ALL; ;) {
    const values = [after, ...(streamId === undefined ? [] : [Buffer.from(streamId)])];
    const { rows } = await asking(address, () => pool.query<Row>({ text, values, rowMode: 'array' }));
    yield rows.map(([position, stream, name, version, commandId, envelope]) => ({
      position,
      stream,
      streamId: name?.toString() ?? null,
      version,
      commandId,
      keyAs: 'lower-case',
      envelope,
    }));
    const last = rows.at(-1);
    if (last === undefined) return;
    [after] = last;
  }
}

/** Names that stand for nothing, or twice; and what others may have put between the tables and who writes to them. */
async function* inspectTables(pool: Pool, address: PostgresqlAddress): AsyncGenerator<StoredEntry> {
  const schema = `"${address.schema}"`;
  const ask = async <R extends unknown[]>(text: string): Promise<R[]> =>
    (await asking(address, () => pool.query<R>({ text, rowMode: 'array' }))).rows;
  const unused = await ask<[Buffer]>(
    `SELECT name FROM ${schema}.streams s WHERE NOT EXISTS (SELECT FROM ${schema}.events e WHERE e.stream = s.id)`,
  );
  for (const [name] of unused)
    yield strayEntry(name.toString(), 'there is a name of a stream, and no event under it');
  const twice = await ask<[Buffer]>(`SELECT name FROM ${schema}.streams GROUP BY name HAVING count(*) > 1`);
  for (const [name] of twice) yield strayEntry(name.toString(), 'the name of the stream stands there twice');
  const tables = `('${schema}.events'::regclass, '${schema}.streams'::regclass)`;
  const added = await ask<[string]>(
    `SELECT 'trigger ' || tgname FROM pg_trigger WHERE tgrelid IN ${tables} AND NOT tgisinternal
     UNION ALL SELECT 'rule ' || rulename FROM pg_rewrite WHERE ev_class IN ${tables}
     UNION ALL SELECT 'index ' || indexrelid::regclass || ' that is not valid' FROM pg_index
       WHERE indrelid IN ${tables} AND NOT indisvalid`,
  );
  for (const [what] of added) yield strayEntry(null, `the tables have what is none of the store's: ${what}`);
}
