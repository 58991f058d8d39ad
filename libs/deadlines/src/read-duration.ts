import { hereOnly, matchAt, MONTH, NUMBER, numberOf, WORD_END } from './calendar-words.ts';
import { HolidaysNotKnown, type HolidayRegion } from './bank-holidays.ts';
import { afterWeekdays, dueOn, type CountingRule, type DayOne } from './counting-rule.ts';
import type { ProposalRule, Reading } from './found-deadline.ts';
import { readDate } from './read-date.ts';

/** The date from which durations count, and the holidays. */
export interface Counting {
  readonly publishedOn: string;
  readonly holidays: HolidayRegion;
}

/** What a duration requires. "Within" requires nothing, "in" that it is the next one, and "by" a start. */
type Needs = 'nothing' | 'next' | 'start';

const NEXT = '(?:the |a )?(?:next|coming|following|first)';
const UNIT =
  "(?:(?<kind>(?!(?:to|and|or)(?!\\p{L}))\\p{L}+)[ -])?(?<unit>hour|day|week|fortnight|month|year)s?'?s?";
const DURATION = hereOnly(
  `(?:an? )?(?:further |maximum |period )?(?:of )?(?:an? |(?:no|not) (?:more|longer) than )?` +
    `(?:(?<next>${NEXT}) (?:(?:${NUMBER}(?: to | or | ?- ?))?(?<nextCount>${NUMBER})(?: \\(${NUMBER}\\))?[ -])?|` +
    `(?<count>${NUMBER})(?: \\(${NUMBER}\\))?(?:(?: to | or | and | ?- ?)(?<most>${NUMBER}))?[ -])` +
    `${UNIT}${WORD_END}(?<time> time${WORD_END})?(?:[- ]period${WORD_END})?`,
);

/** The maximum count. A longer duration is a typing error, or no deadline. */
const MOST = 999;

const REPORT =
  '(?:report|inspection|letter|review|notice|document|recommendation|statement|decision|determination|order|judge?ment|direction)s?';
const PUBLICATION = hereOnly(
  `(?:the )?(?:(?:date|day|time) (?:of|on which) )?(?:(?:the|its|our|their|this|my|today's) (?:[\\p{L}'-]+ ){0,2}?)?` +
    `(?:(?:publication|publishing)(?: date)?(?: (?:of )?(?:the|this|our|its|these)(?: [\\p{L}-]+){0,2}? ${REPORT})?|` +
    `${REPORT}(?: (?:being|is|was|has been) (?:published|issued|sent|made public))?|date|issue|today|now)${WORD_END}(?!'s| being)`,
);
const FROM = hereOnly(
  ' (?:(?<with>(?:beginning|starting|commencing)(?: on| with| from)?)|of|from|after|following|since)(?: the (?:day|date) of)? ',
);
const NO_DEADLINE = hereOnly(
  ` (?:before|prior to|preceding|previous|earlier|ago|old|to (?:\\d+|the end|${MONTH}))${WORD_END}`,
);

/** The start of a period, its rule, and the end of its words. */
interface Start {
  readonly on: string;
  readonly rule: ProposalRule;
  readonly from: DayOne;
  readonly end: number;
}

function readStart(text: string, at: number, publishedOn: string): Start | null {
  const link = matchAt(FROM, text, at);
  if (link === null) return null;
  const from: DayOne = link.groups?.['with'] === undefined ? 'after' : 'beginning-with';
  const after = at + link[0].length;
  const published = matchAt(PUBLICATION, text, after);
  if (published !== null)
    return { on: publishedOn, rule: 'after-publication', from, end: after + published[0].length };
  const date = readDate(text, after, publishedOn);
  if (date?.rule === null) return { on: date.by, rule: 'after-date', from, end: date.end };
  return { on: publishedOn, rule: 'start-not-known', from: 'after', end: at };
}

function countingRule(
  kind: string,
  unit: string,
  count: number,
  from: DayOne,
  holidays: HolidayRegion,
): CountingRule {
  if (/working|business/i.test(kind)) {
    return { unit: 'working-days', count: /^week/i.test(unit) ? count * 5 : count, from, holidays };
  }
  if (/^hour/i.test(unit)) return { unit: 'days', count: Math.ceil(count / 24), from: 'after' };
  const days = { day: 1, week: 7, fortnight: 14 }[unit.toLowerCase()];
  if (days !== undefined) return { unit: 'days', count: count * days, from };
  return { unit: /^month/i.test(unit) ? 'months' : 'years', count, from };
}

/** Returns the duration at a place, with its last day and its start if stated; null if there is none or required words are missing. */
export function readDuration(text: string, at: number, needs: Needs, counting: Counting): Reading | null {
  const match = matchAt(DURATION, text, at);
  if (match === null) return null;
  const { next, nextCount, count, most, kind = '', unit = '', time } = match.groups ?? {};
  const number = numberOf(most ?? count ?? nextCount ?? 'one');
  const end = at + match[0].length;
  if (number === 0 || number > MOST || matchAt(NO_DEADLINE, text, end) !== null) return null;
  const stated = readStart(text, end, counting.publishedOn);
  if (needs === 'next' && next === undefined && time === undefined) return null;
  if (needs === 'start' && time === undefined && stated === null) return null;
  const start = stated ?? { on: counting.publishedOn, rule: 'after-publication', from: 'after', end };
  const rule = countingRule(kind, unit, number, start.from, counting.holidays);
  return dueReading(rule, start);
}

function dueReading(rule: CountingRule, start: Start): Reading {
  const reading = (by: string, named: ProposalRule): Reading => ({
    end: start.end,
    by,
    before: by,
    rule: named,
  });
  try {
    return reading(dueOn(rule, start.on), start.rule);
  } catch (error) {
    if (!(error instanceof HolidaysNotKnown)) throw error;
    return reading(afterWeekdays(start.on, rule.count, rule.from), 'weekdays-only');
  }
}
