import { oneLine, endWithoutSpace, WHITE_SPACE } from './white-space.ts';

/** A date in a record. */
export interface WrittenDate {
  /** The start of the date in the decoded text. */
  offset: number;
  end: number;
  /** The date as written, on one line. */
  written: string;
  /** The ISO plain date; null if there is no such day. */
  iso: string | null;
}

const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const;

const MONTH =
  'jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|' +
  'sep(?:t(?:ember)?)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?';

/**
 * Returns a case-insensitive pattern for words. The modifier `(?i:…)` did not match capital letters in some
 * processes under the pinned Node.
 */
export const anyCase = (words: string): string =>
  words.replaceAll(/[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`);

/**
 * Matches a date: `30th November 2015`, with any or no ordinal suffix, and also `30 Nov 2015`, `1st of March
 * 2016`, `1st March, 2016`. Only the date is case-insensitive; the tags around it are not.
 */
export const DATE =
  `(?:\\d{1,3}(?:${anyCase('st|nd|rd|th')})?${WHITE_SPACE}+(?:${anyCase('of')}${WHITE_SPACE}+)?` +
  `(?:${anyCase(MONTH)})\\.?,?${WHITE_SPACE}+\\d{4}(?!\\d))`;

/** Also matches `30/11/2015`, day first, for lines with only dates and statuses. */
export const LINE_DATE = `(?:${DATE}|\\d{1,2}/\\d{1,2}/\\d{4}(?!\\d))`;

const numeric = /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/;
const parts = new RegExp(
  `^(\\d{1,3})\\D*?${WHITE_SPACE}(?:of${WHITE_SPACE}+)?([a-z]{3})[^\\d]*(\\d{4})$`,
  'i',
);
const dateHere = new RegExp(`${WHITE_SPACE}*(${DATE})`, 'y');
const lineDateHere = new RegExp(`${WHITE_SPACE}*(${LINE_DATE})`, 'y');
const dateFromHere = new RegExp(DATE, 'y');

function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

const monthNamed = (start: string): number =>
  MONTHS.findIndex((name) => name.slice(0, 3).toLowerCase() === start.toLowerCase()) + 1;

function isoDate(written: string): string | null {
  const [, day = '', monthWritten = '', year = ''] =
    numeric.exec(written) ?? parts.exec(oneLine(written)) ?? [];
  const month = Number(monthWritten) || monthNamed(monthWritten);
  const exists =
    month > 0 &&
    month <= MONTHS.length &&
    Number(year) > 0 &&
    Number(day) > 0 &&
    Number(day) <= daysIn(Number(year), month);
  return exists ? `${year}-${String(month).padStart(2, '0')}-${String(Number(day)).padStart(2, '0')}` : null;
}

function writtenDate(text: string, offset: number): WrittenDate {
  return { offset, end: offset + text.length, written: oneLine(text), iso: isoDate(text) };
}

/** Returns the date at an offset after optional white space; null if there is none. */
export const dateAt = (text: string, offset: number): WrittenDate | null => foundAt(dateHere, text, offset);

/** Returns the same as `dateAt`, for lines with only dates and statuses. */
export const lineDateAt = (text: string, offset: number): WrittenDate | null =>
  foundAt(lineDateHere, text, offset);

function foundAt(pattern: RegExp, text: string, offset: number): WrittenDate | null {
  pattern.lastIndex = offset;
  const date = pattern.exec(text)?.[1];
  return date === undefined ? null : writtenDate(date, pattern.lastIndex - date.length);
}

/** The maximum length of a date with usual white space, which limits the search. */
const LONGEST_DATE = 80;

/** Returns the date at the end of a part of the text, before optional white space; null if there is none. */
export function dateBefore(text: string, from: number, to: number): WrittenDate | null {
  const end = endWithoutSpace(text, from, to);
  // Includes one character before the date for context. A single pattern with lookbehind and an end anchor
  // did not match in some processes under the pinned Node.
  const start = Math.max(from, end - LONGEST_DATE - 1);
  const part = text.slice(start, end);
  for (let at = 0; at < part.length; at += 1) {
    if (!isDigit(part, at) || isWord(part, at - 1)) continue;
    dateFromHere.lastIndex = at;
    if (dateFromHere.test(part) && dateFromHere.lastIndex === part.length) {
      return writtenDate(part.slice(at), start + at);
    }
  }
  return null;
}

const isDigit = (text: string, at: number): boolean => /^\d$/.test(text.charAt(at));
const isWord = (text: string, at: number): boolean => /^[A-Za-z0-9]$/.test(text.charAt(at));

function ordinalSuffix(day: number): string {
  if (day >= 11 && day <= 13) return 'th';
  return ['th', 'st', 'nd', 'rd'][day % 10] ?? 'th';
}

/**
 * Returns `2015-11-30` in the register's format: `30th November 2015`.
 * @throws RangeError if it is not an ISO plain date of the years 1 to 9999
 */
export function formatOrdinalDate(isoPlainDate: string): string {
  const [, year = '', month = '', day = ''] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(isoPlainDate) ?? [];
  const name = MONTHS[Number(month) - 1];
  const written = `${Number(day)}${ordinalSuffix(Number(day))} ${name ?? ''} ${year}`;
  if (isoDate(written) !== isoPlainDate) throw new RangeError('not an ISO plain date');
  return written;
}
