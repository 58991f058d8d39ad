import { sql } from 'kysely';
import type { Kysely, RawBuilder, SqlBool } from 'kysely';
import type { Generation } from '#projections/projection';
import { ofKinds } from '../ground.ts';
import { foundAt } from './found-rows.ts';
import type { HistoryRow, HistoryTables } from './history-tables.ts';
import { rowInTime } from './valid-at.ts';
import type { HistoryPoint } from './valid-at.ts';
import { NEVER, NEVER_ON } from './spans.ts';

export interface FiguresQuery {
  /** The bodies to which the records belong today; null for all. */
  readonly recipients: readonly string[] | null;
  /** The body to which the records belonged at the time; all if absent. */
  readonly recipient?: string | undefined;
  /** The names of record kinds; absent for all. */
  readonly kind?: readonly string[] | undefined;
  /** An instant in milliseconds since 1970, up to which recorded events count; null for all. */
  readonly known: number | null;
}

/** Returns the instant up to which recorded events count. */
export const knownOf = ({ known }: Pick<FiguresQuery, 'known'>): number => known ?? NEVER - 1;

/** Selects the rows at a point that the caller may see, optionally of one body. */
export function shownRows(
  { db, sql: dialect }: Generation,
  { recipients, recipient, kind }: FiguresQuery,
  point?: HistoryPoint,
) {
  const rows = point === undefined ? sql.table<HistoryRow>('history') : foundAt(point, dialect);
  const visible = (db as Kysely<HistoryTables>)
    .selectFrom('history_records')
    .select('stream')
    .where('recipient', 'in', dialect.listed(recipients ?? []));
  return (db as Kysely<HistoryTables>)
    .selectFrom(rows.as('record'))
    .where(rowInTime(dialect, 'record.row'))
    .$if(recipients !== null, (query) => query.where('record.stream', 'in', visible))
    .$if(kind !== undefined, (query) => query.where(ofKinds(kind ?? [], 'record.stream')))
    .$if(recipient !== undefined, (query) => query.where('record.recipient', '=', recipient ?? ''));
}

/** Selects the rows known at an instant. The rows of a record are consecutive and cover all days. */
export function knownAt(known: number): RawBuilder<SqlBool> {
  const instant = BigInt(known);
  return sql<SqlBool>`(known <= ${instant} and known_to > ${instant})`;
}

/** Returns the first day on which a row no longer applies. */
export const endOf = (known: number): RawBuilder<string> =>
  sql<string>`case when next_known > ${BigInt(known)} then ${NEVER_ON} else next_on end`;

/** A figure overall and by body. Records without a recipient come last, under null. */
export interface ByBody<Figures> {
  readonly overall: Figures;
  readonly byRecipient: readonly ({ readonly recipient: string | null } & Figures)[];
}

export function byBody<Row extends { readonly recipient: string | null }, Figures>(
  rows: readonly Row[],
  figuresOf: (rows: readonly Row[]) => Figures,
): ByBody<Figures> {
  const bodies = [...Map.groupBy(rows, ({ recipient }) => recipient)].map(([recipient, own]) => ({
    recipient,
    ...figuresOf(own),
  }));
  const rank = (recipient: string | null) => (recipient === null ? '1' : `0${recipient}`);
  return {
    overall: figuresOf(rows),
    byRecipient: bodies.sort((one, other) => (rank(one.recipient) < rank(other.recipient) ? -1 : 1)),
  };
}
