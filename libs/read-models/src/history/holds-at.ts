import { sql } from 'kysely';
import type { RawBuilder, SqlBool } from 'kysely';
import { NEVER } from './spans.ts';

/** A day and an instant, in milliseconds since 1970: what was so by the end of the one, as it was known at the other. */
export interface HistoryPoint {
  readonly on: string;
  readonly known: number;
}

/** The rows that hold at a point: of each record one at most, and of each deadline. */
export function holdsAt({ on, known }: HistoryPoint, table?: string): RawBuilder<SqlBool> {
  const column = (name: string) => sql.ref(table === undefined ? name : `${table}.${name}`);
  // As an integer: a number would be bound as a real.
  const instant = BigInt(known);
  return sql<SqlBool>`(${column('from_on')} <= ${on} and ${column('known')} <= ${instant} and ${column('known_to')} > ${instant}
    and (${column('next_on')} > ${on} or ${column('next_known')} > ${instant}))`;
}

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
  known: knownAt === null ? NEVER - 1 : Date.parse(knownAt),
});

/** A view as an answer tells it. */
export type ToldView = Pick<HistoryView, 'effectiveOn' | 'knownAt'>;
export const viewTold = ({ effectiveOn, knownAt }: HistoryView): ToldView => ({ effectiveOn, knownAt });
