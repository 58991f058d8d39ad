import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import type { ReadModelSql } from '#projections/read-model-sql';
import type { Condition } from '#projections/filters';

/**
 * Returns `ReadModelSql.inTime` checked on a sample of the rows, chosen by a number of each row, to keep the check
 * cheap. Record numbers are often multiples of one number, if all records have the same number of events. With two
 * primes, only a multiple of their product skips every row. Use it as the first condition, so that it also runs if no
 * row passes the others.
 */
export const inTimeSampled = (
  dialect: ReadModelSql,
  number: RawBuilder<unknown>,
  [one, other]: readonly [number, number],
  column: string,
): Condition =>
  sql`(${number} % ${sql.lit(one)} <> 0 and ${number} % ${sql.lit(other)} <> 0 or ${dialect.inTime(column)})`;

/** Samples about one row in 64. */
export const OF_64: readonly [number, number] = [127, 131];
/** Samples about one row in 128. */
export const OF_128: readonly [number, number] = [251, 257];
