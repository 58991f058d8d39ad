import { Cron } from 'croner';
import { londonDate } from '#state-machines/london';

export interface DigestTime {
  /** The London date of the digest. */
  readonly day: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/**
 * Returns the time of the next digest: the first time after an instant at which it is this hour in London, across clock changes.
 * @param hour from 0 to 23.
 */
export function nextDigest(now: number, hour: number): DigestTime {
  const hourly = new Cron(`0 0 ${hour} * * *`, { timezone: 'Europe/London', paused: true });
  const at = hourly.nextRun(new Date(now))?.getTime();
  if (at === undefined) throw new RangeError(`${hour} is not an hour from 0 to 23`);
  return { day: londonDate(at), at };
}
