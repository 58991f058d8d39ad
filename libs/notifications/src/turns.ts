import { performance } from 'node:perf_hooks';
import { systemClock } from '#event-sourcing/clock';

/** How long the thread is looked at, and how long is waited at the most until it has time. */
const LOOK_MS = 5;
const WAIT_MS_MAX = 100;
/** Which share of that time it may be busy: what it does then is answer requests. */
const BUSY_MAX = 0.5;

/** Waits until the thread has time, but not for long: for work that nobody waits for, between one piece of it and the next. */
export async function quietMoment(): Promise<void> {
  for (const until = systemClock.elapsed() + WAIT_MS_MAX; ;) {
    const before = performance.eventLoopUtilization();
    await systemClock.sleep(LOOK_MS);
    const { utilization } = performance.eventLoopUtilization(before);
    if (utilization <= BUSY_MAX || systemClock.elapsed() > until) return;
  }
}

/** Has those that send take turns, so that however many there are, they leave the thread its time for requests. */
export class Turns {
  #last: Promise<number> = Promise.resolve(-Infinity);

  async next(): Promise<void> {
    this.#last = this.#last.then(async (last) => {
      if (systemClock.elapsed() - last < WAIT_MS_MAX) await quietMoment();
      return systemClock.elapsed();
    });
    await this.#last;
  }
}
