import { sql } from 'kysely';
import type { RawBuilder, SqlBool } from 'kysely';
import type { ReadModelSql } from '#projections/read-model-sql';

/** What the conditions are about: rows with the columns of a standing and `issue`, as they stand at the end of a day. */
export interface Ground {
  readonly today: string;
  readonly sql: ReadModelSql;
  /** The column with the body that sees the record today; in a view of the past, that is not the one it was for then. */
  readonly recipientToday: 'recipient' | 'recipient_today';
}

export type Condition = RawBuilder<SqlBool>;

/** The rows that somebody sees who sees the records of these bodies; null for all. */
export const sightConditions = (recipients: readonly string[] | null, ground: Ground): Condition[] =>
  recipients === null ? [] : [sql`${sql.ref(ground.recipientToday)} in ${ground.sql.listed(recipients)}`];
