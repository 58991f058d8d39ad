import { addDays, daysBetween } from '#lifecycle/plain-date';

export interface Month {
  /** As in an address: 2026-11. */
  readonly name: string;
  readonly from: string;
  readonly to: string;
}

export const monthOf = (day: string): Month => monthNamed(day.slice(0, 7)) as Month;

/** Returns null if the name is not a month. */
export function monthNamed(name: string): Month | null {
  if (!/^(?!0000)\d{4}-(?:0[1-9]|1[0-2])$/.test(name)) return null;
  const from = `${name}-01`;
  const last = new Date(from);
  last.setUTCMonth(last.getUTCMonth() + 1, 0);
  return { name, from, to: `${name}-${last.getUTCDate()}` };
}

export const monthBeside = ({ from, to }: Month, step: -1 | 1): Month =>
  monthOf(step === 1 ? addDays(to, 1) : addDays(from, -1));

/** Returns the weeks from Monday to Sunday; null for days of other months. */
export function weeksOf({ from, to }: Month): readonly (readonly (string | null)[])[] {
  const days: (string | null)[] = Array.from({ length: weekday(from) }, () => null);
  // Counted, because the last valid date has no next day.
  for (let day = 0; day <= daysBetween(from, to); day += 1) days.push(addDays(from, day));
  while (days.length % 7 > 0) days.push(null);
  return Array.from({ length: days.length / 7 }, (_, week) => days.slice(week * 7, week * 7 + 7));
}

/** Monday is 0. */
const weekday = (day: string): number => (new Date(day).getUTCDay() + 6) % 7;

const NAMED = new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', month: 'long', year: 'numeric' });

/** Formats a month: November 2026. */
export const monthInWords = ({ from }: Month): string => NAMED.format(Date.parse(from));
