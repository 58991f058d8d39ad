import { sql } from 'kysely';
import type { Kysely, RawBuilder, SelectQueryBuilder } from 'kysely';
import type { Generation, Projection } from '#projections/projection';
import type { ReadModelSql } from '#projections/read-model-sql';
import { inTimeSeldom, OF_64 } from '../asked-seldom.ts';
import type { Condition } from '#projections/filters';
import type { Ground } from '../ground.ts';
import { REGIONS, regionColumn, waitColumn, WAITS } from '../standing.ts';
import type { HistoryView } from '../history/holds-at.ts';
import { REGISTER, registerProjection } from './register-projection.ts';
import type { RegisterRow, RegisterTables } from './register-projection.ts';
import { SEARCH_LIMITS } from './search-conditions.ts';
import type { SearchConditions, SearchLimits } from './search-conditions.ts';

/** The columns that lists show, are ordered and narrowed by; a view of the past has the same. */
export type ListedRow = Omit<
  RegisterRow,
  | ('issue_event' | 'title_event' | 'owner_event' | 'recipient_event')
  | ('summary' | 'number' | 'came_in_on' | 'open_dates' | 'asked')
>;

export const LISTED_COLUMNS = [
  ...(['stream', 'title', 'recipient', 'status', 'status_origin', 'state', 'version'] as const),
  ...(['owner', 'issue', 'report_name', 'report_published_on', 'issued_on', 'updated_on'] as const),
  ...(['due_on', 'closed', 'settled', 'closed_on', 'waits', 'unanswered'] as const),
  ...(['lifecycle_name', 'lifecycle_version'] as const),
  ...REGIONS.map(regionColumn),
  ...WAITS.map(waitColumn),
] satisfies (keyof ListedRow)[];

/** Rows of records, one each, under the name `register`. */
export type Rows = SelectQueryBuilder<{ register: ListedRow }, 'register', object>;

/** Where lists and counts take their rows from: the register as it stands, or as it was. */
export interface RegisterSource extends Pick<Ground, 'recipientToday'> {
  readonly projection: Projection;
  /** The rows, before any condition: a table, or `sql\`(select …)\`.as('register')`. */
  readonly rows: (generation: Generation) => Rows;
  /** The same with nothing but what they are narrowed and ordered by; absent where they are found as they are shown. */
  readonly found?: (generation: Generation, reading?: Reading) => Rows;
  /** How rows can be found by the index of their order, as `Reading.isOfMany` asks for; absent where they never are. */
  readonly walks?: Walks;
  /** What ends a read in time, asked of these rows as seldom as will do; the rows themselves may ask it already. */
  readonly inTime: (dialect: ReadModelSql) => Condition;
  /** Whether an index tells the rows that are settled from the others: counts then ask each for what they need. */
  readonly isSplit: boolean;
  /** Absent where texts cannot be looked for: they are known as they stand only. */
  readonly search?: SearchLimits;
  /** The view of the past that the rows are of. */
  readonly view?: HistoryView;
}

/** Which rows are found by the index of their order. */
export interface Walks {
  readonly by: (order: Order) => boolean;
  /** Up to so many are put in order instead; of more, most that come in their order are listed. */
  readonly moreThan: number;
}

/** How rows will be read: a source may find them by it. */
export interface Reading {
  /** In the order of this column; in none where they are counted. */
  readonly column?: Order['column'];
  /** Whether more are left than are put in order one by one. */
  readonly isOfMany?: boolean;
}

/** The register as it stands, in stream order. */
export const asItStands: RegisterSource = {
  projection: registerProjection,
  recipientToday: 'recipient',
  rows: ({ db }) => (db as Kysely<RegisterTables>).selectFrom('register'),
  inTime: (dialect) => inTimeSeldom(dialect, sql.ref('number'), OF_64, 'number'),
  isSplit: true,
  search: SEARCH_LIMITS,
};

/** An order of the register; nulls come last either way, and what a search finds can come in tiers. */
export interface Order {
  readonly column: 'stream' | 'title' | 'status' | 'recipient' | 'issued_on' | 'updated_on' | 'due_on';
  readonly nullable: boolean;
  readonly descending: boolean;
  /** Whether the best tier of a search comes first. */
  readonly bestFirst?: boolean;
}

/** Rows that a list is of. */
export interface Listed {
  readonly rows: Rows;
  /** The same rows, to be found by what they are narrowed and ordered by; absent where they are the same to the database, too. */
  readonly found?: (reading?: Reading) => Rows;
  readonly walks?: Walks;
  readonly conditions: readonly Condition[];
  readonly order: Order;
  /** How many rows in order are asked before all that filters leave are looked up and sorted; absent where that is not worth while. */
  readonly askedFirst?: number;
  /** The words that are looked for, which rows of the register as it stands have. */
  readonly search?: SearchConditions | null;
}

/** Rows in an order: of long texts by what an index has of them first. */
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

/** What an index has of a column's texts; null where it has all of them. */
export const beginningOf = (
  dialect: ReadModelSql,
  column: Order['column'],
  text: RawBuilder<unknown> = sql.ref(column),
): RawBuilder<string> | null =>
  REGISTER.columns[column]?.startsWith('long') === true ? dialect.beginningOf(text) : null;

export const narrowed = (rows: Rows, conditions: readonly Condition[]): Rows =>
  conditions.reduce((some, condition) => some.where(condition), rows);
