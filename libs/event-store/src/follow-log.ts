import { setImmediate } from 'node:timers/promises';
import { systemClock } from '#event-sourcing/clock';
import { hasCode, InvalidPositionError } from '#event-sourcing/errors';
import type { Envelope } from '#event-sourcing/envelope';
import type { Subscription } from '#event-sourcing/event-store';
import type { StoreReports } from '#event-sourcing/store-observer';

const DECIMAL = /^\d+$/;

/**
 * Returns a position as a number. The positions of these adapters have at most 53 bits.
 * @throws InvalidPositionError
 */
export function parsePosition(position: string): number {
  const number = Number(position);
  if (!DECIMAL.test(position) || !Number.isSafeInteger(number)) {
    throw new InvalidPositionError(position);
  }
  return number;
}

/** A handler of the log's events in batches. */
type Handler = (batch: readonly Envelope[]) => Promise<void>;

export interface FollowOptions<Position> {
  /** Returns a parsed position. @throws InvalidPositionError */
  readonly positionOf: (position: string) => Position;
  /** Returns the next events after a position, at most one batch; empty at the end of the log. */
  readonly readBatch: (after: Position) => Envelope[] | Promise<Envelope[]>;
  /** The longest wait for a hint before the next look at the end of the log, in milliseconds. */
  readonly pollMs: number;
  /** True if a subscription continues when a server that is unavailable answers again. */
  readonly isOnServer: boolean;
  /** Receives each subscription that ends with an error, and each failed read. */
  readonly reports: Pick<StoreReports, 'subscriptionDropped'> | undefined;
}

/** The subscriptions of one store. */
export class LogFollowers<Position> {
  readonly #options: FollowOptions<Position>;
  readonly #waiting = new Set<() => void>();
  readonly #open = new Set<Subscription>();
  #hints = 0;

  constructor(options: FollowOptions<Position>) {
    this.#options = options;
  }

  /** Wakes the subscriptions that wait at the end of the log, because it has grown. */
  hint(): void {
    this.#hints++;
    for (const wake of this.#waiting) wake();
  }

  /**
   * Follows the log with one batch in progress; the next is read after the handler's promise resolves. Closing waits
   * for the batch in progress, so a handler must not await it.
   */
  follow(after: string, handler: Handler): Subscription {
    const closing = new AbortController();
    const start = this.#options.positionOf(after);
    const ended = this.#run(start, handler, closing.signal).finally(() => this.#open.delete(subscription));
    const subscription: Subscription = {
      ended,
      async close() {
        closing.abort();
        await Promise.allSettled([ended]);
      },
    };
    this.#open.add(subscription);
    return subscription;
  }

  async closeAll(): Promise<void> {
    await Promise.all([...this.#open].map((subscription) => subscription.close()));
  }

  async #run(start: Position, handler: Handler, closing: AbortSignal): Promise<void> {
    let position = start;
    const isClosing = () => closing.aborted;
    for (;;) {
      // Yields between batches, so that catching up with a long log does not block the process.
      await setImmediate();
      if (isClosing()) return;
      const hints = this.#hints;
      const batch = await this.#read(position);
      if (isClosing()) return;
      const last = batch.at(-1);
      if (last === undefined) {
        // The batch may not contain the events of a hint that came while it was read.
        if (hints === this.#hints) await this.#growth(closing);
      } else {
        await this.#handle(handler, batch);
        position = this.#options.positionOf(last.position);
      }
    }
  }

  async #read(after: Position): Promise<Envelope[]> {
    const { readBatch, isOnServer, reports } = this.#options;
    try {
      return await readBatch(after);
    } catch (error) {
      reports?.subscriptionDropped('read');
      if (isOnServer && hasCode(error, 'store-unavailable')) return [];
      throw error;
    }
  }

  async #handle(handler: Handler, batch: readonly Envelope[]): Promise<void> {
    try {
      await handler(batch);
    } catch (error) {
      this.#options.reports?.subscriptionDropped('handler');
      throw error;
    }
  }

  /** Resolves at the next hint, at the next poll, or when the subscription closes. */
  async #growth(closing: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const wake = () => {
      resolve(undefined);
    };
    const { pollMs } = this.#options;
    const timer = Number.isFinite(pollMs) ? systemClock.after(wake, pollMs) : undefined;
    this.#waiting.add(wake);
    closing.addEventListener('abort', wake, { once: true });
    await promise;
    timer?.close();
    this.#waiting.delete(wake);
    closing.removeEventListener('abort', wake);
  }
}
