const SECONDS = { s: 1, m: 60, h: 3_600, d: 86_400 } as const;
const DURATION_SECONDS_MAX = 365 * SECONDS.d;

/**
 * Returns the seconds of a duration such as `90s`, `30m`, `12h`, `7d`.
 * @throws RangeError if it is malformed, zero, or longer than a year.
 */
export function parseDuration(text: string): number {
  const form = /^(\d{1,9})([smhd])$/.exec(text);
  const seconds = form ? Number(form[1]) * SECONDS[form[2] as keyof typeof SECONDS] : 0;
  if (seconds < 1 || seconds > DURATION_SECONDS_MAX) {
    throw new RangeError(`"${text}" is not a duration from 1s to 365d; write it as 90s, 30m, 12h or 7d`);
  }
  return seconds;
}
