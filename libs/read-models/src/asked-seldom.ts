import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import type { ReadModelSql } from '#projections/read-model-sql';
import type { Condition } from '#projections/filters';

/**
 * `ReadModelSql.inTime`, asked of some of the rows, by a number of each: it is not to cost what they cost. Numbers of records are
 * often multiples of one number, as where each has as many events: of no such number but one beyond these primes' product
 * are all rows passed over. As the first condition it is asked also where no row passes the others.
 */
export const inTimeSeldom = (
  dialect: ReadModelSql,
  number: RawBuilder<unknown>,
  [one, other]: readonly [number, number],
  column: string,
): Condition =>
  sql`(${number} % ${sql.lit(one)} <> 0 and ${number} % ${sql.lit(other)} <> 0 or ${dialect.inTime(column)})`;

/** Of about 64 rows one is asked. */
export const OF_64: readonly [number, number] = [127, 131];
/** Of about 128 rows one is asked. */
export const OF_128: readonly [number, number] = [251, 257];
