import { setImmediate } from 'node:timers/promises';
import type { SleepOptions, Timer } from '#event-sourcing/clock';
import type { SteadyClock } from '#platform/steady-clock';

interface Waiting {
  dueAt: number;
  /** The interval of a repeated timer; null for a single one. */
  readonly again: number | null;
  readonly work: () => void;
}

/** A clock that a test advances, with its timers. */
export class VirtualClock implements SteadyClock {
  readonly #start: number;
  #now: number;
  #waiting: Waiting[] = [];

  constructor(start = 0) {
    this.#start = start;
    this.#now = start;
  }

  // The functions are bound, because each may be passed on separately.
  readonly now = (): number => this.#now;
  readonly elapsed = (): number => this.#now - this.#start;
  readonly steady = this.elapsed;

  get timers(): number {
    return this.#waiting.length;
  }

  after(work: () => void, ms: number): Timer {
    return this.#wait({ dueAt: this.#now + ms, again: null, work });
  }

  every(work: () => void, ms: number): Timer {
    return this.#wait({ dueAt: this.#now + ms, again: ms, work });
  }

  sleep(ms: number, { signal }: SleepOptions = {}): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = this.after(resolve, ms);
      signal?.addEventListener('abort', () => {
        timer.close();
        reject(signal.reason as Error);
      });
    });
  }

  /** Moves to an instant at once, as after the machine has slept. A repeated timer runs once, however long that was. */
  async moveTo(now: number): Promise<void> {
    this.#now = now;
    const due = this.#waiting.filter(({ dueAt }) => dueAt <= now).sort((a, b) => a.dueAt - b.dueAt);
    this.#waiting = this.#waiting.filter((each) => !due.includes(each) || each.again !== null);
    for (const each of due) {
      if (each.again !== null) each.dueAt = now + each.again;
      each.work();
    }
    await setImmediate();
  }

  #wait(waiting: Waiting): Timer {
    this.#waiting.push(waiting);
    const timer: Timer = {
      close: () => {
        this.#waiting = this.#waiting.filter((each) => each !== waiting);
      },
      unref: () => timer,
    };
    return timer;
  }
}
