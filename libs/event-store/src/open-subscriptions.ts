import type { Subscription } from '#event-sourcing/event-store';

export class OpenSubscriptions {
  readonly #open = new Set<Subscription>();

  /** Starts a subscription. Closing it aborts the signal, and waits for the run to end. */
  start(run: (closing: AbortSignal) => Promise<void>): Subscription {
    const closing = new AbortController();
    const ended = run(closing.signal).finally(() => this.#open.delete(subscription));
    const subscription: Subscription = {
      ended,
      async close() {
        closing.abort();
        await Promise.allSettled([ended]);
      },
    };
    this.#open.add(subscription);
    return subscription;
  }

  async closeAll(): Promise<void> {
    await Promise.all([...this.#open].map((subscription) => subscription.close()));
  }
}
