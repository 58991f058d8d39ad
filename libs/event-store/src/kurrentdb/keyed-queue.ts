import { StoreUnavailableError } from '#event-sourcing/errors';

/** How many tasks may wait: beyond, callers are told at once instead of waiting ever longer. */
const WAITING_MAX = 10_000;

/** Runs tasks that share a key one after another, in the order in which they come, and others side by side. */
export class KeyedQueue {
  readonly #tails = new Map<string, Promise<undefined>>();
  #running = 0;

  /** @throws StoreUnavailableError when too many wait already. */
  async run<T>(keys: readonly string[], task: () => Promise<T>): Promise<T> {
    if (this.#running >= WAITING_MAX) {
      throw new StoreUnavailableError(`${WAITING_MAX} appends wait for the event store already`);
    }
    const before = keys.flatMap((key) => this.#tails.get(key) ?? []);
    const { promise: ended, resolve } = Promise.withResolvers<undefined>();
    for (const key of keys) this.#tails.set(key, ended);
    this.#running++;
    await Promise.all(before);
    try {
      return await task();
    } finally {
      resolve(undefined);
      this.#running--;
      for (const key of keys) if (this.#tails.get(key) === ended) this.#tails.delete(key);
    }
  }
}
