import { sql } from 'kysely';
import type { RawBuilder, SqlBool } from 'kysely';
import type { ReadModelSql } from '#projections/read-model-sql';
import { inTimeSeldom, OF_64 } from '../asked-seldom.ts';
import type { Condition } from '#projections/filters';
import { NEVER } from './spans.ts';

/** A day and an instant, in milliseconds since 1970: what was so by the end of the one, as it was known at the other. */
export interface HistoryPoint {
  readonly on: string;
  readonly known: number;
}

/** The rows that hold at a point, of those that are looked at by something else: of each record one at most, and of each deadline. */
export function holdsAt({ on, known }: HistoryPoint, table: string): RawBuilder<SqlBool> {
  const column = (name: string) => sql.ref(`${table}.${name}`);
  // What is computed is looked for in no index.
  const from = sql`(${column('from_on')} || '')`;
  const next = sql`(${column('next_on')} || '')`;
  // By all that is known, what was told otherwise does not hold, and nothing ends that is not known to.
  if (known === ALL_KNOWN) {
    // Of an equality SQLite would make an index of its own.
    return sql<SqlBool>`(${from} <= ${on} and ${next} > ${on} and ${column('known_to')} >= ${BigInt(NEVER)})`;
  }
  // As an integer: a number would be bound as a real.
  const instant = BigInt(known);
  return sql<SqlBool>`(${from} <= ${on} and (${column('known')} + 0) <= ${instant} and ${column('known_to')} > ${instant}
    and (${next} > ${on} or ${column('next_known')} > ${instant}))`;
}

/** Asked of some of the rows of a table that are looked at, by their key, which is in every index. */
export const rowInTime = (dialect: ReadModelSql, key: string): Condition =>
  inTimeSeldom(dialect, sql.ref(key), OF_64, key);

/** Later than whatever was stored. */
export const ALL_KNOWN = NEVER - 1;

/** A view of the past, as it is asked for. */
export interface HistoryView {
  /** A plain date. */
  readonly effectiveOn: string;
  /** An instant, ISO 8601 in UTC; null for all that is known. */
  readonly knownAt: string | null;
  /** How the view was named: what a cursor belongs to, since today's date names another instant each time. */
  readonly named: readonly (string | null)[];
}

export const pointOf = ({ effectiveOn, knownAt }: HistoryView): HistoryPoint => ({
  on: effectiveOn,
  known: knownAt === null ? ALL_KNOWN : Date.parse(knownAt),
});

/** A view as an answer tells it. */
export type ToldView = Pick<HistoryView, 'effectiveOn' | 'knownAt'>;
export const viewTold = ({ effectiveOn, knownAt }: HistoryView): ToldView => ({ effectiveOn, knownAt });
