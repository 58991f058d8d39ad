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

/** Returns a part of the log that a query finds. Each subscription queries once. */
export const polledPart = <Item extends Positioned>({
  lastPosition,
  next,
}: PolledOptions<Item>): LogPart<Item> => ({
  subscribe(after, handle) {
    const look = async (): Promise<void> => {
      // The end is read first, because the query may miss events that are appended while it runs.
      const end = await lastPosition();
      const items = await next(after);
      await (items.length === 0 ? handle(items, end) : handle(items));
    };
    const ended = look();
    return {
      ended,
      async close() {
        await Promise.allSettled([ended]);
      },
    };
  },
});
