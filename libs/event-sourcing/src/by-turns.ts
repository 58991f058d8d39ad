/** The number of tasks started in one turn of the event loop. Each runs until its first wait, some tenths of a millisecond. */
export const ADMITTED_A_TURN = 4;

/**
 * Starts a limited number of tasks per turn of the event loop, first come first served: requests that many connections send at once, and
 * tasks after a shared transaction. Starting all in one turn would block other work.
 */
export class ByTurns {
  readonly #waiting: (() => void)[] = [];

  /** Calls `begin` in its turn. Tasks detect closed connections themselves. */
  admit(begin: () => void): void {
    if (this.#waiting.push(begin) === 1) this.#soon();
  }

  /** Schedules the next tasks: after the reads of this turn, and only once per turn. */
  #soon(): void {
    setImmediate(() => {
      const next = this.#waiting.splice(0, ADMITTED_A_TURN);
      if (this.#waiting.length > 0) this.#soon();
      for (const begin of next) begin();
    });
  }
}
