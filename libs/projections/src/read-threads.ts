import type { Tasks } from '#threads/messages';
import type { Thread } from '#threads/thread';
import { READ_MS_MAX, ReadersBusyError, ReadQueue } from './limited-reads.ts';
import type { ReadCounts } from './limited-reads.ts';

export interface ReadLimits {
  readonly limitMs: number;
  /** How long a thread may continue with a cancelled read. */
  readonly graceMs: number;
  /** The time limit for starting a thread. */
  readonly startMs: number;
  /** How long closing waits for threads, which end only after their current work. */
  readonly closeMs: number;
}

export const READ_LIMITS: ReadLimits = {
  limitMs: READ_MS_MAX,
  graceMs: 1_000,
  startMs: 10_000,
  closeMs: 2_000,
};

/** How many abandoned threads may exist at once, each with work that cannot be ended. */
const LEFT_MAX = 2;

interface ReadThreadsOptions<Used> {
  /** How many reads run at once. */
  readonly atOnce: number;
  readonly closeMs: number;
  /** Starts a thread that reports when it is lost. May throw. */
  readonly start: (onLost: (error: Error) => void) => Used;
  /** Called with each replaced thread. */
  readonly onReplaced: (thread: Used, error: Error) => void;
}

/**
 * Reader threads, each started when first needed. A thread that fails, or whose read does not end, is replaced, since native code
 * cannot be interrupted.
 */
export class ReadThreads<Used extends Pick<Thread<Tasks>, 'exited' | 'close'>> {
  readonly queue: ReadQueue;
  readonly #options: ReadThreadsOptions<Used>;
  readonly #used = new Set<Used>();
  readonly #idle = new Set<Used>();
  /** Replaced threads that are still running. */
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

  /** Why every read is refused now; null if none is. */
  get refusal(): string | null {
    if (this.#used.size > 0 || this.#left.size < LEFT_MAX) return null;
    return `${LEFT_MAX} earlier reads cannot be ended, and occupy every reader thread`;
  }

  /** @throws as `ReadQueue.run` and `acquire` do; errors of `read` */
  run<Result>(read: (thread: Used) => Promise<Result>): Promise<Result> {
    return this.queue.run(async () => {
      const thread = this.acquire();
      try {
        return await read(thread);
      } finally {
        this.release(thread);
      }
    });
  }

  /**
   * Returns a thread for exclusive use until it is returned.
   * @throws ReadersBusyError if no other may be started; errors of `start`
   */
  acquire(): Used {
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

  release(thread: Used): void {
    if (this.#used.has(thread)) this.#idle.add(thread);
  }

  /** Waits until the threads have ended, up to the time limit. */
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
