import { StoreUnavailableError } from '#event-sourcing/errors';

/** The most waiting tasks; more are refused at once instead of waiting ever longer. */
const WAITING_MAX = 10_000;

/** Runs tasks with a common key in order, and others concurrently. */
export class KeyedQueue {
  readonly #tails = new Map<string, Promise<undefined>>();
  #running = 0;

  /** @throws StoreUnavailableError if too many tasks wait already. */
  async run<T>(keys: readonly string[], task: () => Promise<T>): Promise<T> {
    if (this.#running >= WAITING_MAX) {
      throw new StoreUnavailableError(
        `the event store is busy: ${WAITING_MAX} appends are waiting; try again later`,
      );
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
