import type { Tasks } from '#threads/messages';
import type { Thread } from '#threads/thread';
import { READ_MS_MAX, ReadersBusyError, ReadQueue } from './limited-reads.ts';
import type { ReadCounts } from './limited-reads.ts';

export interface ReadLimits {
  readonly limitMs: number;
  /** The time for which a thread may continue with a cancelled read. */
  readonly graceMs: number;
  /** The time limit for starting a thread. */
  readonly startMs: number;
  /** The time for which closing waits for threads, which end only after their current work. */
  readonly closeMs: number;
}

export const READ_LIMITS: ReadLimits = {
  limitMs: READ_MS_MAX,
  graceMs: 1_000,
  startMs: 10_000,
  closeMs: 2_000,
};

/** The most abandoned threads that may exist at once; their work cannot be interrupted. */
const LEFT_MAX = 2;

interface ReadThreadsOptions<Used> {
  /** The number of reads that run at once. */
  readonly atOnce: number;
  readonly closeMs: number;
  /** Starts a thread that reports when it is lost. */
  readonly start: (onLost: (error: Error) => void) => Used;
  /** Called with each thread that was replaced. */
  readonly onReplaced: (thread: Used, error: Error) => void;
}

/**
 * Reader threads, each started when it is first needed. A thread that fails, or whose read does not end, is replaced,
 * because native code cannot be interrupted.
 */
export class ReadThreads<Used extends Pick<Thread<Tasks>, 'exited' | 'close'>> {
  readonly queue: ReadQueue;
  readonly #options: ReadThreadsOptions<Used>;
  readonly #used = new Set<Used>();
  readonly #idle = new Set<Used>();
  /** The replaced threads that are still running. */
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

  /** The reason why all reads are refused; null if they are not. */
  get refusal(): string | null {
    if (this.#used.size > 0 || this.#left.size < LEFT_MAX) return null;
    return `${LEFT_MAX} earlier reads cannot be ended, and occupy every reader thread`;
  }

  /**
   * Runs a read on a thread when it is its turn.
   * @throws errors of `ReadQueue.run`, `acquire` and `read`.
   */
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
   * Returns a thread for exclusive use until `release`.
   * @throws ReadersBusyError if no other thread may be started; errors of `start`.
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
