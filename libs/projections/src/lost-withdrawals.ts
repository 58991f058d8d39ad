import type { ReadModelDatabase } from './read-model-database.ts';

/**
 * A redaction or revocation of a log that lost its end, for an event or link that this log does not contain. It is kept
 * until a log contains it, such as one from a newer backup.
 */
export interface LostWithdrawal {
  readonly streamId: string;
  /** The id of the redacted event or of the revoked calendar link. */
  readonly id: string;
  /** The redacted pointers of the event; null for a calendar link. */
  readonly pointers: readonly string[] | null;
}

export async function lostWithdrawals({ db }: ReadModelDatabase): Promise<LostWithdrawal[]> {
  const rows = await db.selectFrom('lost_withdrawals').selectAll().execute();
  return rows.map(({ stream_id: streamId, id, pointers }) => ({
    streamId,
    id,
    pointers: pointers === null ? null : (JSON.parse(pointers) as string[]),
  }));
}

/** Replaces the lost withdrawals. */
export async function keepLostWithdrawals(
  { db }: ReadModelDatabase,
  kept: readonly LostWithdrawal[],
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await trx.deleteFrom('lost_withdrawals').execute();
    for (const { streamId: stream_id, id, pointers } of kept) {
      const row = { stream_id, id, pointers: pointers === null ? null : JSON.stringify(pointers) };
      await trx.insertInto('lost_withdrawals').values(row).execute();
    }
  });
}
