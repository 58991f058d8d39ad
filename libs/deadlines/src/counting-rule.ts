import { addDays, daysBetween, isPlainDate } from '#lifecycle/plain-date';
import { bankHolidays, requireKnown } from './bank-holidays.ts';

/**
 * The first day of a period: `beginning-with` counts the starting day, `after` the day after it. "Within 56 days of the date" is `after`.
 * "Within 56 days beginning with the day" is `beginning-with` and ends a day sooner.
 */
export type DayOne = 'beginning-with' | 'after';

/** A rule for counting a period. Working days are Mondays to Fridays other than bank holidays. */
export interface CountingRule {
  readonly unit: 'days' | 'months' | 'years' | 'working-days';
  readonly count: number;
  readonly from: DayOne;
}

/** The maximum count, which limits the computation. It is longer than any period in a recommendation or law. */
const MOST = 36_525;

/**
 * Returns the last day of a period from a starting date, both plain dates in Europe/London. Months and years end on the day of the same
 * number ("corresponding date"), or on the month's last day; with `beginning-with`, they end one day sooner. The last plain date is the
 * limit.
 * @throws RangeError for an invalid start, for a count that is not whole, negative, too large or, with
 * `beginning-with`, zero; and if working days reach a year whose bank holidays are unknown, with the year
 */
export function dueOn(rule: CountingRule, startOn: string): string {
  if (!isPlainDate(startOn)) throw new RangeError(`a period cannot start on ${startOn}: not a plain date`);
  const least = rule.from === 'beginning-with' ? 1 : 0;
  if (!Number.isInteger(rule.count) || rule.count < least || rule.count > MOST) {
    throw new RangeError(`a period must have ${least} to ${MOST} ${rule.unit}, not ${rule.count}`);
  }
  switch (rule.unit) {
    case 'days':
      return addDays(startOn, rule.from === 'after' ? rule.count : rule.count - 1);
    case 'months':
      return afterMonths(startOn, rule.count, rule.from);
    case 'years':
      return afterMonths(startOn, rule.count * 12, rule.from);
    case 'working-days':
      return afterWorkingDays(startOn, rule.count, rule.from);
  }
}

/** Returns the date some weekdays later: a substitute for working days if bank holidays are unknown. */
export function afterWeekdays(startOn: string, count: number, from: DayOne): string {
  if (isImmediate(count, from)) return startOn;
  return dateOfWeekday(weekdaysUntil(dayBefore(startOn, from)) + count);
}

function afterWorkingDays(startOn: string, count: number, from: DayOne): string {
  if (isImmediate(count, from)) return startOn;
  const before = weekdaysUntil(dayBefore(startOn, from));
  const holidays = holidaysAsWeekdays();
  const passed = firstAbove(holidays.length, (index) => (holidays[index] as number) > before);
  const target = before - passed + count;
  // The working days before a holiday are the weekdays less the earlier holidays.
  const holidaysPassed = firstAbove(holidays.length, (index) => (holidays[index] as number) - index > target);
  const end = dateOfWeekday(target + holidaysPassed);
  requireKnown(dateOfWeekday(before + 1), end);
  return end;
}

const isImmediate = (count: number, from: DayOne): boolean => count === 0 && from === 'after';

/** Weekdays are numbered from Monday, 29 December 1969; a weekend has the number of the Friday before it. */
const FIRST_MONDAY = -3;

function weekdaysUntil(dayNumber: number): number {
  const days = dayNumber - FIRST_MONDAY;
  const week = Math.floor(days / 7);
  return week * 5 + Math.min(days - week * 7, 4) + 1;
}

function dateOfWeekday(number: number): string {
  const week = Math.floor((number - 1) / 5);
  return addDays('1970-01-01', FIRST_MONDAY + week * 7 + (number - 1 - week * 5));
}

/** Returns the day before the first day of a period, as days since 1970. */
const dayBefore = (startOn: string, from: DayOne): number =>
  daysBetween('1970-01-01', startOn) - (from === 'after' ? 0 : 1);

let weekdayNumbers: readonly number[] | undefined;

/** Returns the numbers of the weekdays that are bank holidays, in order. */
const holidaysAsWeekdays = (): readonly number[] =>
  (weekdayNumbers ??= bankHolidays
    .filter(isWeekday)
    .map((date) => weekdaysUntil(daysBetween('1970-01-01', date))));

/** Returns the first index at which a condition is true, by bisection. The condition must be true for all later indices too. */
function firstAbove(length: number, condition: (index: number) => boolean): number {
  let [low, high] = [0, length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (condition(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

function isWeekday(date: string): boolean {
  const day = new Date(date).getUTCDay();
  return day !== 0 && day !== 6;
}

function afterMonths(startOn: string, months: number, from: DayOne): string {
  const [year = 0, month = 0, day = 0] = startOn.split('-').map(Number);
  const target = year * 12 + (month - 1) + months;
  return dayOfMonth(Math.floor(target / 12), (target % 12) + 1, from === 'after' ? day : day - 1);
}

/**
 * Returns the day of a month, or its last day if the month is shorter: 31 June becomes 30 June. Day zero is
 * the last day of the previous month. The last plain date is the limit.
 */
export function dayOfMonth(year: number, month: number, day: number): string {
  if (year > 9999) return '9999-12-31';
  const first = `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-01`;
  return addDays(first, Math.min(day, daysInMonth(year, month)) - 1);
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}
