import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { ReadAbandonedError } from './limited-reads.ts';
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

/** What a thread is started with, and who is told of it. */
export interface ThreadOptions<Answer> {
  /** Answers `ready` when it can be asked, and ends when it is told `close`. */
  readonly module: URL;
  readonly workerData: unknown;
  readonly startMs: number;
  /** What those are told whom it leaves without an answer. */
  readonly unavailable: (reason: string, options?: ErrorOptions) => Error;
  readonly onAnswer: (answer: Answer) => void;
  /** It can be asked nothing any more; told once. */
  readonly onLost: (error: Error) => void;
}

/**
 * A thread that reads for others. Where it fails, or is at what does not end, another takes its place, since native code is ended by
 * nothing but its process. It holds the process while it is asked or closed, and else lets it end.
 */
export class ReplaceableThread<Message, Answer extends object> {
  readonly exited: Promise<unknown>;
  readonly #worker: Worker;
  readonly #onLost: (error: Error) => void;
  /** Settles when it can be asked, or never can. */
  readonly #started = Promise.withResolvers<undefined>();
  readonly #late: NodeJS.Timeout;
  #asking = 0;
  #isClosing = false;
  #lost: Error | null = null;

  constructor(options: ThreadOptions<Answer>) {
    const { module, workerData, startMs, unavailable, onAnswer, onLost } = options;
    this.#onLost = onLost;
    this.#worker = new Worker(module, { workerData });
    this.exited = new Promise((resolve) => this.#worker.once('exit', resolve));
    this.#worker.on('message', (answer: Answer | 'ready') => {
      if (answer === 'ready') this.#start();
      else onAnswer(answer);
    });
    this.#worker.on('error', (error: Error) => {
      this.lose(unavailable(`failed: ${error.message}`, { cause: error }));
    });
    this.#worker.on('exit', () => {
      this.lose(unavailable('has ended'));
    });
    this.#late = setTimeout(() => {
      this.replace(unavailable(`has not started within ${startMs / 1_000} s`));
    }, startMs);
    this.#worker.unref();
  }

  /** Why it can be asked nothing any more; null while it can. */
  get lost(): Error | null {
    return this.#lost;
  }

  /**
   * Does what asks it, once it can be asked.
   * @throws why it is lost; what `ask` throws.
   */
  async whileAsked<Result>(ask: () => Promise<Result>): Promise<Result> {
    this.#asking += 1;
    this.#worker.ref();
    try {
      await this.#started.promise;
      if (this.#lost !== null) throw this.#lost;
      return await ask();
    } finally {
      this.#asking -= 1;
      if (this.#asking === 0) this.#letGo();
    }
  }

  send(message: Message | 'close'): void {
    this.#worker.postMessage(message);
  }

  /** Ends it, after what it is at. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#worker.ref();
    this.send('close');
    await this.exited;
  }

  /** Waits for it no longer. It ends when what it is at does, not before. */
  leave(): void {
    this.replace(new ReadAbandonedError());
    this.#worker.unref();
  }

  /** Lets another take its place. */
  replace(error: Error): void {
    this.lose(error);
    this.#letGo();
    void this.#worker.terminate();
  }

  /** Asks it nothing any more. */
  lose(error: Error): void {
    if (this.#lost !== null) return;
    this.#lost = this.#isClosing ? new ReadAbandonedError() : error;
    this.#start();
    this.#onLost(this.#lost);
  }

  #start(): void {
    clearTimeout(this.#late);
    this.#started.resolve(undefined);
  }

  #letGo(): void {
    // Who closes it waits for its end.
    if (!this.#isClosing) this.#worker.unref();
  }
}

type EndingThread = Pick<ReplaceableThread<never, never>, 'exited' | 'close' | 'leave'>;

/** How many threads may be left to themselves at once, each at what nothing ends. */
const LEFT_MAX = 2;

/** The threads of which others took the place, until they end. */
export class LeftThreads {
  readonly #left = new Set<EndingThread>();
  #replaced = 0;

  get counts(): Pick<ReadCounts, 'replaced' | 'left'> {
    return { replaced: this.#replaced, left: this.#left.size };
  }

  /** Why no other thread is started; null where one may be. */
  get refusal(): string | null {
    if (this.#left.size < LEFT_MAX) return null;
    return `${LEFT_MAX} earlier reads cannot be ended, and hold all the threads there may be`;
  }

  add(thread: EndingThread): void {
    this.#replaced += 1;
    this.#left.add(thread);
    void thread.exited.then(() => this.#left.delete(thread));
  }

  /** Waits until these and those that are used have ended, but not for one that does not. */
  async close(used: Iterable<EndingThread>, closeMs: number): Promise<void> {
    const threads = [...used, ...this.#left];
    const patience = new AbortController();
    // It holds the process: what threads were left hold it no more.
    const late = sleep(closeMs, undefined, { signal: patience.signal }).catch(() => undefined);
    await Promise.race([late, Promise.all(threads.map((thread) => thread.close()))]);
    patience.abort();
    for (const thread of threads) thread.leave();
  }
}
