/** Thrown if too many tasks wait for one key. */
export class QueueFullError extends Error {
  readonly code = 'too-busy';

  constructor(detail: string) {
    super(detail);
    this.name = 'QueueFullError';
  }
}

interface Entry {
  tail: Promise<unknown>;
  waiting: number;
}

/** Runs tasks with a common key, such as a stream, in sequence, and others in parallel. */
export class KeyedQueue {
  readonly #limit: number;
  readonly #entries = new Map<string, Entry>();

  constructor(limit = 1_000) {
    this.#limit = limit;
  }

  /**
   * Runs a task after the earlier ones with a common key.
   * @throws QueueFullError if too many tasks wait for one of the keys.
   */
  async run<Result>(keys: readonly string[], task: () => Promise<Result>): Promise<Result> {
    const entries = [...new Set(keys)].map((key) => [key, this.#entryOf(key)] as const);
    const result = Promise.all(entries.map(([, { tail }]) => tail)).then(task);
    // The tail only orders later tasks; the caller gets the error.
    const tail = result.catch(() => undefined);
    for (const [key, entry] of entries) {
      this.#entries.set(key, entry);
      entry.tail = tail;
      entry.waiting += 1;
    }
    try {
      return await result;
    } finally {
      for (const [key, entry] of entries) {
        entry.waiting -= 1;
        if (entry.waiting === 0) this.#entries.delete(key);
      }
    }
  }

  #entryOf(key: string): Entry {
    const entry = this.#entries.get(key) ?? { tail: Promise.resolve(), waiting: 0 };
    if (entry.waiting < this.#limit) return entry;
    throw new QueueFullError(
      `${this.#limit} commands are already waiting for ${key}. Try again in a few seconds`,
    );
  }
}
