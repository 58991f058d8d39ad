import { sql } from 'kysely';
import type { Condition } from '#projections/filters';
import type { ReadModelSql } from '#projections/read-model-sql';
import { kinds } from '#state-machines/record-streams';

/** The context in which conditions are built: the SQL dialect, and the day at the end of which states apply. */
export interface Ground {
  readonly today: string;
  readonly sql: ReadModelSql;
  /**
   * The column with the body that may see the record today. In a view of the past it can differ from the body at that
   * time.
   */
  readonly recipientToday: 'recipient' | 'recipient_today';
}

export const KIND_NAMES: readonly string[] = kinds.all.map(({ name }) => name);

/** Selects records of some kinds. A record's stream name begins with its kind. */
export function ofKinds(names: readonly string[], stream = 'stream'): Condition {
  const begun = kinds.all
    .filter(({ name }) => names.includes(name))
    .map((kind) => sql`${sql.ref(stream)} like ${sql.lit(`${kind.stream}-%`)}`);
  if (begun.length === kinds.all.length) return sql`true`;
  return begun.length === 0 ? sql`false` : sql`(${sql.join(begun, sql` or `)})`;
}

/** Selects the rows that a user may see who may see the records of these bodies; null for all bodies. */
export const sightConditions = (recipients: readonly string[] | null, ground: Ground): Condition[] =>
  recipients === null ? [] : [sql`${sql.ref(ground.recipientToday)} in ${ground.sql.listed(recipients)}`];
