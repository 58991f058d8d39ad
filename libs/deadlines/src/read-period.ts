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
const THIS = '(?:the |this |next |the next |the current |the coming |the following )';

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
/** "The summer recess" is not a season. */
const NOT_OF_SEASON =
  '(?! (?:terms?|half-term|recess|holidays?|break|session|sitting|semester|budget|statement|conference|exams?|examinations?)' +
  `${WORD_END})`;
const PART = '(?:(?<part>early|mid|middle of|late)[- ])?';

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
    pattern: hereOnly(`${PART}(?<month>${MONTH})${NOT_MORE}(?! \\d{4})(?<after> \\p{L}\\p{Ll})?`),
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
      `(?:the )?(?:next |this |coming )?(?<season>${Object.keys(SEASONS).join('|')})` +
        `(?:(?: of)? (?<year>${YEAR})(?:[/-](?:${YEAR}|\\d{2}))?)?${NOT_MORE}${NOT_OF_SEASON}`,
    ),
    read: ({ season = '', year }, publishedOn) => {
      const inYear = (of: number): Period =>
        months(of, SEASONS[season.toLowerCase()] ?? 0, 3, 'end-of-season');
      return year === undefined ? nextOf(inYear, publishedOn) : inYear(Number(year));
    },
  },
  {
    pattern: hereOnly(
      `(?:the )?(?:(?:financial year|FY) ?(?:of )?)?(?<years>${FINANCIAL})(?: financial year)?${NOT_MORE}`,
    ),
    read: ({ years = '' }) => {
      const start = financialStart(years);
      return start === null ? null : financialYear(start);
    },
  },
  {
    pattern: hereOnly(`(?<this>${THIS})financial year(?:[- ]end)?${NOT_MORE}(?! \\d)`),
    read: (groups, publishedOn) => {
      const now = yearOf(publishedOn) - (monthOf(publishedOn) < 4 ? 1 : 0);
      return financialYear(now + (isNext(groups['this']) ? 1 : 0));
    },
  },
  {
    pattern: hereOnly(`(?:the )?(?:calendar )?(?:year )?${PART}(?<year>${YEAR})${NOT_MORE}`),
    read: ({ year, part }) => partOf(months(Number(year), 1, 12, 'end-of-year'), part),
  },
  {
    pattern: hereOnly(`(?<this>${THIS})(?:calendar )?year(?:[- ]end)?${NOT_MORE}|year[- ]end${NOT_MORE}`),
    read: (groups, publishedOn) =>
      months(yearOf(publishedOn) + (isNext(groups['this']) ? 1 : 0), 1, 12, 'end-of-year'),
  },
];

const END = hereOnly(
  '(?:the )?(?:very )?(?:end|close)(?: of)? |(?:the )?(?:calendar |financial )?year[- ]end(?: of)?,? (?=\\d)',
);
const START = hereOnly('(?:the )?(?:very )?(?:start|beginning)(?: of)? ');
/** The text after a bare year, to exclude counts: "by 2018, …" but not "by 2018 offences". */
const AFTER_BARE_YEAR = hereOnly(
  '$|[^\\p{L}\\p{N} ]| ?[-(]| (?:the|all|every|each|and|or|at|in|to|with|for|we|it|they|this|that|which|when|so|if|as|on)(?!\\p{L})',
);

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
 * suggests; null if there is none. With `isFirstInSentence`, no text need follow a bare year.
 */
export function readPeriod(
  text: string,
  at: number,
  publishedOn: string,
  isFirstInSentence: () => boolean,
): Reading | null {
  const end = matchAt(END, text, at);
  const start = end === null ? matchAt(START, text, at) : null;
  const bareAt = at + (end ?? start ?? [''])[0].length;
  const period = readBare(text, bareAt, publishedOn);
  if (period === null) return null;
  if (end !== null) {
    return { end: period.end, by: period.last, before: period.last, until: period.until, rule: period.rule };
  }
  if (start !== null) return startOf(period);
  const isYear = /^(?:the )?\d{4}$/i.test(text.slice(bareAt, period.end));
  if (isYear && matchAt(AFTER_BARE_YEAR, text, period.end) === null && !isFirstInSentence()) return null;
  return { ...startOf(period), by: period.last, rule: period.rule };
}

const startOf = (period: Period & { end: number }): Reading => ({
  end: period.end,
  by: period.first,
  before: addDays(period.first, -1),
  until: period.until,
  rule: 'start-of-period',
});
