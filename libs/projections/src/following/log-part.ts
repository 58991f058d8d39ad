import type { Subscription } from '#event-sourcing/event-store';
import type { Positioned } from './follower.ts';

/**
 * Handles the next items, possibly none, and the position up to which the log was searched (by default that of the last
 * item).
 */
type BatchHandler<Item> = (batch: readonly Item[], upTo?: string) => Promise<void>;

/** The log, for which a store is suitable, or a part of it. */
export interface LogPart<Item extends Positioned> {
  /**
   * Delivers the items after a position in batches and in order. Ends when the bookmark must be read again.
   * @throws InvalidPositionError for an invalid position of this log.
   */
  subscribe(after: string, handle: BatchHandler<Item>): Subscription;
}

interface PolledOptions<Item> {
  /** Returns the position up to which `next` finds all items: the end of the log or of the index. */
  readonly lastPosition: () => Promise<string>;
  /** Returns the next items after a position in order; empty if there are none. */
  readonly next: (after: string) => Promise<readonly Item[]>;
}

/** A part of the log that a query finds. Each subscription queries once. */
export class PolledPart<Item extends Positioned> implements LogPart<Item> {
  readonly #options: PolledOptions<Item>;

  constructor(options: PolledOptions<Item>) {
    this.#options = options;
  }

  subscribe(after: string, handle: BatchHandler<Item>): Subscription {
    const ended = this.#look(after, handle);
    return {
      ended,
      async close() {
        await Promise.allSettled([ended]);
      },
    };
  }

  async #look(after: string, handle: BatchHandler<Item>): Promise<void> {
    // The end is read first, because the query may miss events that are appended while it runs.
    const end = await this.#options.lastPosition();
    const items = await this.#options.next(after);
    await (items.length === 0 ? handle(items, end) : handle(items));
  }
}
