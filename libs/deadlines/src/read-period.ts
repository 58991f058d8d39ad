import { addDays } from '#lifecycle/plain-date';
import { hereOnly, matchAt, MONTH, monthNumber, numberOf, WORD_END, YEAR } from './calendar-words.ts';
import { dayOfMonth } from './counting-rule.ts';
import type { Reading } from './found-deadline.ts';

type Months = readonly [first: number, count: number];

const SEASONS: Readonly<Record<string, Months>> = {
  spring: [3, 3],
  summer: [6, 3],
  autumn: [9, 3],
  fall: [9, 3],
  winter: [12, 3],
  christmas: [12, 1],
  easter: [4, 1],
};
const COUNTS: Readonly<Record<string, number>> = { month: 1, quarter: 3, term: 3, half: 6 };
/** Months by which a year other than a calendar year starts later. */
const LATER: Readonly<Record<string, number>> = { financial: 3, fiscal: 3, academic: 8, school: 8 };
const NTH = ['first', 'second', 'third', 'fourth'];

const KINDS = Object.keys(LATER).join('|');
const PERIOD = hereOnly(
  '(?<edge>(?:the )?(?:very )?(?:(?<ends>end|close)|start|beginning)(?: of)?[ -])?' +
    '(?:(?:the )?(?<part>early|mid|middle|late)(?: part)?(?: of| in)?[- ])?(?<coming>(?:(?:the|this|our|next|new|current|coming|following) ){0,2})' +
    // "31 June 2016" is read as June.
    `(?:(?:\\d{1,2}(?:st|nd|rd|th)? (?:of )?)?(?<month>${MONTH})(?:\\.(?= \\d))?(?<ending> quarter)?|(?<season>${Object.keys(SEASONS).join('|')})|` +
    `(?:Q|(?:quarter|term) )(?<number>[1-4]|one|two|three|four)|(?<nth>${NTH.join('|')}|last|final) (?<unit>quarter|half|term)|` +
    `(?<unit>FY|(?=\\d{4}))|(?:(?!(?:last|past|previous|same|first|each|every|that) )(?<kind>\\p{L}+) )?(?<unit>year(?:[- ]end)?|quarter|month|term)${WORD_END})` +
    `(?:,? ?(?:of )?(?:the )?(?:(?:${KINDS}|calendar) year |FY ?)?(?<year>${YEAR})(?: ?[/-] ?(?<second>${YEAR}|\\d{2}))?(?: financial year)?)?` +
    `${WORD_END}(?![/-]\\d)`,
);

/**
 * Returns the month, quarter, half, season or year at a place, its end or start, with a day that it suggests; null if
 * there is none.
 */
export function readPeriod(text: string, at: number, publishedOn: string): Reading | null {
  const match = matchAt(PERIOD, text, at);
  if (match === null) return null;
  const {
    edge,
    ends,
    coming = '',
    part,
    month,
    season,
    number,
    nth,
    kind,
    unit = '',
    year,
    second,
  } = match.groups ?? {};
  const end = at + match[0].length;
  // Lower-case "may" is rarely a month, and "by April Jones" is a person.
  const isName =
    month !== undefined && (/^\p{Ll}/u.test(month) || /^ \p{Lu}\p{Ll}/u.test(text.slice(end, end + 3)));
  const isBare = month === undefined && season === undefined && number === undefined && nth === undefined;
  const isWord = isBare && edge === undefined && coming === '' && !unit.toLowerCase().endsWith('end');
  if (year === undefined && (isName || isWord)) return null;
  if (second !== undefined && !String(Number(year) + 1).endsWith(second)) return null;

  const [first, count] = monthsOf(match.groups ?? {});
  const isCalendar = season !== undefined || (year !== undefined && second === undefined);
  const later = isCalendar ? 0 : (LATER[kind?.toLowerCase() ?? ''] ?? (second === undefined ? 0 : 3));
  const base = first - 1 + later;
  const [thisYear = 0, thisMonth = 0] = publishedOn.split('-').map(Number);
  const now = thisYear * 12 + thisMonth - 1;
  let from = base + 12 * (year === undefined ? Math.ceil((now - base - count + 1) / 12) : Number(year));
  if (year === undefined && isBare) {
    const isNext = /next|coming|following/i.test(coming);
    from = Math.floor((now - later) / count + (isNext ? 1 : 0)) * count + later;
  }
  const start = dayIn(from, 1);
  const last = lastDay(from, count, part);
  const isStart = edge !== undefined && ends === undefined;
  return {
    end,
    by: isStart ? start : last,
    before: ends === undefined ? addDays(start, -1) : last,
    rule: year === undefined ? 'year-not-stated' : 'period',
  };
}

function monthsOf({
  month,
  ending,
  season,
  number,
  nth,
  unit = '',
}: Record<string, string | undefined>): Months {
  if (month !== undefined)
    return ending === undefined ? [monthNumber(month), 1] : [monthNumber(month) - 2, 3];
  if (season !== undefined) return SEASONS[season.toLowerCase()] ?? [1, 12];
  if (number !== undefined) return [numberOf(number) * 3 - 2, 3];
  const count = COUNTS[unit.toLowerCase()] ?? 12;
  const place = NTH.indexOf(nth?.toLowerCase() ?? 'first') + 1 || 12 / count;
  return [(place - 1) * count + 1, count];
}

/** Returns a day of a month, which is counted from the year 0. */
const dayIn = (month: number, day: number): string =>
  dayOfMonth(Math.floor(month / 12), (month % 12) + 1, day);

/** Returns the last day of some months, or of their early or middle part. */
function lastDay(from: number, count: number, part = 'late'): string {
  const isEarly = /early/i.test(part);
  if (/late/i.test(part)) return addDays(dayIn(from + count, 1), -1);
  if (count === 1) return dayIn(from, isEarly ? 10 : 15);
  return addDays(dayIn(from + Math.ceil(count / (isEarly ? 4 : 2)), 1), -1);
}
