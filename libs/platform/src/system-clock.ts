import { uptime } from 'node:os';

/** The clocks of a machine. Code that needs the time gets one of these, so that a test can hand in its own. */
export interface Clock {
  /** What the wall clock says, in milliseconds since 1970. */
  now(): number;
  /** The milliseconds since some moment, by a clock that cannot be set, and that goes on while the machine sleeps. */
  steady(): number;
}

/**
 * The clocks of this machine. `uptime` reads `/proc/uptime` where there is one, and else asks the system for the time since it was
 * started: both count the time for which the machine slept, which `performance.now` does not.
 */
export const systemClock: Clock = {
  now: () => Date.now(),
  steady: () => uptime() * 1_000,
};

/** What a clock says, as events have it. */
export const instant = (ms: number): string => new Date(ms).toISOString();
