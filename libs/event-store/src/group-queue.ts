interface Failed {
  readonly failed: unknown;
}

interface Waiting<Request, Result> {
  readonly request: Request;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/** Writes groups of requests. */
interface GroupWriter<Request, Result> {
  /** Returns the size of the next group. */
  sizeOf(waiting: number): number;
  /** Writes requests in one transaction, and returns the results of the first of them. */
  write(group: readonly Request[]): GroupResults<Result> | Promise<GroupResults<Result>>;
  /** Waits until callers can continue after their results. */
  turn(): Promise<unknown>;
  /** Called when the callers of a group have received their results. */
  readonly settle?: () => void;
}
type GroupResults<Result> = readonly (Result | Failed)[];

/**
 * Passes requests to a writer in groups, one transaction at a time. Requests that arrive during a transaction form the
 * next group.
 */
export class GroupQueue<Request, Result extends object> {
  readonly #writer: GroupWriter<Request, Result>;
  #waiting: Waiting<Request, Result>[] = [];
  #writing: Promise<void> | undefined;

  constructor(writer: GroupWriter<Request, Result>) {
    this.#writer = writer;
  }

  /** The number of waiting requests, those of the transaction in progress included. */
  get length(): number {
    return this.#waiting.length;
  }

  add(request: Request): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ request, resolve, reject });
      this.#writing ??= this.#write();
    });
  }

  /** Resolves when no request is waiting. */
  async settled(): Promise<void> {
    await this.#writing;
  }

  async #write(): Promise<void> {
    // Callers that continue after the same result are written together.
    await this.#writer.turn();
    while (this.#waiting.length > 0) {
      const group = this.#waiting.slice(0, this.#writer.sizeOf(this.#waiting.length));
      const results = await this.#resultsOf(group);
      this.#waiting = this.#waiting.slice(results.length);
      for (const [index, result] of results.entries()) {
        if ('failed' in result) group[index]?.reject(result.failed);
        else group[index]?.resolve(result);
      }
      await this.#writer.turn();
      this.#writer.settle?.();
    }
    this.#writing = undefined;
  }

  /** Writes a group. An error of the writer fails the whole group, so that the queue continues. */
  async #resultsOf(group: readonly Waiting<Request, Result>[]): Promise<GroupResults<Result>> {
    try {
      return await this.#writer.write(group.map(({ request }) => request));
    } catch (failed) {
      return group.map(() => ({ failed }));
    }
  }
}
