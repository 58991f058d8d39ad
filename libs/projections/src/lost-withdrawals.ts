import type { ReadModelDatabase } from './read-model-database.ts';

/**
 * What was withdrawn in a log of which the end was lost, and names what this log does not have (yet): it is kept until a log comes
 * that has it, such as a newer backup.
 */
export interface LostWithdrawal {
  readonly streamId: string;
  /** The event that was redacted, or the calendar link that was revoked. */
  readonly id: string;
  /** What of the event was redacted; null for a calendar link. */
  readonly pointers: readonly string[] | null;
}

/** Everything that is kept. */
export async function lostWithdrawals({ db }: ReadModelDatabase): Promise<LostWithdrawal[]> {
  const rows = await db.selectFrom('lost_withdrawals').selectAll().execute();
  return rows.map(({ stream_id: streamId, id, pointers }) => ({
    streamId,
    id,
    pointers: pointers === null ? null : (JSON.parse(pointers) as string[]),
  }));
}

/** Keeps these in place of what was kept before. */
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
