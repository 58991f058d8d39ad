import type { Pool, PoolClient } from 'pg';
import type { Pointer } from '../../../event-sourcing/src/envelope.ts';
import { eraseFromEnvelope } from '../../../event-sourcing/src/erasure.ts';
import { EventNotFoundError } from '../../../event-sourcing/src/errors.ts';
import { storedEnvelope } from '../parse-envelope.ts';
import type { LogRow } from '../parse-envelope.ts';
import type { PostgresqlAddress } from '../../../postgresql/src/address.ts';
import { asking } from './unavailable.ts';

/**
 * Rewrites an event's row without the values. The row as it was stays in the table's file until VACUUM has freed it and
 * something else is written there, in the WAL until that is recycled, and in every replica and backup made before.
 */
export async function eraseRow(
  pool: Pool,
  address: PostgresqlAddress,
  { streamId, version, pointers }: { streamId: string; version: number; pointers: readonly Pointer[] },
): Promise<void> {
  const client = await asking(address, () => pool.connect());
  try {
    const row = await asking(address, () => lockedRow(client, address, streamId, version));
    if (row === undefined) throw new EventNotFoundError(`${streamId} has no version ${version}`);
    const [position, text] = row;
    const envelope = storedEnvelope(text, { position: String(position), streamId, version });
    const erased = eraseFromEnvelope(envelope, pointers);
    await asking(address, async () => {
      if (erased !== envelope) {
        await client.query(`UPDATE "${address.schema}".events SET envelope = $1 WHERE position = $2`, [
          JSON.stringify(erased),
          position,
        ]);
      }
      await client.query('COMMIT');
    });
    client.release();
  } catch (error) {
    // The row's lock goes with the connection.
    client.release(true);
    throw error;
  }
}

/** The event's row, which nobody else rewrites until the transaction ends. */
async function lockedRow(
  client: PoolClient,
  { schema }: PostgresqlAddress,
  streamId: string,
  version: number,
): Promise<LogRow | undefined> {
  await client.query('BEGIN');
  const { rows } = await client.query<[string, string]>({
    text: `SELECT position, envelope FROM "${schema}".events WHERE version = $2::bigint
      AND stream = (SELECT id FROM "${schema}".streams WHERE sha256(name) = sha256($1)) FOR UPDATE`,
    values: [Buffer.from(streamId), version],
    rowMode: 'array',
  });
  return rows[0];
}
