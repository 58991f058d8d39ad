import { sql } from 'kysely';
import type { Condition } from '#projections/filters';
import type { ReadModelSql } from '#projections/read-model-sql';
import { kinds } from '#state-machines/record-streams';

/** What the conditions are about: rows with the columns of a standing and `issue`, as they stand at the end of a day. */
export interface Ground {
  readonly today: string;
  readonly sql: ReadModelSql;
  /** The column with the body that sees the record today; in a view of the past, that is not the one it was for then. */
  readonly recipientToday: 'recipient' | 'recipient_today';
}

export const KIND_NAMES: readonly string[] = kinds.all.map(({ name }) => name);

/** The rows of records of some kinds, by the names of these: a stream begins with its kind's. */
export function ofKinds(names: readonly string[], stream = 'stream'): Condition {
  const begun = kinds.all
    .filter(({ name }) => names.includes(name))
    .map((kind) => sql`${sql.ref(stream)} like ${sql.lit(`${kind.stream}-%`)}`);
  if (begun.length === kinds.all.length) return sql`true`;
  return begun.length === 0 ? sql`false` : sql`(${sql.join(begun, sql` or `)})`;
}

/** The rows that somebody sees who sees the records of these bodies; null for all. */
export const sightConditions = (recipients: readonly string[] | null, ground: Ground): Condition[] =>
  recipients === null ? [] : [sql`${sql.ref(ground.recipientToday)} in ${ground.sql.listed(recipients)}`];
