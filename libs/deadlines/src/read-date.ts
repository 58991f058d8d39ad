import { Chrono, configuration } from 'chrono-node/en';
import { addDays, isPlainDate } from '#lifecycle/plain-date';
import { hereOnly, matchAt, MONTH, WEEKDAY, WORD_END } from './calendar-words.ts';
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
const NAMED = `${MONTH}(?:\\.(?=,? ?\\d))?`;
const DATE = hereOnly(
  `(?:(?:on )?(?:${WEEKDAY})\\.?,? )?(?:the )?(?:` +
    `(?<date>(?<first>\\d{1,2})(?<mark>[/.-])(?<second>\\d{1,2})\\k<mark>(?:\\d{4}|\\d{2})|\\d{4}-\\d{2}-\\d{2})|` +
    `(?:(?<day>${DAY})(?: day)?(?: of)?[ .-]?(?<month>${NAMED})|(?<month2>${NAMED}) (?:the )?(?<day2>${DAY})(?=,? \\d{4}))` +
    `(?:(?:,? ?|-)(?<year>\\d{4})|(?: ?'|-)(?<short>\\d{2})|(?!,? ?\\d{4})))${WORD_END}(?!/\\d|-\\d)`,
);

const TIME_OF_DAY = hereOnly(
  '(?:\\d{1,2}[:.]\\d{2} ?(?:[ap]\\.?m\\.?|h(?:ou)?rs)?|\\d{1,2} ?[ap]\\.?m\\.?|\\d{4} ?h(?:ou)?rs|' +
    '(?:12 )?(?:noon|midnight|midday)|(?:the )?(?:close|end)(?: of (?:business|play|(?:the )?(?:working )?day))?|cob)' +
    '(?:,? on|,| of)? ',
);

/** Returns the calendar day at a place, optionally after a weekday or time of day; null if there is none. */
export function readDate(text: string, at: number, publishedOn: string): Reading | null {
  const time = matchAt(TIME_OF_DAY, text, at);
  const from = at + (time?.[0].length ?? 0);
  const match = matchAt(DATE, text, from);
  const read = match === null ? null : readGroups(match.groups ?? {}, publishedOn);
  if (match === null || read === null) return null;
  const [by, rule] = read;
  // The end of a day is the same day, even for "before".
  return { end: from + match[0].length, by, before: time === null ? addDays(by, -1) : by, rule };
}

function readGroups(
  { date, second, day, month, month2, day2, year, short }: Readonly<Record<string, string | undefined>>,
  publishedOn: string,
): readonly [string, ProposalRule | null] | null {
  const isShort = short !== undefined || /^\d{1,2}\D\d{1,2}\D\d{2}$/.test(date ?? '');
  const rule = isShort ? 'two-digit-year' : null;
  if (date !== undefined) {
    const [dayOf = '', monthOf = '', yearOf = ''] = date.split(/\D/);
    const parsed = parse(date) ?? (second === undefined ? null : nearest(dayOf, monthOf, yearOf));
    // "06/30/2016" is parsed with month and day exchanged.
    const isOther = second !== undefined && parsed !== null && Number(parsed.slice(5, 7)) !== Number(second);
    return parsed === null ? null : [parsed, isOther || parse(date) === null ? 'invalid-date' : rule];
  }
  const [dayOf = '', named = ''] = [day ?? day2, month ?? month2];
  const inYear = (of: string): string | null => parse(`${dayOf} ${named} ${of}`) ?? nearest(dayOf, named, of);
  const written = year ?? short;
  if (written === undefined) {
    const on = [0, 1].map((later) =>
      inYear(String(Number(publishedOn.slice(0, 4)) + later).padStart(4, '0')),
    );
    const next = on.find((each) => each !== null && each >= publishedOn);
    return next === undefined || next === null ? null : [next, 'year-not-stated'];
  }
  const parsed = inYear(written);
  return parsed === null
    ? null
    : [parsed, parse(`${dayOf} ${named} ${written}`) === null ? 'invalid-date' : rule];
}

/** Returns the last day of a month that has no day of that number: 30 June for 31 June. */
function nearest(day: string, month: string, year: string): string | null {
  const first = parse(/\d/.test(month) ? `1/${month}/${year}` : `1 ${month} ${year}`);
  const [of = 0, number = 0] = (first ?? '').split('-').map(Number);
  return first === null ? null : dayOfMonth(of, number, Math.max(Number.parseInt(day, 10) || 31, 1));
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
