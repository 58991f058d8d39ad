import { Cron } from 'croner';
import { londonDate } from '#state-machines/london';

export interface DigestTime {
  /** The London date of the digest. */
  readonly day: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

const EACH_MORNING = new Cron('0 0 8 * * *', { timezone: 'Europe/London', paused: true });

/** Returns the time of the next digest: eight in the morning in London, across clock changes. */
export function nextDigest(now: number): DigestTime {
  const at = EACH_MORNING.nextRun(new Date(now))?.getTime() ?? now;
  return { day: londonDate(at), at };
}
