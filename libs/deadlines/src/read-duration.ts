import { HolidaysNotKnown } from './bank-holidays.ts';
import { hereOnly, matchAt, MONTH, NUMBER, numberOf, WORD_END } from './calendar-words.ts';
import { afterWeekdays, dueOn, type CountingRule } from './counting-rule.ts';
import type { ProposalRule, Reading } from './found-deadline.ts';
import { readDate } from './read-date.ts';

const DURATION = hereOnly(
  '(?:(?:an?|the|end|further|maximum|period|of|no more than|not more than|no longer than|next|coming|following|first) ){0,6}' +
    `(?:(?:(?:${NUMBER}(?: to | or | and | - |(?<=\\d)-))?(?<count>${NUMBER})(?: \\(${NUMBER}\\))?[ -])|(?<=(?:next|coming|following|first) ))` +
    "(?:(?<kind>(?!(?:to|and|or)(?!\\p{L}))\\p{L}+)[ -])?(?<unit>hour|day|week|fortnight|month|year)s?'?s?" +
    `${WORD_END}(?: time${WORD_END})?`,
);
/** The maximum count. A longer duration is a typing error, or no deadline. */
const MOST = 999;

const START = hereOnly(
  ' (?:(?<with>(?:beginning|starting|commencing)(?: on| with| from)?)|of|from|after|following|since)(?: the (?:day|date) of)? ',
);
const NO_DEADLINE = hereOnly(
  ` (?:before|prior to|preceding|previous|earlier|ago|old|to (?:\\d+|the end|${MONTH}))${WORD_END}`,
);

function countingRule(
  { kind = '', unit = '' }: Readonly<Record<string, string | undefined>>,
  count: number,
  isWith: boolean,
): CountingRule {
  const from = isWith ? 'beginning-with' : 'after';
  if (/working|business/i.test(kind)) {
    return { unit: 'working-days', count: /^week/i.test(unit) ? count * 5 : count, from };
  }
  if (/^hour/i.test(unit)) return { unit: 'days', count: Math.ceil(count / 24), from: 'after' };
  const days = { day: 1, week: 7, fortnight: 14 }[unit.toLowerCase()];
  if (days !== undefined) return { unit: 'days', count: count * days, from };
  return { unit: /^month/i.test(unit) ? 'months' : 'years', count, from };
}

/**
 * Returns the duration at a place, with its last day; null if there is none. It counts from the date that it states, and otherwise from
 * publication.
 */
export function readDuration(
  text: string,
  at: number,
  needsStart: boolean,
  publishedOn: string,
): Reading | null {
  const match = matchAt(DURATION, text, at);
  if (match === null) return null;
  const count = numberOf(match.groups?.['count'] ?? 'one');
  const end = at + match[0].length;
  if (count === 0 || count > MOST || matchAt(NO_DEADLINE, text, end) !== null) return null;
  const link = matchAt(START, text, end);
  if (needsStart && link === null) return null;
  const date = link === null ? null : readDate(text, end + link[0].length, publishedOn);
  const stated = date?.rule === null ? date : null;
  const start = stated?.by ?? publishedOn;
  const rule = countingRule(match.groups ?? {}, count, link?.groups?.['with'] !== undefined);
  const [by, named] = dueBy(rule, start, stated === null ? 'after-publication' : 'after-date');
  return { end: stated?.end ?? end, by, before: by, rule: named };
}

function dueBy(rule: CountingRule, start: string, named: ProposalRule): [string, ProposalRule] {
  try {
    return [dueOn(rule, start), named];
  } catch (error) {
    if (!(error instanceof HolidaysNotKnown)) throw error;
    return [afterWeekdays(start, rule.count, rule.from), 'weekdays-only'];
  }
}
