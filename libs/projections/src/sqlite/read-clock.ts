import type Database from 'better-sqlite3';
import { sql } from 'kysely';
import type { RawBuilder, SqlBool } from 'kysely';
import { systemClock } from '#event-sourcing/clock';
import { QueryTooSlowError, ReadAbandonedError } from '../limited-reads.ts';

const FUNCTION = 'docket_in_time';
/** How often it is asked between two looks at the clock: a query may ask for each row, or for every hundredth. */
const ROWS_BETWEEN = 16;

/** Asked for each row of a table, by a column of it: so no query is ended before it has looked at one, nor asked once for all rows. */
export const inTimeCondition = (column: string): RawBuilder<SqlBool> =>
  sql`${sql.raw(FUNCTION)}(${sql.ref(column)})`;

/** Ends a connection's queries when the read has had its time, or is given up. SQLite itself cannot be interrupted here. */
export class ReadClock {
  readonly #isGivenUp: () => boolean;
  #limitMs = Infinity;
  #until = Infinity;
  #rows = 0;

  constructor(connection: Database.Database, isGivenUp: () => boolean = () => false) {
    this.#isGivenUp = isGivenUp;
    connection.function(FUNCTION, { varargs: false, directOnly: true }, (_: unknown) => {
      this.#rows += 1;
      if (this.#rows % ROWS_BETWEEN === 0) this.check();
      return 1;
    });
  }

  /** A read begins: it may take so long, of which some may have gone by. */
  begin(limitMs: number, leftMs = limitMs): void {
    this.#limitMs = limitMs;
    this.#until = systemClock.elapsed() + leftMs;
  }

  /** What follows may take any time. */
  end(): void {
    this.#until = Infinity;
  }

  /** @throws QueryTooSlowError, ReadAbandonedError. */
  check(): void {
    if (this.#isGivenUp()) throw new ReadAbandonedError();
    if (systemClock.elapsed() >= this.#until) throw new QueryTooSlowError(this.#limitMs);
  }
}
