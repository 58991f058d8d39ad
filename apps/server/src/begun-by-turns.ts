/** How many requests begin in one turn of the event loop: each goes on up to where it waits at once, in some tenths of a millisecond. */
export const BEGUN_A_TURN = 8;

/**
 * Lets so many requests begin in a turn of the event loop, first come first served. What comes on many connections at once is read in
 * one turn, and would keep everything else waiting until all of it is under way.
 */
export class BegunByTurns {
  readonly #waiting: (() => void)[] = [];

  /** Calls `begin` in its turn. Whoever is gone by then is noticed as at any other time. */
  admit(begin: () => void): void {
    if (this.#waiting.push(begin) === 1) this.#soon();
  }

  /** Right after what was read in this turn, and once a turn. */
  #soon(): void {
    setImmediate(() => {
      const next = this.#waiting.splice(0, BEGUN_A_TURN);
      if (this.#waiting.length > 0) this.#soon();
      for (const begin of next) begin();
    });
  }
}
