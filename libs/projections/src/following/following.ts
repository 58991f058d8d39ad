import type { Clock } from '#event-sourcing/clock';
import { systemClock } from '#event-sourcing/clock';
import type { Subscription } from '#event-sourcing/event-store';
import type { Follower, Positioned, Waitable } from './follower.ts';
import type { LogPart } from './log-part.ts';
import { comparePositions } from '../position.ts';
import { ReadModelMissingError } from '../read-model-database.ts';

/** The first and the longest pause before a retry, in milliseconds. Each failure doubles it. */
export interface RetryPauses {
  readonly first: number;
  readonly max: number;
}

export interface FollowingOptions<Item extends Positioned> {
  readonly follower: Follower<Item>;
  /** The source: a store, or a part of the log that a query finds. */
  readonly log: LogPart<Item>;
  /** Called with each error, before the retry. */
  readonly onError: (error: unknown) => void;
  /** The clock for pauses; the system's by default. */
  readonly clock?: Clock;
  /** The pause at the end of the source before the next look, in milliseconds; 500 by default. */
  readonly pollMs?: number;
  readonly retryMs?: RetryPauses;
  /** The time for which `stop` waits for the batch in progress, in milliseconds; 10,000 by default. */
  readonly stopMs?: number;
}

const POLL_MS = 500;
const RETRY_MS: RetryPauses = { first: 1_000, max: 5_000 };
const STOP_MS = 10_000;

/**
 * Keeps a follower up to date: reads its bookmark, delivers the next items in batches, and saves the bookmark after
 * each. After an error, reports it and retries from the bookmark after a pause that grows.
 */
export class Following<Item extends Positioned> implements Waitable {
  readonly #options: FollowingOptions<Item>;
  readonly #stopping = new AbortController();
  readonly #stopped = Promise.withResolvers<undefined>();
  /** The pause before the next retry. */
  #retryMs: number;
  #running: Promise<void> = Promise.resolve();
  /** The position up to which everything is handled, as far as this process knows. */
  #handled = '0';
  /** Resolves when more items are handled, or a look ends. */
  #moved = Promise.withResolvers<undefined>();
  /** Ends the pause before the next look or retry. */
  #wake: () => void = () => undefined;
  /** True if a caller began to wait during the last look, which may have missed its event. */
  #isAwaited = false;
  /** The number of handled batches. */
  #batches = 0;

  constructor(options: FollowingOptions<Item>) {
    this.#options = options;
    this.#retryMs = this.#retries.first;
    this.#stopping.signal.addEventListener('abort', () => {
      this.#stopped.resolve(undefined);
    });
  }

  start(): void {
    this.#running = this.#run();
  }

  /**
   * Stops after the batch in progress. If the batch takes too long, it is reported, abandoned, and handled again later.
   */
  async stop(): Promise<void> {
    const { follower, onError, stopMs = STOP_MS } = this.#options;
    this.#stopping.abort();
    this.#wake();
    const over = new AbortController();
    const late = systemClock.sleep(Math.min(stopMs, 2 ** 31 - 1), { signal: over.signal }).then(
      () => 'late' as const,
      () => null,
    );
    const how = await Promise.race([this.#running.then(() => null), late]);
    over.abort();
    if (how === null) return;
    const what = `The follower "${follower.name}" did not finish its batch within ${stopMs / 1_000} s`;
    onError(new Error(`${what}; the batch is handled again at the next start`));
  }

  /**
   * Waits as `Waitable` describes.
   * @throws RangeError for an invalid position.
   */
  async whenHandled(position: string, timeoutMs: number): Promise<boolean> {
    const { promise: isOver, resolve } = Promise.withResolvers<'over'>();
    const timer = systemClock.after(() => {
      resolve('over');
    }, timeoutMs);
    try {
      this.#isAwaited = true;
      this.#wake();
      while (comparePositions(this.#handled, position) < 0) {
        if (this.#stopping.signal.aborted) return false;
        if ((await Promise.race([this.#moved.promise, isOver])) === 'over') return false;
      }
      return true;
    } finally {
      timer.close();
    }
  }

  async #run(): Promise<void> {
    const { onError, pollMs = POLL_MS } = this.#options;
    while (!this.#stopping.signal.aborted) {
      try {
        await this.look();
        this.#retryMs = this.#retries.first;
        await this.#pause(pollMs);
      } catch (error) {
        // In a new database the read models do not exist yet, so there is nothing to handle.
        if (error instanceof ReadModelMissingError) {
          await this.#pause(pollMs);
          continue;
        }
        if (!this.#hasGivenUp(error)) onError(error);
        await this.#pause(this.#retryMs);
        this.#retryMs = Math.min(this.#retryMs * 2, this.#retries.max);
      }
    }
    // Callers that wait for a position continue.
    this.#move();
  }

  /**
   * Handles all available items once, also for callers that do not start the following.
   * @throws the first error.
   */
  async look(): Promise<void> {
    try {
      while (!this.#stopping.signal.aborted && (await this.#part()));
    } finally {
      this.#move();
    }
  }

  /** Handles one part; returns whether it contained any item. */
  async #part(): Promise<boolean> {
    const before = this.#batches;
    const position = await this.#options.follower.bookmark.read();
    // Another process may have moved the shared bookmark further.
    this.#move(position);
    const subscription = this.#subscribe(position);
    try {
      await Promise.race([subscription.ended, this.#stopped.promise]);
    } finally {
      await Promise.allSettled([subscription.close()]);
    }
    // `stop` ends the wait before the batch ends, whose outcome is then known.
    await subscription.ended;
    return this.#batches > before;
  }

  #subscribe(from: string): Subscription {
    let after = from;
    return this.#options.log.subscribe(after, async (batch, upTo = batch.at(-1)?.position) => {
      await this.#take(batch, after);
      after = batch.at(-1)?.position ?? after;
      this.#move(upTo);
    });
  }

  async #take(batch: readonly Item[], after: string): Promise<void> {
    const last = batch.at(-1);
    if (last === undefined) return;
    const { follower } = this.#options;
    await follower.handle(batch, { after, stopping: this.#stopping.signal });
    await follower.bookmark.save?.(last.position);
    this.#batches += 1;
    this.#retryMs = this.#retries.first;
  }

  get #retries(): RetryPauses {
    return this.#options.retryMs ?? RETRY_MS;
  }

  #move(to = this.#handled): void {
    if (comparePositions(to, this.#handled) > 0) this.#handled = to;
    this.#moved.resolve(undefined);
    this.#moved = Promise.withResolvers();
  }

  /** Returns whether an error was caused by a stop, and is therefore not a failure. */
  #hasGivenUp(error: unknown): boolean {
    return this.#stopping.signal.aborted && (error as Partial<Error> | null)?.name === 'AbortError';
  }

  #pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = (this.#options.clock ?? systemClock).after(resolve, milliseconds);
      this.#wake = () => {
        timer.close();
        resolve();
      };
      if (this.#stopping.signal.aborted || this.#isAwaited) this.#wake();
      this.#isAwaited = false;
    });
  }
}
