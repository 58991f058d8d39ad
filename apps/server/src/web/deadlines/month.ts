import { addDays, daysBetween } from '#lifecycle/plain-date';

/** A month, by its first and last day. */
export interface Month {
  /** As it stands in an address: 2026-11. */
  readonly name: string;
  readonly from: string;
  readonly to: string;
}

/** The month of a day. */
export const monthOf = (day: string): Month => monthNamed(day.slice(0, 7)) as Month;

/** The month of a name; null where it is none. */
export function monthNamed(name: string): Month | null {
  if (!/^(?!0000)\d{4}-(?:0[1-9]|1[0-2])$/.test(name)) return null;
  const { daysInMonth } = Temporal.PlainYearMonth.from(name);
  return { name, from: `${name}-01`, to: `${name}-${daysInMonth}` };
}

/** The month before or after. */
export const monthBeside = ({ from, to }: Month, step: -1 | 1): Month =>
  monthOf(step === 1 ? addDays(to, 1) : addDays(from, -1));

/** The weeks of a month, from Monday to Sunday; null where a day is of another month. */
export function weeksOf({ from, to }: Month): readonly (readonly (string | null)[])[] {
  const days: (string | null)[] = Array.from({ length: weekday(from) }, () => null);
  // Counted, since no day follows the last one that can be written.
  for (let day = 0; day <= daysBetween(from, to); day += 1) days.push(addDays(from, day));
  while (days.length % 7 > 0) days.push(null);
  return Array.from({ length: days.length / 7 }, (_, week) => days.slice(week * 7, week * 7 + 7));
}

/** Monday is 0. */
const weekday = (day: string): number => (new Date(day).getUTCDay() + 6) % 7;

const NAMED = new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', month: 'long', year: 'numeric' });

/** November 2026 */
export const monthInWords = ({ from }: Month): string => NAMED.format(Date.parse(from));
