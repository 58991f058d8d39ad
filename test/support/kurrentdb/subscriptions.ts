import { unavailable } from './call-error.ts';
import type { Outgoing } from './calls.ts';

/** How a server drops a subscription: with an error, or as where it has come to an end. */
export type Drop = 'error' | 'end';

/** The subscriptions of a server that are under way. */
export class Subscriptions {
  readonly #running = new Set<(how: Drop) => void>();

  get size(): number {
    return this.#running.size;
  }

  add(outgoing: Outgoing<never>): void {
    const drop = (how: Drop) => {
      if (how === 'end') outgoing.end();
      else outgoing.fail(unavailable());
    };
    this.#running.add(drop);
    outgoing.over.addEventListener('abort', () => this.#running.delete(drop));
  }

  /** Ends all of them, and says how many there were. */
  drop(how: Drop): number {
    const running = [...this.#running];
    for (const drop of running) drop(how);
    return running.length;
  }
}
