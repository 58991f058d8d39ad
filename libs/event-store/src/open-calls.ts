import { StoreUnavailableError } from '#event-sourcing/errors';

/** The calls of an open store: refused from when it closes on, and waited for by who closes it. */
export class OpenCalls {
  readonly isReadOnly: boolean;
  readonly #underWay = new Set<Promise<unknown>>();
  #closing: Promise<void> | undefined;

  constructor(isReadOnly: boolean) {
    this.isReadOnly = isReadOnly;
  }

  /** @throws StoreUnavailableError */
  assertOpen(): void {
    if (this.#closing !== undefined) throw new StoreUnavailableError('the event store is closed');
  }

  /** @throws StoreUnavailableError */
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

  /** Resolves when nothing that was tracked is under way. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#underWay);
  }

  /** Refuses what comes from now on, and lets go of what the store holds: once, however often it is asked. */
  close(letGo: () => Promise<void>): Promise<void> {
    this.#closing ??= letGo();
    return this.#closing;
  }
}
