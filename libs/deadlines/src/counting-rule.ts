import { addDays, isPlainDate } from '../../lifecycle/src/plain-date.ts';
import { isBankHoliday, type HolidayRegion } from './bank-holidays.ts';

/**
 * Which day is day one: the day that a period begins `beginning-with`, or the day `after` it. "Within 56 days of the
 * date" is the latter, "within 56 days beginning with the day" the former, and ends a day sooner.
 */
export type DayOne = 'beginning-with' | 'after';

/** How a period is counted. Working days are Mondays to Fridays that are no bank holiday of the region. */
export type CountingRule =
  | { readonly unit: 'days' | 'months' | 'years'; readonly count: number; readonly from: DayOne }
  | {
      readonly unit: 'working-days';
      readonly count: number;
      readonly from: DayOne;
      readonly holidays: HolidayRegion;
    };

/** Periods that the law sets. */
export const STATUTORY_RULES = {
  /**
   * A local policing body's comments on an inspection report: before the end of the period of 56 days beginning with the
   * day of its publication (Police Act 1996, section 55).
   */
  'police-response': { unit: 'days', count: 56, from: 'beginning-with' },
  /**
   * The response to a coroner's report to prevent future deaths: within 56 days of the date on which it was sent
   * (Coroners (Investigations) Regulations 2013, regulation 29).
   */
  'coroner-response': { unit: 'days', count: 56, from: 'after' },
} as const satisfies Record<string, CountingRule>;

/** No period in a recommendation or a law comes near: it bounds the work of counting. */
const MOST = 36_525;

/**
 * The last day of a period that starts on a date, both plain dates in Europe/London. Months and years end on the day of
 * the same number ("corresponding date"), or on the month's last where it has none; `beginning-with`, one day sooner.
 * After 9999, the last day that a plain date can write.
 *
 * @throws RangeError for a start that is no plain date, a count that is not whole, negative, too large or, `beginning-with`,
 *   zero; and where working days reach a year whose bank holidays are not known, naming year and region
 */
export function dueOn(rule: CountingRule, startOn: string): string {
  if (!isPlainDate(startOn)) throw new RangeError(`a period cannot start on ${startOn}: no plain date`);
  const least = rule.from === 'beginning-with' ? 1 : 0;
  if (!Number.isInteger(rule.count) || rule.count < least || rule.count > MOST) {
    throw new RangeError(`a period counts ${least} to ${MOST} ${rule.unit}, not ${rule.count}`);
  }
  switch (rule.unit) {
    case 'days':
      return addDays(startOn, rule.from === 'after' ? rule.count : rule.count - 1);
    case 'months':
      return afterMonths(startOn, rule.count, rule.from);
    case 'years':
      return afterMonths(startOn, rule.count * 12, rule.from);
    case 'working-days':
      return afterWorkingDays(startOn, rule.count, rule.from, (day) => isWorkingDay(day, rule.holidays));
  }
}

/**
 * A Monday to Friday that is no bank holiday of the region.
 *
 * @throws RangeError for a weekday of a year whose bank holidays are not known
 */
export const isWorkingDay = (date: string, region: HolidayRegion): boolean =>
  isWeekday(date) && !isBankHoliday(date, region);

/** The date some weekdays later: working days where bank holidays are not known. */
export const afterWeekdays = (startOn: string, count: number, from: DayOne): string =>
  afterWorkingDays(startOn, count, from, isWeekday);

function isWeekday(date: string): boolean {
  const day = new Date(date).getUTCDay();
  return day !== 0 && day !== 6;
}

function afterWorkingDays(
  startOn: string,
  count: number,
  from: DayOne,
  counts: (day: string) => boolean,
): string {
  let day = startOn;
  let left = from === 'beginning-with' && counts(startOn) ? count - 1 : count;
  while (left > 0 && day !== '9999-12-31') {
    day = addDays(day, 1);
    if (counts(day)) left -= 1;
  }
  return day;
}

function afterMonths(startOn: string, months: number, from: DayOne): string {
  const [year = 0, month = 0, day = 0] = startOn.split('-').map(Number);
  const target = year * 12 + (month - 1) + months;
  return dayOfMonth(Math.floor(target / 12), (target % 12) + 1, from === 'after' ? day : day - 1);
}

/**
 * The day of a month, or the nearest that the month has: 31 June is the 30th. The zeroth is the last of the month before.
 * After 9999, the last day that a plain date can write.
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
