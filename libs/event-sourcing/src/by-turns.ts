/** How many go on in one turn of the event loop: each up to where it waits at once, in some tenths of a millisecond. */
export const ADMITTED_A_TURN = 8;

/**
 * Lets so many go on in a turn of the event loop, first come first served: requests, of which many connections bring many at once, and
 * whoever waited for one transaction. All in one turn would keep everything else waiting.
 */
export class ByTurns {
  readonly #waiting: (() => void)[] = [];

  /** Calls `begin` in its turn. Whoever is gone by then is noticed as at any other time. */
  admit(begin: () => void): void {
    if (this.#waiting.push(begin) === 1) this.#soon();
  }

  /** Right after what was read in this turn, and once a turn. */
  #soon(): void {
    setImmediate(() => {
      const next = this.#waiting.splice(0, ADMITTED_A_TURN);
      if (this.#waiting.length > 0) this.#soon();
      for (const begin of next) begin();
    });
  }
}
