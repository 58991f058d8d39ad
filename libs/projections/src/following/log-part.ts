import type { Subscription } from '#event-sourcing/event-store';
import type { Positioned } from './follower.ts';

/** Handed what comes next, which may be nothing, and up to where the log was looked through; without that, to the last item. */
export type Take<Item> = (batch: readonly Item[], upTo?: string) => Promise<void>;

/** What is followed: the log itself (a store is one of these), or a part of it. */
export interface LogPart<Item extends Positioned> {
  /**
   * Hands over what comes after a position, a batch at a time and in order. It ends when the bookmark is to be read again.
   * @throws InvalidPositionError for a text that is no position of this log.
   */
  subscribe(after: string, take: Take<Item>): Subscription;
}

interface PolledOptions<Item> {
  /** Up to where `next` finds all that there is: the log's last position, or that of who looks through it. */
  readonly lastPosition: () => Promise<string>;
  /** The next items after a position, in order; empty where there are none up to that position. */
  readonly next: (after: string) => Promise<readonly Item[]>;
}

/** A part of the log that a query finds: each subscription is one look. */
export class PolledPart<Item extends Positioned> implements LogPart<Item> {
  readonly #options: PolledOptions<Item>;

  constructor(options: PolledOptions<Item>) {
    this.#options = options;
  }

  subscribe(after: string, take: Take<Item>): Subscription {
    const ended = this.#look(after, take);
    return {
      ended,
      async close() {
        await Promise.allSettled([ended]);
      },
    };
  }

  async #look(after: string, take: Take<Item>): Promise<void> {
    // Asked first: what is appended while the query runs may not be found by it.
    const end = await this.#options.lastPosition();
    const items = await this.#options.next(after);
    await (items.length === 0 ? take(items, end) : take(items));
  }
}
