import { sql } from 'kysely';
import type { RawBuilder, SqlBool } from 'kysely';
import type { ReadModelSql } from '#projections/read-model-sql';
import { inTimeSampled, OF_64 } from '../sampled-time-limit.ts';
import type { Condition } from '#projections/filters';
import { NEVER } from './spans.ts';

/** A point of the history: the end of an effective day, as known at an instant in milliseconds since 1970. */
export interface HistoryPoint {
  readonly on: string;
  readonly known: number;
}

/**
 * Selects the rows that are valid at a point, at most one per record or deadline. Use it with other conditions that
 * find rows.
 */
export function validAt({ on, known }: HistoryPoint, table: string): RawBuilder<SqlBool> {
  const column = (name: string) => sql.ref(`${table}.${name}`);
  // The concatenation prevents the database from choosing an index on the column.
  const from = sql`(${column('from_on')} || '')`;
  const next = sql`(${column('next_on')} || '')`;
  // At the latest instant, superseded rows do not apply, and only known ends count.
  if (known === ALL_KNOWN) {
    // With an equality, SQLite would build an automatic index.
    return sql<SqlBool>`(${from} <= ${on} and ${next} > ${on} and ${column('known_to')} >= ${BigInt(NEVER)})`;
  }
  // A bigint is bound as an integer; a number would be bound as a real.
  const instant = BigInt(known);
  return sql<SqlBool>`(${from} <= ${on} and (${column('known')} + 0) <= ${instant} and ${column('known_to')} > ${instant}
    and (${next} > ${on} or ${column('next_known')} > ${instant}))`;
}

/** Checks the time limit on a sample of a table's rows, chosen by the key, which every index contains. */
export const rowInTime = (dialect: ReadModelSql, key: string): Condition =>
  inTimeSampled(dialect, sql.ref(key), OF_64, key);

/** An instant later than that of any stored event. */
export const ALL_KNOWN = NEVER - 1;

export interface HistoryView {
  /** A plain date. */
  readonly effectiveOn: string;
  /** An instant, ISO 8601 in UTC; null for the latest. */
  readonly knownAt: string | null;
  /** The parameters of the request. Cursors are bound to these, because "today" is another instant in each request. */
  readonly named: readonly (string | null)[];
}

export const pointOf = ({ effectiveOn, knownAt }: HistoryView): HistoryPoint => ({
  on: effectiveOn,
  known: knownAt === null ? ALL_KNOWN : Date.parse(knownAt),
});

export type ReportedView = Pick<HistoryView, 'effectiveOn' | 'knownAt'>;
export const reportedView = ({ effectiveOn, knownAt }: HistoryView): ReportedView => ({
  effectiveOn,
  knownAt,
});
