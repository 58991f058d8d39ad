import { addDays } from '#lifecycle/plain-date';
import { hereOnly, matchAt, MONTH, monthNumber, numberOf, WORD_END, YEAR } from './calendar-words.ts';
import { dayOfMonth } from './counting-rule.ts';
import type { ProposalRule, Reading } from './found-deadline.ts';

interface Period {
  readonly first: string;
  /** The suggested due day. */
  readonly last: string;
  readonly rule: ProposalRule;
}
type Groups = Readonly<Record<string, string | undefined>>;
interface Form {
  readonly pattern: RegExp;
  /** Returns the period; null for matching words that are not a period. */
  readonly read: (groups: Groups, publishedOn: string) => Period | null;
}

const FINANCIAL = `${YEAR} ?[/-] ?(?:${YEAR}|\\d{2})`;
const NOT_MORE = `${WORD_END}(?![/-]\\d)`;
const THIS = '(?:the |this |next |the (?:new|next|current|coming|following) )';

/** Returns months from one of a year, which may be beyond its twelfth. */
function months(year: number, first: number, count: number, rule: ProposalRule): Period {
  const startOf = (index: number): string => dayOfMonth(Math.floor(index / 12), (index % 12) + 1, 1);
  const from = year * 12 + first - 1;
  return { first: startOf(from), last: addDays(startOf(from + count), -1), rule };
}

const yearOf = (date: string): number => Number(date.slice(0, 4));
const monthOf = (date: string): number => Number(date.slice(5, 7));
const isNext = (words = ''): boolean => /next|coming|following/i.test(words);

/** Returns the first occurrence of a yearly period that ends on or after publication. */
function nextOf(inYear: (year: number) => Period, publishedOn: string): Period {
  const year = yearOf(publishedOn);
  const period = [inYear(year - 1), inYear(year)].find(({ last }) => last >= publishedOn) ?? inYear(year + 1);
  return { ...period, rule: 'year-not-stated' };
}

/** Returns the first year of a financial year: 2017 of 2017/18; null if the years are not consecutive. */
function financialStart(written: string): number | null {
  const [first = '', second = ''] = written.split(/[/-]/).map((part) => part.trim());
  const follows = String(Number(first) + 1).endsWith(second);
  return follows ? Number(first) : null;
}

/** Returns the first month and year for counting the quarters or halves of a year. */
function countingStart(written: string): { year: number; month: number } | null {
  if (new RegExp(`^${YEAR}$`).test(written)) return { year: Number(written), month: 1 };
  const year = financialStart(written);
  return year === null ? null : { year, month: 4 };
}

const NTH = ['first', 'second', 'third', 'fourth'];
/** The first month and the number of months. */
const SEASONS: Readonly<Record<string, readonly [number, number]>> = {
  spring: [3, 3],
  summer: [6, 3],
  autumn: [9, 3],
  winter: [12, 3],
  christmas: [12, 1],
  easter: [4, 1],
};
/** The first month of a year that is not a calendar year. */
const STARTS: Readonly<Record<string, number>> = { financial: 4, fiscal: 4, academic: 9, school: 9 };
const OTHER_YEAR = `(?<of>${Object.keys(STARTS).join('|')})`;
const PART = '(?:(?<part>early|mid|middle of|late)[- ])?';
const COMING = '(?:the )?(?:next |this |coming )?';

/** Returns the part of a period for "early", "mid" or "late"; see PROPOSAL_RULES. */
function partOf(period: Period, part: string | undefined): Period {
  if (part === undefined) return period;
  const [year, month] = [yearOf(period.first), period.rule === 'end-of-month' ? monthOf(period.first) : null];
  const [early, middle] =
    month === null
      ? [dayOfMonth(year, 3, 31), dayOfMonth(year, 6, 30)]
      : [dayOfMonth(year, month, 10), dayOfMonth(year, month, 15)];
  const last = { early, late: period.last }[part.toLowerCase()] ?? middle;
  return { ...period, last, rule: 'part-of-period' };
}

const FORMS: readonly Form[] = [
  {
    pattern: hereOnly(`(?:the )?${PART}(?<month>${MONTH})\\.?,?(?: of)? ?(?<year>${YEAR})${NOT_MORE}`),
    read: ({ month = '', year, part }) =>
      partOf(months(Number(year), monthNumber(month), 1, 'end-of-month'), part),
  },
  {
    pattern: hereOnly(
      `(?:next |this )?${PART}(?<month>${MONTH})${NOT_MORE}(?! \\d{4})(?<after> \\p{L}\\p{Ll})?`,
    ),
    read: ({ month = '', part, after }, publishedOn) => {
      // Lower-case "may" is rarely a month, and "by April Jones" is a person.
      const isName = !/^\p{Lu}/u.test(month) || /^ \p{Lu}/u.test(after ?? '');
      const inYear = (year: number): Period =>
        partOf(months(year, monthNumber(month), 1, 'end-of-month'), part);
      return isName ? null : nextOf(inYear, publishedOn);
    },
  },
  {
    pattern: hereOnly(`(?:the )?(?:this|current) month${NOT_MORE}|(?:the )?(?<next>next )?month${NOT_MORE}`),
    read: ({ next }, publishedOn) => {
      const month = monthOf(publishedOn) + (next === undefined ? 0 : 1);
      return months(yearOf(publishedOn), month, 1, 'year-not-stated');
    },
  },
  {
    pattern: hereOnly(
      `(?:the )?(?:(?:Q|quarter )(?<digit>[1-4]|one|two|three|four)|(?<nth>${NTH.join('|')}|last|final) (?<part>quarter|half))(?: of|,)? ` +
        `(?:the )?(?:(?:financial year|FY) ?)?(?<year>${FINANCIAL}|${YEAR})(?: financial year)?${NOT_MORE}`,
    ),
    read: ({ digit, nth = '', part, year = '' }) => {
      const isHalf = part?.toLowerCase() === 'half';
      const index = NTH.indexOf(nth.toLowerCase()) + 1 || (isHalf ? 2 : 4);
      const count = isHalf ? 6 : 3;
      const from = countingStart(year);
      if (from === null) return null;
      const month = from.month + ((digit === undefined ? index : numberOf(digit)) - 1) * count;
      const rule = isHalf ? 'end-of-half' : 'end-of-quarter';
      return months(from.year, month, count, rule);
    },
  },
  {
    pattern: hereOnly(
      `${COMING}${PART}(?<season>${Object.keys(SEASONS).join('|')})` +
        `(?:(?: of)? (?<year>${YEAR})(?:[/-](?:${YEAR}|\\d{2}))?)?${NOT_MORE}`,
    ),
    read: ({ season = '', year }, publishedOn) => {
      const [first, count] = SEASONS[season.toLowerCase()] ?? [1, 12];
      const inYear = (of: number): Period => months(of, first, count, 'end-of-season');
      return year === undefined ? nextOf(inYear, publishedOn) : inYear(Number(year));
    },
  },
  {
    pattern: hereOnly(
      `(?:the )?(?:(?:${OTHER_YEAR} year|FY) ?(?:of )?)?(?<years>${FINANCIAL})(?: financial year)?${NOT_MORE}`,
    ),
    read: ({ of = 'financial', years = '' }) => {
      const start = financialStart(years);
      return start === null
        ? null
        : months(start, STARTS[of.toLowerCase()] ?? 4, 12, 'end-of-financial-year');
    },
  },
  {
    pattern: hereOnly(
      `(?:the )?(?:(?:calendar|fiscal|financial) )?(?:year |FY ?)?${PART}(?<year>${YEAR})${NOT_MORE}`,
    ),
    read: ({ year, part }) => partOf(months(Number(year), 1, 12, 'end-of-year'), part),
  },
  {
    pattern: hereOnly(
      `(?<this>${THIS})(?:${OTHER_YEAR} |calendar )?(?:year(?:[- ]end)?|term)${NOT_MORE}(?! \\d)|year[- ]end${NOT_MORE}`,
    ),
    read: ({ this: words, of = '' }, publishedOn) => {
      const first = STARTS[of.toLowerCase()] ?? 1;
      const now = yearOf(publishedOn) - (monthOf(publishedOn) < first ? 1 : 0);
      return months(now + (isNext(words) ? 1 : 0), first, 12, 'year-not-stated');
    },
  },
];

const END = hereOnly(
  '(?:the )?(?:very )?(?:end|close)(?: of)?[ -]|(?:the )?(?:calendar |financial )?year[- ]end(?: of)?,? (?=\\d)',
);
const START = hereOnly('(?:the )?(?:very )?(?:start|beginning)(?: of)? ');
function readBare(text: string, at: number, publishedOn: string): (Period & { end: number }) | null {
  for (const { pattern, read } of FORMS) {
    const match = matchAt(pattern, text, at);
    if (match === null) continue;
    const groups = match.groups ?? {};
    const period = read(groups, publishedOn);
    if (period !== null) return { ...period, end: at + match[0].length - (groups['after']?.length ?? 0) };
  }
  return null;
}

/**
 * Returns the month, quarter, half, season or year at a place, its end or start, with the day that a rule
 * suggests; null if there is none.
 */
export function readPeriod(text: string, at: number, publishedOn: string): Reading | null {
  const end = matchAt(END, text, at);
  const start = end === null ? matchAt(START, text, at) : null;
  const period = readBare(text, at + (end ?? start ?? [''])[0].length, publishedOn);
  if (period === null) return null;
  if (end !== null) return { ...period, by: period.last, before: period.last };
  return start === null ? { ...startOf(period), by: period.last, rule: period.rule } : startOf(period);
}

const startOf = (period: Period & { end: number }): Reading => ({
  end: period.end,
  by: period.first,
  before: addDays(period.first, -1),
  rule: 'start-of-period',
});
