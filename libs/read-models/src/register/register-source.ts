import { sql } from 'kysely';
import type { Kysely, RawBuilder, SelectQueryBuilder } from 'kysely';
import type { Generation, Projection } from '#projections/projection';
import type { ReadModelSql } from '#projections/read-model-sql';
import { inTimeSampled, OF_64 } from '../sampled-time-limit.ts';
import type { Condition } from '#projections/filters';
import type { Ground } from '../ground.ts';
import { REGIONS, regionColumn, waitColumn, WAITS } from '../record-state.ts';
import type { HistoryView } from '../history/valid-at.ts';
import { REGISTER, registerProjection } from './register-projection.ts';
import type { RegisterRow, RegisterTables } from './register-projection.ts';
import { SEARCH_LIMITS } from './search-conditions.ts';
import type { SearchLimits } from './search-conditions.ts';

/** The columns that lists show, sort and filter by. Views of the past have the same columns. */
export type ListedRow = Omit<
  RegisterRow,
  | 'owner_event'
  | 'recipient_event'
  | 'state'
  | 'number'
  | 'open_dates'
  | 'asked'
  | 'sweep_on'
  | 'revision'
  | 'changed_at'
>;

export const LISTED_COLUMNS = [
  ...(['stream', 'title', 'recipient', 'status', 'status_origin', 'version'] as const),
  ...(['owner', 'issue', 'report_name', 'report_published_on', 'issued_on', 'updated_on'] as const),
  ...(['due_on', 'closed', 'settled', 'closed_on', 'waits', 'unanswered'] as const),
  ...(['lifecycle_name', 'lifecycle_version'] as const),
  ...REGIONS.map(regionColumn),
  ...WAITS.map(waitColumn),
] satisfies (keyof ListedRow)[];

/** The rows of a query, one per record, under the alias `register`. */
export type Rows = SelectQueryBuilder<{ register: ListedRow }, 'register', object>;

/** The source of lists and counts: the current register, or a view of the past. */
export interface RegisterSource extends Pick<Ground, 'recipientToday'> {
  readonly projection: Projection;
  /** Returns the rows without conditions: a table, or `sql\`(select …)\`.as('register')`. */
  readonly rows: (generation: Generation) => Rows;
  /** Returns the rows with only the columns to filter and sort by; absent if that is not faster. */
  readonly found?: (generation: Generation, reading?: Reading) => Rows;
  /** Decides when to walk the index of the order; never if absent. */
  readonly walks?: Walks;
  /**
   * Returns a condition that ends a read at its time limit, checked on a sample of these rows. Always true if the rows
   * check the limit themselves.
   */
  readonly inTime: (dialect: ReadModelSql) => Condition;
  /** True if an index separates settled rows from others, so that each group can be counted with fewer conditions. */
  readonly isSplit: boolean;
  /** The limits of a search; absent if texts cannot be searched, because only current texts are indexed. */
  readonly search?: SearchLimits;
  /** The view of the past; absent for current data. */
  readonly view?: HistoryView;
}

/** Decides when to walk the index of the order. */
interface Walks {
  readonly by: (order: Order) => boolean;
  /** The most rows that are sorted instead. With more, most rows of the index belong to the list. */
  readonly moreThan: number;
}

/** How rows will be read, so that a source can choose how to find them. */
export interface Reading {
  /** The sort column; absent for a count. */
  readonly column?: Order['column'];
  /** True if there are too many rows to sort. */
  readonly isOfMany?: boolean;
}

/** The current register, in stream order. */
export const currentRegister: RegisterSource = {
  projection: registerProjection,
  recipientToday: 'recipient',
  rows: ({ db }) => (db as Kysely<RegisterTables>).selectFrom('register'),
  inTime: (dialect) => inTimeSampled(dialect, sql.ref('number'), OF_64, 'number'),
  isSplit: true,
  search: SEARCH_LIMITS,
};

/** An order of the register. Nulls come last in both directions. */
export interface Order {
  readonly column: 'stream' | 'title' | 'status' | 'recipient' | 'issued_on' | 'updated_on' | 'due_on';
  readonly nullable: boolean;
  readonly descending: boolean;
}

/** The rows of a list. */
export interface ListRows {
  readonly rows: Rows;
  /** Returns the rows with only the columns to filter and sort by; absent if that is not faster. */
  readonly found?: (reading?: Reading) => Rows;
  readonly walks?: Walks;
  readonly conditions: readonly Condition[];
  readonly order: Order;
  /** The number of rows to probe in order before all matches are looked up and sorted; absent if that does not pay. */
  readonly probedFirst?: number;
  /** The conditions that divide the records found by a search, best first; absent if the order has no such tiers. */
  readonly tiers?: readonly Condition[];
  /** True if a search finds more records than are counted. */
  readonly isOfMany?: boolean;
}

/**
 * Returns the rows in order. Long texts are ordered by the part that the index contains, and then by the whole text.
 */
export function inOrder<Selected>(
  { sql: dialect }: Pick<Generation, 'sql'>,
  rows: SelectQueryBuilder<{ register: ListedRow }, 'register', Selected>,
  { column }: Pick<Order, 'column'>,
  direction: 'asc' | 'desc',
): SelectQueryBuilder<{ register: ListedRow }, 'register', Selected> {
  const beginning = beginningOf(dialect, column);
  const some = beginning === null ? rows : rows.orderBy(beginning, direction);
  return some.orderBy(column, direction).orderBy('stream', direction);
}

/** Returns the part of a column's text that the index contains; null if it contains all of it. */
export const beginningOf = (
  dialect: ReadModelSql,
  column: Order['column'],
  text: RawBuilder<unknown> = sql.ref(column),
): RawBuilder<string> | null =>
  REGISTER.columns[column].startsWith('long') ? dialect.beginningOf(text) : null;

export const withConditions = (rows: Rows, conditions: readonly Condition[]): Rows =>
  conditions.reduce((some, condition) => some.where(condition), rows);
