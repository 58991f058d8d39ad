import { connectionDropped } from './call-error.ts';
import type { Outgoing } from './calls.ts';

/** The manner in which a server drops a subscription: with an error, or by ending it. */
export type Drop = 'error' | 'end';

/** The active subscriptions of a server. */
export class Subscriptions {
  readonly #running = new Set<Outgoing<never>>();

  add(outgoing: Outgoing<never>): void {
    this.#running.add(outgoing);
    outgoing.over.addEventListener('abort', () => this.#running.delete(outgoing));
  }

  /** Drops all subscriptions, and returns their number. */
  drop(how: Drop): number {
    const running = [...this.#running];
    for (const outgoing of running) {
      if (how === 'end') outgoing.end();
      else outgoing.fail(connectionDropped());
    }
    return running.length;
  }
}
