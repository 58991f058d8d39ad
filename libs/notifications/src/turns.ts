import { performance } from 'node:perf_hooks';
import { systemClock } from '#event-sourcing/clock';

/** The measuring interval, and the longest wait, for the thread to become idle. */
const LOOK_MS = 5;
const WAIT_MS_MAX = 100;
/** The share of that time that requests may keep the thread busy. */
const BUSY_MAX = 0.5;

/** Waits briefly for the thread to become idle, between two pieces of work that no request waits for. */
export async function quietMoment(): Promise<void> {
  for (const until = systemClock.elapsed() + WAIT_MS_MAX; ;) {
    const before = performance.eventLoopUtilization();
    await systemClock.sleep(LOOK_MS);
    const { utilization } = performance.eventLoopUtilization(before);
    if (utilization <= BUSY_MAX || systemClock.elapsed() > until) return;
  }
}

/** Limits senders to one at a time, so that however many there are, the thread can serve requests. */
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
