import { sql } from 'kysely';
import type { RawBuilder, SqlBool } from 'kysely';

export type Condition = RawBuilder<SqlBool>;

/** A list filter: its description, its parameter and its condition. */
interface Filter<Value, Ground = unknown> {
  readonly describes: string;
  readonly form: 'one' | 'several' | 'date';
  /** The allowed values; any text or date if absent. */
  readonly values?: readonly string[];
  /**
   * Returns the condition.
   * @param ground the other inputs of the condition: the day, the database's SQL.
   */
  readonly condition: (value: Value, ground: Ground) => Condition;
}

/** The filters of a list by parameter name. */
export type Filters<Ground = unknown> = Readonly<Record<string, Filter<never, Ground>>>;

/** The values of a list's filters in a request. */
export type FilterValues<Of> = { readonly [Name in keyof Of]?: ValueOf<Of[Name]> };
export type ValueOf<Each> = Each extends Filter<infer Value, never> ? Value : never;

/** Returns a filter with one value, of these or any. */
export const one = <Ground, Value extends string = string>(
  describes: string,
  condition: (value: Value, ground: Ground) => Condition,
  values?: readonly Value[],
): Filter<Value, Ground> => ({ describes, form: 'one', condition, ...(values && { values }) });

/** Returns a filter that matches any of several values. */
export const several = <Ground, Value extends string = string>(
  describes: string,
  condition: (values: readonly Value[], ground: Ground) => Condition,
  values?: readonly Value[],
): Filter<readonly Value[], Ground> => ({
  describes,
  form: 'several',
  condition,
  ...(values && { values }),
});

/** Returns a filter with a plain date. */
export const date = (describes: string, condition: (day: string) => Condition): Filter<string> => ({
  ...{ describes, form: 'date', condition },
});

/** Returns the condition that a column equals a value; for `since` and `until`, that it is not before or after a day. */
export const equal = (column: string) => (value: string) => sql<SqlBool>`${sql.ref(column)} = ${value}`;
export const since = (column: string) => (day: string) => sql<SqlBool>`${sql.ref(column)} >= ${day}`;
export const until = (column: string) => (day: string) => sql<SqlBool>`${sql.ref(column)} <= ${day}`;

/** Returns the conditions of the filters in a request. */
export const conditionsOf = <Ground>(
  filters: Filters<Ground>,
  values: Readonly<Record<string, unknown>>,
  ground: Ground,
): Condition[] =>
  Object.entries(filters).flatMap(([name, { condition }]) =>
    values[name] === undefined ? [] : [condition(values[name] as never, ground)],
  );

/**
 * Returns a canonical form of a request, in which the order of the members does not matter. Cursors are bound to it.
 */
export const keyOf = (query: object): readonly unknown[] =>
  Object.entries(query)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => [name, inOrder(value)] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));

const inOrder = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.toSorted();
  return typeof value === 'object' && value !== null ? keyOf(value) : value;
};
