import { performance } from 'node:perf_hooks';
import { systemClock } from '#event-sourcing/clock';

/** The interval in which the thread's load is measured, and the maximum wait for it to become idle. */
const LOOK_MS = 5;
const WAIT_MS_MAX = 100;
/** The maximum share of this interval in which requests keep the thread busy. */
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

/** Limits senders to one at a time, so that the thread can serve requests however many there are. */
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
