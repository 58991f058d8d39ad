import { Chrono, configuration } from 'chrono-node/en';
import { addDays, isPlainDate } from '#lifecycle/plain-date';
import { hereOnly, matchAt, MONTH, WEEKDAY, WORD_END } from './calendar-words.ts';
import type { Reading } from './found-deadline.ts';

// Strict, with the day before the month. It parses single dates, cut out below. In running text it would read the number after a date as an
// hour ("30 June 2016, 10 forces"), and its time grows with the square of the text's length.
const chrono = new Chrono(configuration.createConfiguration(true, true));
// A placeholder: only written years, months and days are used.
const UNUSED = { instant: new Date(0), timezone: 0 };

/** Years outside this range are typing errors, not deadlines. */
const [EARLIEST, LATEST] = ['1900-01-01', '2199-12-31'] as const;

const TIME_OF_DAY =
  '(?:\\d{1,2}[:.]\\d{2} ?(?:[ap]\\.?m\\.?|h(?:ou)?rs)?|\\d{1,2} ?[ap]\\.?m\\.?|\\d{4} ?h(?:ou)?rs|(?:12 )?(?:noon|midnight|midday)|' +
  '(?:the )?(?:close|end)(?: of (?:business|play|(?:the )?(?:working )?day))?|cob)(?:,? on|,| of)? ';
/** The day of a month. A word is any that may be an ordinal number. */
const DAY = '(?:\\d{1,2}(?:st|nd|rd|th)?|(?:(?:twenty|thirty)[- ])?\\p{L}{2,8}(?:st|nd|rd|th))';
const NAMED = `${MONTH}(?:\\.(?=,? ?\\d))?`;
// Node 22 refuses two groups of one name, also where only one can match.
const DATE = hereOnly(
  `(?<time>${TIME_OF_DAY})?(?:on )?(?:${WEEKDAY}\\.?,? )?(?:the )?` +
    '(?<date>\\d{4}-\\d{2}-\\d{2}|\\d{1,2}(?<mark>[/.-])\\d{1,2}\\k<mark>(?:\\d{4}|(?<digits>\\d{2}))|' +
    `(?:${DAY}(?: of)?[ .-]?${NAMED}|${NAMED} ${DAY})(?:(?:,? ?|-)(?<year>\\d{4})|(?: ?'|-)(?<short>\\d{2})|(?!,? ?\\d{4})))` +
    `${WORD_END}(?!/\\d|-\\d)`,
);

/** Returns the calendar day at a place, optionally after a weekday or time of day; null if there is none. */
export function readDate(text: string, at: number, publishedOn: string): Reading | null {
  const match = matchAt(DATE, text, at);
  if (match === null) return null;
  const [by, rule] = dayOf(match.groups ?? {}, publishedOn);
  if (by === null) return null;
  // The end of a day is the same day, even for "before".
  const before = match.groups?.['time'] === undefined ? addDays(by, -1) : by;
  return { end: at + match[0].length, by, before, rule };
}

function dayOf(
  { date = '', digits, short, year }: Readonly<Record<string, string | undefined>>,
  publishedOn: string,
): [string | null, Reading['rule']] {
  if (digits !== undefined) return [parse(date.replace(/\d\d$/, '20$&')), 'two-digit-year'];
  if (short !== undefined) return [parse(date.replace(/\W+(\d\d)$/, ' 20$1')), 'two-digit-year'];
  if (year !== undefined || /\d{4}/.test(date)) return [parse(date), null];
  const years = [0, 1].map((later) => parse(`${date} ${Number(publishedOn.slice(0, 4)) + later}`));
  return [years.find((each) => each !== null && each >= publishedOn) ?? null, 'year-not-stated'];
}

/** Returns the plain date in a text; null if there is none or it is incomplete. */
function parse(written: string): string | null {
  const [result] = chrono.parse(written, UNUSED);
  if (result?.text !== written || result.end != null) return null;
  const [year = '', month = '', day = ''] = (['year', 'month', 'day'] as const).map((part) =>
    result.start.isCertain(part) ? String(result.start.get(part)) : '',
  );
  const date = `${year.padStart(4, '0')}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  return isPlainDate(date) && EARLIEST <= date && date <= LATEST ? date : null;
}
