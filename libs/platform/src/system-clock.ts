import { uptime } from 'node:os';

/** The clocks of a machine. Code that needs the time gets one of these, so that a test can hand in its own. */
export interface Clock {
  /** What the wall clock says, in milliseconds since 1970. */
  now(): number;
  /** The milliseconds since some moment, by a clock that cannot be set, and that goes on while the machine sleeps. */
  steady(): number;
}

/** Reading the uptime takes 12 µs, which every append would pay twice; within this time it is computed instead. */
const REREAD_MS = 1_000;

/**
 * The clocks of this machine. `uptime` reads `/proc/uptime` where there is one, and else asks the system for the time since it was
 * started: both count the time for which the machine slept, which `performance.now` does not.
 */
class MachineClock implements Clock {
  /** What all clocks said when the uptime was last read. */
  #read = { wall: 0, awake: -Infinity, steady: 0 };

  now(): number {
    return Date.now();
  }

  /** The uptime is read again once the machine slept, or its clock was set: both move the wall clock away from `performance.now`. */
  steady(): number {
    const wall = this.now();
    const awake = performance.now();
    const since = awake - this.#read.awake;
    const drift = wall - this.#read.wall - since;
    if (since < REREAD_MS && Math.abs(drift) < REREAD_MS) return this.#read.steady + since;
    this.#read = { wall, awake, steady: uptime() * 1_000 };
    return this.#read.steady;
  }
}

export const systemClock: Clock = new MachineClock();

/** What a clock says, as events have it. */
export const instant = (ms: number): string => new Date(ms).toISOString();
