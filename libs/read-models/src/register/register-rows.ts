import { sql } from 'kysely';
import type { Kysely, RawBuilder, SelectQueryBuilder } from 'kysely';
import type { Models } from '#projections/projection';
import type { ReadModelSql } from '#projections/read-model-sql';
import type { Condition } from '#projections/filters';
import { REGIONS, regionColumn, waitColumn, WAITS } from '../record-state.ts';
import { REGISTER } from './register-projection.ts';
import type { RegisterRow, RegisterTables } from './register-projection.ts';

/** The columns that lists show, sort and filter by. The rows of a past day have the same columns. */
export const LISTED_COLUMNS = [
  ...(['stream', 'title', 'recipient', 'status', 'status_origin', 'version'] as const),
  ...(['owner', 'issue', 'report_name', 'report_published_on', 'issued_on', 'updated_on'] as const),
  ...(['due_on', 'response_due_on', 'closed', 'settled', 'closed_on', 'waits', 'unanswered'] as const),
  ...(['lifecycle_name', 'lifecycle_version'] as const),
  ...REGIONS.map(regionColumn),
  ...WAITS.map(waitColumn),
] satisfies (keyof RegisterRow)[];

export type ListedRow = Pick<RegisterRow, (typeof LISTED_COLUMNS)[number]>;

/** The rows of a query, one per record, under the alias `register`. */
export type Rows = SelectQueryBuilder<{ register: ListedRow }, 'register', object>;

/** Returns the rows of the register, or of a past day, that fulfil all conditions. */
export const registerRows = ({ db }: Pick<Models, 'db'>, conditions: readonly Condition[]): Rows =>
  withConditions((db as Kysely<RegisterTables>).selectFrom('register'), conditions);

export const withConditions = (rows: Rows, conditions: readonly Condition[]): Rows =>
  conditions.reduce((some, condition) => some.where(condition), rows);

/** An order of the register. Nulls come last in both directions. */
export interface Order {
  readonly column:
    | 'stream'
    | 'title'
    | 'status'
    | 'recipient'
    | 'issued_on'
    | 'updated_on'
    | 'due_on'
    | 'response_due_on';
  readonly nullable: boolean;
  readonly descending: boolean;
}

/** The rows of a list. */
export interface ListRows {
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
  { sql: dialect }: Pick<Models, 'sql'>,
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

/** Returns the number of rows that fulfil all conditions, or one more than the limit if there are more. */
export async function countRows(
  models: Models,
  conditions: readonly Condition[],
  most: number,
): Promise<number> {
  const matching = registerRows(models, conditions)
    .select('stream')
    .limit(most + 1);
  const { records } = await (models.db as Kysely<RegisterTables>)
    .selectFrom(matching.as('matching'))
    .select((expression) => expression.fn.countAll<number>().as('records'))
    .executeTakeFirstOrThrow();
  return records;
}
