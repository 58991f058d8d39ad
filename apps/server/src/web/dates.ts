import { londonDate } from '#state-machines/london';

// Dates as GOV.UK writes them: https://www.gov.uk/guidance/style-guide/a-to-z-of-gov-uk-style#dates

const LONG = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'UTC',
  day: 'numeric',
  month: 'long',
  year: 'numeric',
});
const COUNT = new Intl.NumberFormat('en-GB');
const SHORT_MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'June', 'July', 'Aug', 'Sept', 'Oct', 'Nov', 'Dec'];
const TIME = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Europe/London',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
});

/** Formats a plain date for a sentence: 24 November 2026. */
export const longDate = (date: string): string => LONG.format(Date.parse(date));

/** Formats a plain date for a table: 24 Nov 2026. */
export function shortDate(date: string): string {
  const [year = '', month = '', day = ''] = date.split('-');
  return `${Number(day)} ${SHORT_MONTHS[Number(month) - 1] ?? month} ${year}`;
}

const MONTHS = Array.from({ length: 12 }, (_, month) =>
  new Date(Date.UTC(2000, month)).toLocaleString('en-GB', { month: 'long', timeZone: 'UTC' }).toLowerCase(),
);

/** Parses 24 November 2026 and 24 Nov 2026 to an ISO date; returns other input as it is. */
function typedDate(typed: string): string {
  const [, day = '', word = '', year = ''] = /^(\d{1,2})\s+([a-z]{3,9})\s+(\d{4})$/i.exec(typed.trim()) ?? [];
  const month = word === '' ? -1 : MONTHS.findIndex((name) => name.startsWith(word.toLowerCase()));
  if (month < 0) return typed;
  return `${year}-${String(month + 1).padStart(2, '0')}-${day.padStart(2, '0')}`;
}

/** Applies this to query parameters. */
export function withTypedDates(params: URLSearchParams, names: readonly string[]): URLSearchParams {
  const read = new URLSearchParams(params);
  for (const name of names) {
    const typed = params.get(name);
    if (typed !== null) read.set(name, typedDate(typed));
  }
  return read;
}

/** Formats an instant without its time zone: 24 November 2026 at 14:05. */
export const dayAndTime = (instant: string): string =>
  `${longDate(londonDate(instant))} at ${TIME.format(Date.parse(instant))}`;

/** Formats an instant with its time zone: 24 November 2026 at 14:05 UK time. */
export const longInstant = (instant: string): string => `${dayAndTime(instant)} UK time`;

/** Returns the number of days between two plain dates. */
const daysBetween = (from: string, to: string): number =>
  Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000);

/** Returns the time until a day or since: in 12 days, today, 3 days late. */
export function daysLeft(today: string, dueOn: string): string {
  const days = daysBetween(today, dueOn);
  if (days === 0) return 'today';
  const count = `${COUNT.format(Math.abs(days))} ${Math.abs(days) === 1 ? 'day' : 'days'}`;
  return days > 0 ? `in ${count}` : `${count} late`;
}
