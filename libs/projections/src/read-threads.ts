import type { Tasks } from '#threads/messages';
import type { Thread } from '#threads/thread';
import { READ_MS_MAX, ReadersBusyError, ReadQueue } from './limited-reads.ts';
import type { ReadCounts } from './limited-reads.ts';

export interface ReadLimits {
  readonly limitMs: number;
  /** How long a thread may go on with a read that is over. */
  readonly graceMs: number;
  /** How long a thread may take until it can be asked. */
  readonly startMs: number;
  /** How long closing waits for threads: one ends when what it is at does, not before. */
  readonly closeMs: number;
}

export const READ_LIMITS: ReadLimits = {
  limitMs: READ_MS_MAX,
  graceMs: 1_000,
  startMs: 10_000,
  closeMs: 2_000,
};

/** How many threads may be left to themselves at once, each at what nothing ends. */
const LEFT_MAX = 2;

interface ReadThreadsOptions<Used> {
  /** How many reads go on at once. */
  readonly atOnce: number;
  readonly closeMs: number;
  /** Starts a thread that says when it is lost. It may throw. */
  readonly start: (onLost: (error: Error) => void) => Used;
  /** Told of each thread of which another takes the place. */
  readonly onReplaced: (thread: Used, error: Error) => void;
}

/**
 * Threads that read for others, each started when it is first needed. Where one fails, or is at what does not end, another takes its
 * place, since native code is ended by nothing but its process.
 */
export class ReadThreads<Used extends Pick<Thread<Tasks>, 'exited' | 'close'>> {
  readonly queue: ReadQueue;
  readonly #options: ReadThreadsOptions<Used>;
  readonly #used = new Set<Used>();
  readonly #idle = new Set<Used>();
  /** Those of which others took the place, until they end. */
  readonly #left = new Set<Used>();
  #replaced = 0;
  #isClosing = false;

  constructor(options: ReadThreadsOptions<Used>) {
    this.#options = options;
    this.queue = new ReadQueue(options.atOnce);
  }

  get counts(): ReadCounts {
    return { ...this.queue.counts, replaced: this.#replaced, left: this.#left.size };
  }

  /** Why every read is refused now; null where none is. */
  get refusal(): string | null {
    if (this.#used.size > 0 || this.#left.size < LEFT_MAX) return null;
    return `${LEFT_MAX} earlier reads cannot be ended, and hold all the threads there may be`;
  }

  /** @throws as `ReadQueue.run` and `take` do; what `read` throws. */
  run<Result>(read: (thread: Used) => Promise<Result>): Promise<Result> {
    return this.queue.run(async () => {
      const thread = this.take();
      try {
        return await read(thread);
      } finally {
        this.give(thread);
      }
    });
  }

  /**
   * A thread that nobody else has, until it is given back.
   * @throws ReadersBusyError where no other may be started; what `start` throws.
   */
  take(): Used {
    const [idle] = this.#idle;
    if (idle !== undefined) {
      this.#idle.delete(idle);
      return idle;
    }
    if (this.refusal !== null) throw new ReadersBusyError(this.refusal);
    const thread = this.#options.start((error) => {
      this.#leave(thread, error);
    });
    this.#used.add(thread);
    return thread;
  }

  give(thread: Used): void {
    if (this.#used.has(thread)) this.#idle.add(thread);
  }

  /** Waits until the threads have ended, but not for one that does not: it is left to what it is at. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.queue.close();
    const threads = [...this.#used, ...this.#left];
    await Promise.all(threads.map((thread) => thread.close(this.#options.closeMs)));
  }

  #leave(thread: Used, error: Error): void {
    this.#used.delete(thread);
    this.#idle.delete(thread);
    if (this.#isClosing) return;
    this.#replaced += 1;
    this.#left.add(thread);
    void thread.exited.then(() => this.#left.delete(thread));
    this.#options.onReplaced(thread, error);
  }
}
