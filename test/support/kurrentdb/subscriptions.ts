import { connectionDropped } from './call-error.ts';
import type { Outgoing } from './calls.ts';

/** How a server drops a subscription: with an error, or as where it has come to an end. */
export type Drop = 'error' | 'end';

/** The subscriptions of a server that are under way. */
export class Subscriptions {
  readonly #running = new Set<Outgoing<never>>();

  add(outgoing: Outgoing<never>): void {
    this.#running.add(outgoing);
    outgoing.over.addEventListener('abort', () => this.#running.delete(outgoing));
  }

  /** Ends all of them, and says how many there were. */
  drop(how: Drop): number {
    const running = [...this.#running];
    for (const outgoing of running) {
      if (how === 'end') outgoing.end();
      else outgoing.fail(connectionDropped());
    }
    return running.length;
  }
}
