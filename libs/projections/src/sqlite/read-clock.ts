import type Database from 'better-sqlite3';
import { sql } from 'kysely';
import type { RawBuilder, SqlBool } from 'kysely';
import { systemClock } from '#event-sourcing/clock';
import { QueryTooSlowError, ReadAbandonedError } from '../limited-reads.ts';

const FUNCTION = 'docket_in_time';
/** How many calls to make between two looks at the clock; a query may call for each row, or for every hundredth. */
const ROWS_BETWEEN = 16;

/** Depends on a column so that SQLite evaluates it for each row, and neither once for the query nor before the first row. */
export const inTimeCondition = (column: string): RawBuilder<SqlBool> =>
  sql`${sql.raw(FUNCTION)}(${sql.ref(column)})`;

/** Ends a connection's queries at the time limit, or when the read is abandoned. This driver cannot interrupt SQLite. */
export class ReadClock {
  readonly #isAbandoned: () => boolean;
  #limitMs = Infinity;
  #until = Infinity;
  #rows = 0;

  constructor(connection: Database.Database, isAbandoned: () => boolean = () => false) {
    this.#isAbandoned = isAbandoned;
    connection.function(FUNCTION, { varargs: false, directOnly: true }, (_: unknown) => {
      this.#rows += 1;
      if (this.#rows % ROWS_BETWEEN === 0) this.check();
      return 1;
    });
  }

  /** Starts a read's time limit, part of which may have passed. */
  begin(limitMs: number, leftMs = limitMs): void {
    this.#limitMs = limitMs;
    this.#until = systemClock.elapsed() + leftMs;
  }

  /** Lifts the time limit. */
  end(): void {
    this.#until = Infinity;
  }

  /** @throws QueryTooSlowError, ReadAbandonedError */
  check(): void {
    if (this.#isAbandoned()) throw new ReadAbandonedError();
    if (systemClock.elapsed() >= this.#until) throw new QueryTooSlowError(this.#limitMs);
  }
}
