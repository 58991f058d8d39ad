import { StoreUnavailableError } from '#event-sourcing/errors';

/** The most waiting tasks. Others are refused at once, so that waits do not grow without limit. */
const WAITING_MAX = 10_000;

/** Runs tasks with a common key in order, and others concurrently. */
export class KeyedQueue {
  readonly #tails = new Map<string, Promise<undefined>>();
  #running = 0;

  /**
   * Runs a task after the earlier ones with a common key.
   * @throws StoreUnavailableError if too many tasks are waiting.
   */
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
