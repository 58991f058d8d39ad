import { uptime } from 'node:os';
import type { Random } from '#event-sourcing/random';
import { systemRandom } from '#event-sourcing/random';
import { systemClock } from '#event-sourcing/clock';
import type { Clock } from '#event-sourcing/clock';

/** A clock that also tells whether the wall clock was set. */
export interface SteadyClock extends Clock {
  /** The milliseconds since some moment, by a clock that cannot be set, and that goes on while the machine sleeps. */
  steady(): number;
}

/** Reading the uptime takes 12 µs, which every append would pay twice; within this time it is computed instead. */
const REREAD_MS = 1_000;

/**
 * The steady time of this machine. `uptime` reads `/proc/uptime` where there is one, and else asks the system for the time since it was
 * started: both count the time for which the machine slept, which `elapsed` does not.
 */
function steadyTime(): () => number {
  /** What all clocks said when the uptime was last read. */
  let read = { wall: 0, awake: -Infinity, steady: 0 };
  // The uptime is read again once the machine slept, or its clock was set: both move the wall clock away from `elapsed`.
  return () => {
    const wall = systemClock.now();
    const awake = systemClock.elapsed();
    const since = awake - read.awake;
    const drift = wall - read.wall - since;
    if (since < REREAD_MS && Math.abs(drift) < REREAD_MS) return read.steady + since;
    read = { wall, awake, steady: uptime() * 1_000 };
    return read.steady;
  };
}

/** What of a machine is never the same twice. A test has its own; no setting changes it. */
export interface Machine {
  readonly clock: SteadyClock;
  readonly random: Random;
}

export const thisMachine: Machine = {
  clock: { ...systemClock, steady: steadyTime() },
  random: systemRandom,
};
