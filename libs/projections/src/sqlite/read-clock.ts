import type Database from 'better-sqlite3';
import { systemClock } from '#event-sourcing/clock';
import { QueryTooSlowError, ReadAbandonedError } from '../limited-reads.ts';

/** The SQL function that checks the clock. */
export const IN_TIME_FUNCTION = 'docket_in_time';
/** The number of calls between two checks of the clock. A query may call for each row, or for every hundredth. */
const ROWS_BETWEEN = 16;

/**
 * Ends a connection's queries at the time limit, or when the read is abandoned, because this driver cannot interrupt
 * SQLite.
 */
export class ReadClock {
  readonly #isAbandoned: () => boolean;
  #limitMs = Infinity;
  #until = Infinity;
  #rows = 0;

  constructor(connection: Database.Database, isAbandoned: () => boolean = () => false) {
    this.#isAbandoned = isAbandoned;
    connection.function(IN_TIME_FUNCTION, { varargs: false, directOnly: true }, (_: unknown) => {
      this.#rows += 1;
      if (this.#rows % ROWS_BETWEEN === 0) this.check();
      return 1;
    });
  }

  /** Starts the time limit of a read, a part of which may have passed. */
  begin(limitMs: number, leftMs = limitMs): void {
    this.#limitMs = limitMs;
    this.#until = systemClock.elapsed() + leftMs;
  }

  /** Removes the time limit. */
  end(): void {
    this.#until = Infinity;
  }

  /**
   * Throws if the time limit has passed or the read is abandoned.
   * @throws QueryTooSlowError, ReadAbandonedError
   */
  check(): void {
    if (this.#isAbandoned()) throw new ReadAbandonedError();
    if (systemClock.elapsed() >= this.#until) throw new QueryTooSlowError(this.#limitMs);
  }
}
