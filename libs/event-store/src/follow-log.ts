import { setImmediate } from 'node:timers/promises';
import { systemClock } from '#event-sourcing/clock';
import { InvalidPositionError } from '#event-sourcing/errors';
import type { Envelope } from '#event-sourcing/envelope';
import type { Subscription } from '#event-sourcing/event-store';
import type { StoreReports } from '#event-sourcing/store-observer';
import { OpenSubscriptions } from './open-subscriptions.ts';

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

interface FollowOptions {
  /** Returns the next events after a position, at most one batch; empty at the end of the log. */
  readonly readBatch: (after: number) => Envelope[] | Promise<Envelope[]>;
  /** The longest wait for a hint before the next look at the end of the log, in milliseconds. */
  readonly pollMs: number;
  /** Receives each subscription that ends with an error. */
  readonly reports: Pick<StoreReports, 'subscriptionDropped'> | undefined;
}

/** The subscriptions of one store. */
export class LogFollowers {
  readonly #options: FollowOptions;
  readonly #waiting = new Set<() => void>();
  readonly #subscriptions = new OpenSubscriptions();
  #hints = 0;

  constructor(options: FollowOptions) {
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
  follow(after: string, handler: (batch: readonly Envelope[]) => Promise<void>): Subscription {
    const start = parsePosition(after);
    return this.#subscriptions.start((closing) => this.#run(start, handler, closing));
  }

  async closeAll(): Promise<void> {
    await this.#subscriptions.closeAll();
  }

  async #run(
    start: number,
    handler: (batch: readonly Envelope[]) => Promise<void>,
    closing: AbortSignal,
  ): Promise<void> {
    let position = start;
    const isClosing = () => closing.aborted;
    for (;;) {
      // Yields between batches, so that catching up with a long log does not block the process.
      await setImmediate();
      if (isClosing()) return;
      const hints = this.#hints;
      const batch = await this.#orDropped('read', () => this.#options.readBatch(position));
      if (isClosing()) return;
      const last = batch.at(-1);
      if (last === undefined) {
        // The batch may not contain the events of a hint that came while it was read.
        if (hints === this.#hints) await this.#growth(closing);
      } else {
        await this.#orDropped('handler', () => handler(batch));
        position = parsePosition(last.position);
      }
    }
  }

  async #orDropped<T>(reason: 'read' | 'handler', work: () => T | Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      this.#options.reports?.subscriptionDropped(reason);
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
