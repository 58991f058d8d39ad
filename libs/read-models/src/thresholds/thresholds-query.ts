import type { Kysely } from 'kysely';
import { sql } from 'kysely';
import type { SqlBool } from 'kysely';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { liveBookmark } from '#projections/generations';
import { lookUpLive } from '#projections/read-live';
import { foldedOf } from '../record-row.ts';
import { paddedPosition, standing, thresholdsProjection } from './thresholds-projection.ts';
import type { Escalation, ThresholdRow, ThresholdTables } from './thresholds-projection.ts';

/** The thresholds that the log tells of after a position, padded or not, in its order. */
export function thresholdsAfter(
  database: ReadModelDatabase,
  after: string,
  limit: number,
): Promise<readonly ThresholdRow[]> {
  return lookUpLive(database, thresholdsProjection, ({ db }) =>
    (db as Kysely<ThresholdTables>)
      .selectFrom('thresholds')
      .selectAll()
      .where('position', '>', paddedPosition(after))
      .orderBy('position')
      .limit(limit)
      .execute(),
  );
}

/** Up to where the log was looked through for thresholds; its beginning while there are no rows that can be compared. */
export async function thresholdsUpTo({ db }: ReadModelDatabase): Promise<string> {
  const live = await liveBookmark(db, thresholdsProjection.name);
  return live === undefined || live.version < thresholdsProjection.version ? '0' : live.position;
}

/** A record with dates that have escalated and are still open and overdue. */
export interface EscalatedRecord {
  readonly stream: string;
  readonly recipient: string | null;
  readonly cameInOn: string;
  /** The earliest day of its escalations. */
  readonly escalatedOn: string;
  readonly escalations: readonly Escalation[];
}

/** The records of which something escalated up to a day and still stands, after one of them, by day and stream. */
export function escalatedRecords(
  database: ReadModelDatabase,
  {
    upTo,
    after,
    limit,
  }: { readonly upTo: string; readonly after: EscalatedRecord | null; readonly limit: number },
): Promise<readonly EscalatedRecord[]> {
  return lookUpLive(database, thresholdsProjection, async ({ db }) => {
    const query = (db as Kysely<ThresholdTables>)
      .selectFrom('threshold_records')
      .selectAll()
      .where('escalated_on', '<=', upTo)
      .orderBy('escalated_on')
      .orderBy('stream')
      .limit(limit);
    const rows = await (
      after === null
        ? query
        : query.where(sql<SqlBool>`(escalated_on, stream) > (${after.escalatedOn}, ${after.stream})`)
    ).execute();
    return rows.map((row) => ({
      stream: row.stream,
      recipient: row.recipient,
      cameInOn: row.came_in_on,
      escalatedOn: row.escalated_on as string,
      escalations: standing({ ...foldedOf(row), escalations: JSON.parse(row.escalations) as Escalation[] }),
    }));
  });
}
