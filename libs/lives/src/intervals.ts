import { addDays } from '#lifecycle/plain-date';

export const INTERVALS = ['month', 'quarter', 'year'] as const;
export type Interval = (typeof INTERVALS)[number];

const MONTHS: Readonly<Record<Interval, number>> = { month: 1, quarter: 3, year: 12 };

/** The most points of a readable chart. */
export const POINTS_MAX = 600;

/** Returns the number of months since the year 0. */
const monthOf = (day: string): number => Number(day.slice(0, 4)) * 12 + Number(day.slice(5, 7)) - 1;

const two = (number: number): string => String(number).padStart(2, '0');
const firstDay = (month: number): string =>
  `${String(Math.floor(month / 12)).padStart(4, '0')}-${two((month % 12) + 1)}-01`;

/** Returns the last day of a month, or the last representable day. */
export function lastDay(month: string): string {
  const next = monthOf(month) + 1;
  return next >= 10_000 * 12 ? '9999-12-31' : addDays(firstDay(next), -1);
}

/** Returns the number of calendar intervals that two days span. */
export const countIntervals = (from: string, to: string, interval: Interval): number =>
  Math.floor(monthOf(to) / MONTHS[interval]) - Math.floor(monthOf(from) / MONTHS[interval]) + 1;

/** Returns the last days of the intervals, in order. The last one is `to` if its interval has not ended. */
export function intervalEnds(from: string, to: string, interval: Interval): string[] {
  const first = Math.floor(monthOf(from) / MONTHS[interval]);
  return Array.from({ length: countIntervals(from, to, interval) }, (_, index) => {
    const last = (first + index + 1) * MONTHS[interval] - 1;
    const end = lastDay(firstDay(last));
    return end < to ? end : to;
  });
}

/**
 * Returns the index of the first day in an ordered list that is not before a day; the length of the list if there is
 * none.
 */
export function placeOf(day: number, ends: readonly number[]): number {
  let [low, high] = [0, ends.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ends[middle] ?? Infinity) < day) low = middle + 1;
    else high = middle;
  }
  return low;
}
