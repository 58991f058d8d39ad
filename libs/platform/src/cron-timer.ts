import { Cron } from 'croner';
import type { Clock, Timer } from '#event-sourcing/clock';
import { instant } from '#event-sourcing/clock';

/** How often to check the time: a timer does not run while the machine sleeps, and the clock can be set. */
const LOOK_MS_MAX = 30_000;

/** Runs an action on a cron schedule in London's time. Skips a run while the previous one is in progress. */
export class CronTimer {
  readonly #cron: Cron;
  readonly #clock: Pick<Clock, 'now' | 'after'>;
  readonly #work: () => Promise<void>;
  #timer: Timer | null = null;
  #isAtWork = false;
  #isStopped = false;

  constructor(expression: string, clock: Pick<Clock, 'now' | 'after'>, work: () => Promise<void>) {
    this.#cron = new Cron(expression, { timezone: 'Europe/London', paused: true });
    this.#clock = clock;
    this.#work = work;
  }

  start(): void {
    if (!this.#isStopped) this.#await(this.#clock.now());
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.close();
  }

  /** The next run; null once stopped. */
  get nextRun(): string | null {
    const next = this.#isStopped ? null : this.#nextAfter(this.#clock.now());
    return next === null ? null : instant(next);
  }

  #nextAfter(now: number): number | null {
    return this.#cron.nextRun(new Date(now))?.getTime() ?? null;
  }

  #await(lookedAt: number): void {
    const next = this.#nextAfter(lookedAt);
    if (next === null) return;
    const look = (): void => {
      const now = this.#clock.now();
      if (now >= next) void this.#do();
      this.#await(now);
    };
    this.#timer = this.#clock.after(look, Math.min(next - lookedAt, LOOK_MS_MAX)).unref();
  }

  async #do(): Promise<void> {
    if (this.#isAtWork) return;
    this.#isAtWork = true;
    try {
      await this.#work();
    } finally {
      // A failure does not prevent the next run.
      this.#isAtWork = false;
    }
  }
}
