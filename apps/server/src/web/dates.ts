import { londonDate } from '#state-machines/london';
import { daysBetween } from '#lifecycle/plain-date';
import { countWords } from './words.ts';

// Dates as GOV.UK writes them: https://www.gov.uk/guidance/style-guide/a-to-z-of-gov-uk-style#dates

const LONG = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'UTC',
  day: 'numeric',
  month: 'long',
  year: 'numeric',
});
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

/** Converts a month's name or its beginning to a number: 11 for Nov; returns other input as it is. */
export function monthNumber(entered: string): string {
  const index = entered.length < 3 ? -1 : MONTHS.findIndex((name) => name.startsWith(entered.toLowerCase()));
  return index < 0 ? entered : String(index + 1);
}

/** Parses 24 November 2026 and 24 Nov 2026 to an ISO date; returns other input as it is. */
function typedDate(typed: string): string {
  const [, day = '', word = '', year = ''] = /^(\d{1,2})\s+([a-z]{3,9})\s+(\d{4})$/i.exec(typed.trim()) ?? [];
  const month = monthNumber(word);
  return month === word ? typed : `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
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

/** Returns the time until a day or since: in 12 days, today, 3 days late. */
export function daysLeft(today: string, dueOn: string): string {
  const days = daysBetween(today, dueOn);
  if (days === 0) return 'today';
  const count = countWords(Math.abs(days), 'day');
  return days > 0 ? `in ${count}` : `${count} late`;
}
