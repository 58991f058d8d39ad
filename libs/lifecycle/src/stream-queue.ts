/** Thrown if too many tasks wait for one stream. */
export class QueueFullError extends Error {
  readonly code = 'too-busy';

  constructor(detail: string) {
    super(detail);
    this.name = 'QueueFullError';
  }
}

/** Runs the tasks of one stream in sequence, and those of different streams in parallel. */
export class StreamQueue {
  readonly #limit: number;
  readonly #tails = new Map<string, { tail: Promise<unknown>; waiting: number }>();

  constructor(limit = 1_000) {
    this.#limit = limit;
  }

  /**
   * Runs a task after the stream's earlier ones.
   * @throws QueueFullError if the stream's queue is full.
   */
  async run<Result>(streamId: string, task: () => Promise<Result>): Promise<Result> {
    const entry = this.#tails.get(streamId) ?? { tail: Promise.resolve(), waiting: 0 };
    if (entry.waiting >= this.#limit) throw this.#full(streamId);
    this.#tails.set(streamId, entry);
    entry.waiting += 1;
    const result = entry.tail.then(task);
    // The tail only orders later tasks; the caller gets the error.
    entry.tail = result.catch(() => undefined);
    try {
      return await result;
    } finally {
      entry.waiting -= 1;
      if (entry.waiting === 0) this.#tails.delete(streamId);
    }
  }

  #full(streamId: string): QueueFullError {
    return new QueueFullError(
      `${this.#limit} commands are already waiting for ${streamId}. Try again in a few seconds`,
    );
  }
}
