import { Chrono, configuration } from 'chrono-node/en';
import { addDays, isPlainDate } from '#lifecycle/plain-date';
import { hereOnly, matchAt, MONTH, monthNumber, WEEKDAY, WORD_END } from './calendar-words.ts';
import { dayOfMonth } from './counting-rule.ts';
import type { ProposalRule, Reading } from './found-deadline.ts';

// Strict, with the day before the month. It parses single dates, cut out below. In running text it would read the number after a date as an
// hour ("30 June 2016, 10 forces"), and its time grows with the square of the text's length.
const chrono = new Chrono(configuration.createConfiguration(true, true));
// A placeholder: only written years, months and days are used.
const UNUSED = { instant: new Date(0), timezone: 0 };

/** Years outside this range are typing errors, not deadlines. */
const [EARLIEST, LATEST] = ['1900-01-01', '2199-12-31'] as const;

const ORDINAL =
  '(?:(?:(?:twenty|thirty)[- ])?(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth)|tenth|eleventh|twelfth|' +
  '(?:thir|four|fif|six|seven|eigh|nine)teenth|twentieth|thirtieth)';
const DAY = `(?:\\d{1,2}(?: ?(?:st|nd|rd|th))?|${ORDINAL})`;
const LEAD = `(?:(?:on )?(?:${WEEKDAY})\\.?,? )?(?:the )?`;
const DATE_END = `${WORD_END}(?!/\\d|-\\d)`;
const ABBREVIATED = '(?:\\.(?=,? ?\\d))?';
const SHORT_YEAR = "'\\d{2}";

const DAY_FIRST = hereOnly(
  `${LEAD}(?<day>${DAY})(?: day)?(?: of)?[ .-]?(?<month>${MONTH})${ABBREVIATED}` +
    `(?:,? ?(?<year>\\d{4}|${SHORT_YEAR})|-(?<dashed>\\d{4}|\\d{2})|(?!,? ?\\d{4}))${DATE_END}`,
);
const MONTH_FIRST = hereOnly(
  `${LEAD}(?<month>${MONTH})${ABBREVIATED} (?:the )?(?<day>${DAY}),? (?<year>\\d{4})${DATE_END}`,
);
const NUMBERS = hereOnly(
  `${LEAD}(?<date>(?<day>\\d{1,2})(?<mark>[/.-])(?<month>\\d{1,2})\\k<mark>(?<year>\\d{4}|\\d{2}))${DATE_END}`,
);
const YEAR_FIRST = hereOnly(`${LEAD}(?<date>\\d{4}-\\d{2}-\\d{2})${DATE_END}`);

const TIME_OF_DAY = hereOnly(
  '(?:\\d{1,2}[:.]\\d{2} ?(?:[ap]\\.?m\\.?|h(?:ou)?rs)?|\\d{1,2} ?[ap]\\.?m\\.?|\\d{4} ?h(?:ou)?rs|' +
    '(?:12 )?(?:noon|midnight|midday)|(?:the )?(?:close|end)(?: of (?:business|play|(?:the )?(?:working )?day))?|cob)' +
    '(?:,? on|,| of)? ',
);

const day = (end: number, date: string, rule: ProposalRule | null): Reading => ({
  end,
  by: date,
  before: addDays(date, -1),
  until: date,
  rule,
});

/** Returns the calendar day at a place, optionally after a weekday or time of day; null if there is none. */
export function readDate(text: string, at: number, publishedOn: string): Reading | null {
  const time = matchAt(TIME_OF_DAY, text, at);
  const dateAt = at + (time?.[0].length ?? 0);
  const date = readNamedMonth(text, dateAt, publishedOn) ?? readNumbers(text, dateAt);
  // The end of a day is the same day, even for "before".
  return date === null || time === null ? date : { ...date, before: date.by };
}

function readNamedMonth(text: string, at: number, publishedOn: string): Reading | null {
  const match = matchAt(DAY_FIRST, text, at) ?? matchAt(MONTH_FIRST, text, at);
  if (match === null) return null;
  const { day: written = '', month = '', year, dashed } = match.groups ?? {};
  const end = at + match[0].length;
  const yearWritten = year ?? dashed;
  if (yearWritten === undefined) {
    return day(end, nextAfter(written, month, publishedOn), 'year-not-stated');
  }
  const parsed = parse(`${written} ${month} ${yearWritten.replace("'", '')}`);
  if (parsed !== null) return day(end, parsed, yearWritten.length === 4 ? null : 'two-digit-year');
  const ofMonth = parse(`1 ${month} ${yearWritten}`);
  return ofMonth === null ? null : day(end, nearest(ofMonth, dayNumber(written)), 'invalid-date');
}

function readNumbers(text: string, at: number): Reading | null {
  const yearFirst = matchAt(YEAR_FIRST, text, at);
  const match = yearFirst ?? matchAt(NUMBERS, text, at);
  if (match === null) return null;
  const { date = '', day: written, month, year = '' } = match.groups ?? {};
  const end = at + match[0].length;
  const parsed = parse(date);
  if (yearFirst !== null) return parsed === null ? null : day(end, parsed, null);
  if (parsed === null) {
    const ofMonth = parse(`1/${month}/${year}`);
    const isMonth = ofMonth !== null && Number(ofMonth.slice(5, 7)) === Number(month);
    return isMonth ? day(end, nearest(ofMonth, Number(written)), 'invalid-date') : null;
  }
  // "06/30/2016" is parsed with month and day exchanged.
  if (Number(parsed.slice(5, 7)) !== Number(month)) return day(end, parsed, 'invalid-date');
  return day(end, parsed, year.length === 4 ? null : 'two-digit-year');
}

/** Returns the plain date in a text; null if there is none or it is incomplete. */
function parse(written: string): string | null {
  const [result] = chrono.parse(written, UNUSED);
  if (result?.text !== written || result.end != null) return null;
  const parts = (['year', 'month', 'day'] as const).map((part) =>
    result.start.isCertain(part) ? String(result.start.get(part)) : '',
  );
  const [year = '', month = '', dayOf = ''] = parts;
  const date = `${year.padStart(4, '0')}-${month.padStart(2, '0')}-${dayOf.padStart(2, '0')}`;
  return isPlainDate(date) && EARLIEST <= date && date <= LATEST ? date : null;
}

const nearest = (inMonth: string, dayWritten: number): string =>
  dayOfMonth(Number(inMonth.slice(0, 4)), Number(inMonth.slice(5, 7)), Math.max(dayWritten, 1));

/** Returns the number of a day in digits or as an ordinal. */
function dayNumber(written: string): number {
  const january = parse(`${written} January 2000`);
  return january === null ? Number.parseInt(written, 10) || 1 : Number(january.slice(8));
}

function nextAfter(written: string, month: string, publishedOn: string): string {
  const year = Number(publishedOn.slice(0, 4));
  const inYear = (of: number): string => dayOfMonth(of, monthNumber(month), Math.max(dayNumber(written), 1));
  return inYear(year) >= publishedOn ? inYear(year) : inYear(year + 1);
}
