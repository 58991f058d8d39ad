import { hasCode } from '#event-sourcing/errors';
import type { EventStore } from '#event-sourcing/event-store';

/** So far clocks of several machines may be apart. */
const AHEAD_MS_MAX = 60_000;

/**
 * Whether this machine's clock was behind the log at start: then it is wrong now, or that of whoever wrote the last event was. Either
 * way days begin and deadlines pass at other times than people think.
 */
export class LogClock {
  readonly #recordedAt: number;
  readonly #now: () => number;
  #isBehind: boolean;

  constructor(recordedAt: string | null, now: () => number = Date.now) {
    this.#recordedAt = recordedAt === null ? -Infinity : Date.parse(recordedAt);
    this.#now = now;
    this.#isBehind = this.#recordedAt - now() > AHEAD_MS_MAX;
  }

  /** A clock that looks at a log's last event. */
  static async of(store: EventStore): Promise<LogClock> {
    try {
      return new LogClock((await store.lastEvent())?.recordedAt ?? null);
    } catch (error) {
      // An event that cannot be read is another trouble, and no reason not to start.
      if (!hasCode(error, 'store-damaged')) throw error;
      return new LogClock(null);
    }
  }

  /** By how many seconds the clock is behind; 0 where it was not at start, or has caught up. */
  get secondsBehind(): number {
    const behind = this.#recordedAt - this.#now();
    if (behind <= 0) this.#isBehind = false;
    return this.#isBehind ? Math.ceil(behind / 1_000) : 0;
  }

  /** What to say of it; null where nothing is wrong. */
  get trouble(): string | null {
    const seconds = this.secondsBehind;
    if (seconds === 0) return null;
    const { recordedAt, now } = { recordedAt: new Date(this.#recordedAt), now: new Date(this.#now()) };
    return (
      `The log's last event was recorded at ${recordedAt.toISOString()}, ${seconds} s ahead of this machine's clock ` +
      `(${now.toISOString()}): set the clock right, or find out which machine wrote with a wrong one`
    );
  }
}
