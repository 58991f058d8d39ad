import type { Kysely } from 'kysely';
import { sql } from 'kysely';
import type { SqlBool } from 'kysely';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { comparableUpTo } from '#projections/generations';
import { paddedPosition } from '#projections/position';
import { lookUpLive } from '#projections/read-live';
import { foldedOf } from '../record-row.ts';
import { deadlinesProjection } from './deadlines-projection.ts';
import type { DeadlineTables } from './deadlines-projection.ts';
import { openEscalations } from './thresholds.ts';
import type { Escalation, ThresholdRow } from './thresholds.ts';

/** Returns the thresholds crossed after a position (padded or not), in log order. */
export function thresholdsAfter(
  database: ReadModelDatabase,
  after: string,
  limit: number,
): Promise<readonly ThresholdRow[]> {
  return lookUpLive(database, deadlinesProjection, ({ db }) =>
    (db as Kysely<DeadlineTables>)
      .selectFrom('crossed_thresholds')
      .selectAll()
      .where('position', '>', paddedPosition(after))
      .orderBy('position')
      .limit(limit)
      .execute(),
  );
}

/** Returns the log position up to which crossed thresholds are folded. */
export const thresholdsUpTo = ({ db }: ReadModelDatabase): Promise<string> =>
  comparableUpTo(db, deadlinesProjection);

/** A record with escalated deadlines that are still open and overdue. */
export interface EscalatedRecord {
  readonly stream: string;
  readonly recipient: string | null;
  readonly cameInOn: string;
  readonly escalatedOn: string;
  readonly escalations: readonly Escalation[];
}

/** Returns a page of the records with an open escalation on or before a day, ordered by day and stream. */
export function escalatedRecords(
  database: ReadModelDatabase,
  {
    upTo,
    after,
    limit,
  }: { readonly upTo: string; readonly after: EscalatedRecord | null; readonly limit: number },
): Promise<readonly EscalatedRecord[]> {
  return lookUpLive(database, deadlinesProjection, async ({ db }) => {
    const query = (db as Kysely<DeadlineTables>)
      .selectFrom('deadline_ledgers')
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
      escalations: openEscalations({
        ...foldedOf(row),
        escalations: JSON.parse(row.escalations) as Escalation[],
      }),
    }));
  });
}

/**
 * A period in which the server's clock was ahead: the events before a log position whose effective date is after a day.
 */
export interface FalseFuture {
  /** The position of the event that confirmed that the clock was right again. */
  readonly before: string;
  /** The date of that event. */
  readonly after: string;
}

/**
 * Returns the streams of records whose thresholds on or before a day were recorded only while the clock was ahead.
 * @throws ReadModelMissingError
 */
export async function falseThresholds(
  database: ReadModelDatabase,
  futures: readonly FalseFuture[],
  asOf: string,
): Promise<readonly string[]> {
  const found = await Promise.all(
    futures.map(({ before, after }) =>
      lookUpLive(database, deadlinesProjection, ({ db }) =>
        (db as Kysely<DeadlineTables>)
          .selectFrom('crossed_thresholds')
          .select('stream')
          .where('effective_on', '>', after)
          .where('effective_on', '<=', asOf)
          .groupBy(['stream', 'deadline_id', 'date_version', 'type'])
          .having((having) => having.fn.max('position'), '<', paddedPosition(before))
          .execute(),
      ),
    ),
  );
  return [...new Set(found.flat().map(({ stream }) => stream))];
}
