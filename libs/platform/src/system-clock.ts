import { uptime } from 'node:os';
import type { Clock } from '#event-sourcing/clock';

/**
 * The clocks of this machine. `uptime` reads `/proc/uptime` where there is one, and else asks the system for the time since it was
 * started: both count the time for which the machine slept, which `performance.now` does not.
 */
export const systemClock: Clock = {
  now: () => Date.now(),
  steady: () => uptime() * 1_000,
};
