import type { Pool, PoolClient } from 'pg';
import type { Pointer } from '#event-sourcing/envelope';
import { eraseFromEnvelope, withoutNamed } from '#event-sourcing/erasure';
import { EventNotFoundError } from '#event-sourcing/errors';
import { eventIdText, storedEnvelope } from '../parse-envelope.ts';
import type { LogRow } from '../parse-envelope.ts';
import type { PostgresqlAddress } from '#postgresql/address';
import type { RedactedRow } from './append-group.ts';
import type { SealedEnvelope } from '#event-sourcing/sealer';
import { withStoreErrors } from './unavailable.ts';

/**
 * Rewrites an event's row without the values. The old row stays in the table's file until VACUUM frees it and its space
 * is reused, in the WAL until that is recycled, and in every existing replica and backup.
 */
export async function eraseRow(
  pool: Pool,
  address: PostgresqlAddress,
  { streamId, version, pointers }: { streamId: string; version: number; pointers: readonly Pointer[] },
): Promise<void> {
  const client = await withStoreErrors(address, () => pool.connect());
  try {
    const row = await withStoreErrors(address, () => lockedRow(client, address, streamId, version));
    if (row === undefined) throw new EventNotFoundError(`${streamId} has no version ${version}`);
    const [position, text] = row;
    const envelope = storedEnvelope(text, { position: String(position), streamId, version });
    const erased = eraseFromEnvelope(envelope, pointers);
    await withStoreErrors(address, async () => {
      if (erased !== envelope) await rewriteRow(client, address.schema, position, erased);
      await client.query('COMMIT');
    });
    client.release();
  } catch (error) {
    // Closing the connection releases the row's lock.
    client.release(true);
    throw error;
  }
}

/**
 * Removes the values that redactions erase, in the transaction that appends the redactions, so that no reader sees one
 * without the other.
 */
export async function redactRows(
  client: PoolClient,
  { schema }: PostgresqlAddress,
  redactions: readonly RedactedRow[],
): Promise<void> {
  for (const { position, stream, eventId, erased } of redactions) {
    await client.query(`INSERT INTO "${schema}".redactions (position) VALUES ($1)`, [position]);
    const { rows } = await client.query<[string, string]>({
      text: `SELECT position, envelope FROM "${schema}".events
        WHERE stream = $1 AND strpos(envelope, $2) > 0 FOR UPDATE`,
      values: [stream, eventIdText(eventId)],
      rowMode: 'array',
    });
    for (const [place, text] of rows) {
      const stored = storedEnvelope(text, { position: place, streamId: null, version: null });
      if (stored.eventId !== eventId) continue;
      const left = withoutNamed(stored, erased);
      if (left !== stored) await rewriteRow(client, schema, place, left);
    }
  }
}

const rewriteRow = (client: PoolClient, schema: string, position: LogRow[0], envelope: SealedEnvelope) =>
  client.query(`UPDATE "${schema}".events SET envelope = $1 WHERE position = $2`, [
    JSON.stringify(envelope),
    position,
  ]);

/** Returns the event's row, locked until the transaction ends. */
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
