import { StoreUnavailableError } from '#event-sourcing/errors';

/** Tracks the calls of an open store. Closing refuses new calls and waits for those in progress. */
export class OpenCalls {
  readonly isReadOnly: boolean;
  readonly #underWay = new Set<Promise<unknown>>();
  #closing: Promise<void> | undefined;

  constructor(isReadOnly: boolean) {
    this.isReadOnly = isReadOnly;
  }

  /**
   * Throws after `close`.
   * @throws StoreUnavailableError
   */
  assertOpen(): void {
    if (this.#closing !== undefined) throw new StoreUnavailableError('the event store is closed');
  }

  /**
   * Throws after `close`, or if the store is read-only.
   * @throws StoreUnavailableError
   */
  assertWritable(): void {
    this.assertOpen();
    if (this.isReadOnly) throw new StoreUnavailableError('the event store is open for reading only');
  }

  async track<T>(work: Promise<T>): Promise<T> {
    this.#underWay.add(work);
    try {
      return await work;
    } finally {
      this.#underWay.delete(work);
    }
  }

  /** Resolves when no tracked call is in progress. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#underWay);
  }

  /** Refuses new calls and releases the store's resources. Repeated calls return the same promise. */
  close(letGo: () => Promise<void>): Promise<void> {
    this.#closing ??= letGo();
    return this.#closing;
  }
}
