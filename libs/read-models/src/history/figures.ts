import { sql } from 'kysely';
import type { Kysely, RawBuilder, SqlBool } from 'kysely';
import type { Generation, Projection } from '#projections/projection';
import { ofKinds } from '../ground.ts';
import { historyProjection } from './history-projection.ts';
import { foundAt } from './found-rows.ts';
import type { HistoryRow, HistoryTables } from './history-tables.ts';
import { rowInTime } from './holds-at.ts';
import type { HistoryPoint } from './holds-at.ts';
import { NEVER, NEVER_ON } from './spans.ts';

/** Whose records are counted, and as they were known when. */
export interface FiguresQuery {
  /** Only records that are these bodies' today; null for all. */
  readonly recipients: readonly string[] | null;
  /** Only what was this body's then. */
  readonly recipient?: string | undefined;
  /** The names of kinds of records; all where it is absent. */
  readonly kind?: readonly string[] | undefined;
  /** An instant, in milliseconds since 1970; null for all that is known. */
  readonly known: number | null;
}

const { withheld: _, ...told } = historyProjection;
/** The history as it is counted: no text is, so nothing has to be withheld. */
export const COUNTED: Projection = told;

/** The instant up to which is known what is counted. */
export const knownOf = ({ known }: Pick<FiguresQuery, 'known'>): number => known ?? NEVER - 1;

/** What is asked of the history's rows, or of those that hold at a point: only what the caller sees, and of the body that is asked for. */
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

/** The rows that are known at an instant: of each record those of all days, one after the other. */
export function knownAt(known: number): RawBuilder<SqlBool> {
  const instant = BigInt(known);
  return sql<SqlBool>`(known <= ${instant} and known_to > ${instant})`;
}

/** The day from which such a row holds no longer. */
export const endOf = (known: number): RawBuilder<string> =>
  sql<string>`case when next_known > ${BigInt(known)} then ${NEVER_ON} else next_on end`;

/** One figure for all, and one for each body; those without a recipient come last, under null. */
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
