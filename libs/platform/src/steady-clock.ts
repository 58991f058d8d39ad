import { uptime } from 'node:os';
import type { Random } from '#event-sourcing/random';
import { systemRandom } from '#event-sourcing/random';
import { systemClock } from '#event-sourcing/clock';
import type { Clock } from '#event-sourcing/clock';

/** A clock that also detects changes of the wall clock. */
export interface SteadyClock extends Clock {
  /** Returns milliseconds since some moment, on a clock that cannot be set and that runs while the machine sleeps. */
  steady(): number;
}

/** How long the uptime is extrapolated: reading it costs 12 µs, twice per append. */
const REREAD_MS = 1_000;

/**
 * Returns a reader of this machine's steady time. `uptime` reads `/proc/uptime`, or calls the system for the
 * time since boot. Both include the time asleep, which `elapsed` does not.
 */
function steadyTime(): () => number {
  /** The readings of all clocks when the uptime was last read. */
  let lastReading = { wall: 0, awake: -Infinity, steady: 0 };
  // The uptime is read again after the machine slept or its clock was set: both make the wall clock differ from `elapsed`.
  return () => {
    const wall = systemClock.now();
    const awake = systemClock.elapsed();
    const since = awake - lastReading.awake;
    const drift = wall - lastReading.wall - since;
    if (since < REREAD_MS && Math.abs(drift) < REREAD_MS) return lastReading.steady + since;
    lastReading = { wall, awake, steady: uptime() * 1_000 };
    return lastReading.steady;
  };
}

/** The machine's sources of time and randomness. Tests have their own; no setting changes them. */
export interface Machine {
  readonly clock: SteadyClock;
  readonly random: Random;
}

export const thisMachine: Machine = {
  clock: { ...systemClock, steady: steadyTime() },
  random: systemRandom,
};
