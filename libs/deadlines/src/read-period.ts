import { addDays } from '#lifecycle/plain-date';
import { hereOnly, matchAt, MONTH, monthNumber, numberOf, WORD_END, YEAR } from './calendar-words.ts';
import { dayOfMonth } from './counting-rule.ts';
import type { ProposalRule, Reading } from './found-deadline.ts';

interface Period {
  readonly first: string;
  /** The suggested due day. */
  readonly last: string;
  /** The last day of the period itself. */
  readonly until: string;
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

function months(year: number, first: number, count: number, rule: ProposalRule): Period {
  const next = dayOfMonth(year + Math.floor((first + count - 1) / 12), ((first + count - 1) % 12) + 1, 1);
  const last = addDays(next, -1);
  return { first: dayOfMonth(year, first, 1), last, until: last, rule };
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

const financialYear = (start: number): Period => months(start, 4, 12, 'end-of-financial-year');

/** Returns the first month and year for counting the quarters or halves of a year. */
function countingStart(written: string): { year: number; month: number } | null {
  if (new RegExp(`^${YEAR}$`).test(written)) return { year: Number(written), month: 1 };
  const year = financialStart(written);
  return year === null ? null : { year, month: 4 };
}

function partOfYear(groups: Groups, count: number, nth: number, rule: ProposalRule): Period | null {
  const from = countingStart(groups['year'] ?? '');
  if (from === null) return null;
  const month = from.month - 1 + (nth - 1) * count;
  return months(from.year + Math.floor(month / 12), (month % 12) + 1, count, rule);
}

const NTH = ['first', 'second', 'third', 'fourth'];
const SEASONS: Readonly<Record<string, number>> = { spring: 3, summer: 6, autumn: 9, winter: 12 };
const PART = '(?:(?<part>early|mid|middle of|late)[- ])?';
const COMING = '(?:the )?(?:next |this |coming )?';

/** Returns the part of a period for "early", "mid" or "late"; see PROPOSAL_RULES. */
function partOf(period: Period, part: string | undefined): Period {
  if (part === undefined) return period;
  const year = yearOf(period.first);
  const isInMonth = period.rule === 'end-of-month';
  const early = isInMonth ? addDays(period.first, 9) : dayOfMonth(year, 3, 31);
  const middle = isInMonth ? addDays(period.first, 14) : dayOfMonth(year, 6, 30);
  const last = { early, mid: middle, 'middle of': middle }[part.toLowerCase()] ?? period.last;
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
      const month = monthOf(publishedOn) - 1 + (next === undefined ? 0 : 1);
      return months(yearOf(publishedOn) + Math.floor(month / 12), (month % 12) + 1, 1, 'end-of-month');
    },
  },
  {
    pattern: hereOnly(
      `(?:the )?(?:(?:Q|quarter )(?<digit>[1-4]|one|two|three|four)|(?<nth>${NTH.join('|')}|last|final) quarter)(?: of|,)? ` +
        `(?:the )?(?:(?:financial year|FY) ?)?(?<year>${FINANCIAL}|${YEAR})(?: financial year)?${NOT_MORE}`,
    ),
    read: (groups) => {
      const { digit } = groups;
      const nth =
        digit !== undefined ? numberOf(digit) : NTH.indexOf((groups['nth'] ?? '').toLowerCase()) + 1 || 4;
      return partOfYear(groups, 3, nth, 'end-of-quarter');
    },
  },
  {
    pattern: hereOnly(
      `(?:the )?(?<nth>first|second) half of (?:the )?(?:(?:financial year|FY) ?)?(?<year>${FINANCIAL}|${YEAR})${NOT_MORE}`,
    ),
    read: (groups) =>
      partOfYear(groups, 6, NTH.indexOf((groups['nth'] ?? '').toLowerCase()) + 1, 'end-of-half'),
  },
  {
    pattern: hereOnly(
      `${COMING}${PART}(?<season>${Object.keys(SEASONS).join('|')})` +
        `(?:(?: of)? (?<year>${YEAR})(?:[/-](?:${YEAR}|\\d{2}))?)?${NOT_MORE}`,
    ),
    read: ({ season = '', year }, publishedOn) => {
      const inYear = (of: number): Period =>
        months(of, SEASONS[season.toLowerCase()] ?? 0, 3, 'end-of-season');
      return year === undefined ? nextOf(inYear, publishedOn) : inYear(Number(year));
    },
  },
  {
    pattern: hereOnly(
      `(?:the )?(?:(?:(?:financial|fiscal) year|FY) ?(?:of )?)?(?<years>${FINANCIAL})(?: financial year)?${NOT_MORE}`,
    ),
    read: ({ years = '' }) => {
      const start = financialStart(years);
      return start === null ? null : financialYear(start);
    },
  },
  {
    pattern: hereOnly(`(?<this>${THIS})(?:financial|fiscal) year(?:[- ]end)?${NOT_MORE}(?! \\d)`),
    read: (groups, publishedOn) => {
      const now = yearOf(publishedOn) - (monthOf(publishedOn) < 4 ? 1 : 0);
      return financialYear(now + (isNext(groups['this']) ? 1 : 0));
    },
  },
  {
    pattern: hereOnly(
      `(?:(?<this>${THIS})(?:academic|school) (?:year|term)|(?:the )?(?:academic|school) year)(?: (?<year>${YEAR})[/-]\\d{2,4})?${NOT_MORE}`,
    ),
    read: ({ this: words, year }, publishedOn) => {
      const now = yearOf(publishedOn) - (monthOf(publishedOn) < 9 ? 1 : 0);
      return months(year === undefined ? now + (isNext(words) ? 1 : 0) : Number(year), 9, 12, 'end-of-year');
    },
  },
  {
    pattern: hereOnly(`${COMING}(?<feast>christmas|easter)(?: (?<year>${YEAR}))?${NOT_MORE}`),
    read: ({ feast = '', year }, publishedOn) => {
      const inYear = (of: number): Period => months(of, /^c/i.test(feast) ? 12 : 4, 1, 'end-of-month');
      return year === undefined ? nextOf(inYear, publishedOn) : inYear(Number(year));
    },
  },
  {
    pattern: hereOnly(
      `(?:the )?(?:(?:calendar|fiscal|financial) )?(?:year |FY ?)?${PART}(?<year>${YEAR})${NOT_MORE}`,
    ),
    read: ({ year, part }) => partOf(months(Number(year), 1, 12, 'end-of-year'), part),
  },
  {
    pattern: hereOnly(`(?<this>${THIS})(?:calendar )?year(?:[- ]end)?${NOT_MORE}|year[- ]end${NOT_MORE}`),
    read: (groups, publishedOn) =>
      months(yearOf(publishedOn) + (isNext(groups['this']) ? 1 : 0), 1, 12, 'end-of-year'),
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
  until: period.until,
  rule: 'start-of-period',
});
