import type { PostgresqlAddress } from './address.ts';
import { openPool } from './pool.ts';
import type { Timeouts } from './pool.ts';

const BYTES = `
  SELECT sum(pg_total_relation_size(c.oid)) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = $1 AND c.relkind IN ('r', 'm')`;

/** Returns the size of a schema's tables in bytes, including indices; null if there are none. */
export async function schemaBytes(address: PostgresqlAddress, timeouts: Timeouts): Promise<number | null> {
  const pool = openPool(address, { max: 1, pipeline: false }, timeouts);
  try {
    const { rows } = await pool.query<[string | null]>({
      text: BYTES,
      values: [address.schema],
      rowMode: 'array',
    });
    const bytes = rows[0]?.[0] ?? null;
    return bytes === null ? null : Number(bytes);
  } finally {
    await pool.end();
  }
}
