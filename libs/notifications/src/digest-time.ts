import { Cron } from 'croner';
import { londonDate } from '#state-machines/london';

export interface DigestTime {
  /** The London date on which it is sent. */
  readonly day: string;
  /** In milliseconds since 1970. */
  readonly at: number;
}

/**
 * When the next digest is sent: the first time after an instant at which it is that hour in London, across its clock
 * changes.
 * @param hour from 0 to 23.
 */
export function nextDigest(now: number, hour: number): DigestTime {
  const hourly = new Cron(`0 0 ${hour} * * *`, { timezone: 'Europe/London', paused: true });
  const at = hourly.nextRun(new Date(now))?.getTime();
  if (at === undefined) throw new RangeError(`${hour} is no hour of a day`);
  return { day: londonDate(at), at };
}
