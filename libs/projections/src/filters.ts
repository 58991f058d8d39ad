import { sql } from 'kysely';
import type { RawBuilder, SqlBool } from 'kysely';

export type Condition = RawBuilder<SqlBool>;

/** By what a list is narrowed: what that means, how it is asked for, and which rows it leaves. */
export interface Filter<Value, Ground = unknown> {
  readonly describes: string;
  readonly asks: 'one' | 'several' | 'date';
  /** What can be asked for; absent where that is any text, or any date. */
  readonly values?: readonly string[];
  /** @param ground what its condition knows beside the value: the day, the database's SQL. */
  readonly leaves: (value: Value, ground: Ground) => Condition;
}

/** The filters of a list by the names under which they are asked for. */
export type Filters<Ground = unknown> = Readonly<Record<string, Filter<never, Ground>>>;

/** What is asked of a list by its filters. */
export type Asked<Of> = { readonly [Name in keyof Of]?: ValueOf<Of[Name]> };
export type ValueOf<Each> = Each extends Filter<infer Value, never> ? Value : never;

/** One value, of these or any. */
export const one = <Ground, Value extends string = string>(
  describes: string,
  leaves: (value: Value, ground: Ground) => Condition,
  values?: readonly Value[],
): Filter<Value, Ground> => ({ describes, asks: 'one', leaves, ...(values && { values }) });

/** Any of several values. */
export const several = <Ground, Value extends string = string>(
  describes: string,
  leaves: (values: readonly Value[], ground: Ground) => Condition,
  values?: readonly Value[],
): Filter<readonly Value[], Ground> => ({ describes, asks: 'several', leaves, ...(values && { values }) });

/** A plain date. */
export const date = (describes: string, leaves: (day: string) => Condition): Filter<string> => ({
  ...{ describes, asks: 'date', leaves },
});

/** The rows that have a value in a column; that are not before a day by it, and not after one. */
export const equal = (column: string) => (value: string) => sql<SqlBool>`${sql.ref(column)} = ${value}`;
export const since = (column: string) => (day: string) => sql<SqlBool>`${sql.ref(column)} >= ${day}`;
export const until = (column: string) => (day: string) => sql<SqlBool>`${sql.ref(column)} <= ${day}`;

/** What is left by the filters that are asked for. */
export const conditionsOf = <Ground>(
  filters: Filters<Ground>,
  asked: Readonly<Record<string, unknown>>,
  ground: Ground,
): Condition[] =>
  Object.entries(filters).flatMap(([name, { leaves }]) =>
    asked[name] === undefined ? [] : [leaves(asked[name] as never, ground)],
  );

/** What is asked in a form that is the same for the same list, in whatever order it is named; what belongs to a cursor. */
export const keyOf = (asked: object): readonly unknown[] =>
  Object.entries(asked)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => [name, inOrder(value)] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));

const inOrder = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.toSorted();
  return typeof value === 'object' && value !== null ? keyOf(value) : value;
};
