import type { Due, Reading } from './found-deadline.ts';
import { matchAt, hereOnly, WORD_END } from './calendar-words.ts';
import { dutyAround, sentenceAround, type Duty, type When } from './duty.ts';
import type { Counting } from './read-duration.ts';

/** A flat text, and the parameters for counting dates in it. */
export interface Search extends Counting {
  readonly text: string;
  /** Whether `publishedOn` is the publication date and not a placeholder. */
  readonly isPublicationKnown: boolean;
}

/** A deadline, by its place in the flat text. */
export interface Finding {
  readonly from: number;
  readonly to: number;
  readonly due: Due;
}

/** A judged place and its deadline; null if it has none. */
export interface Judged {
  readonly from: number;
  readonly finding: Finding | null;
}

/** Words for a date, with their place and possible meanings. */
interface Candidate {
  readonly from: number;
  readonly to: number;
  readonly reading: Reading;
  readonly date: string;
  readonly isLoose: boolean;
  /** Whether a label makes it a deadline without a verb. */
  readonly isLabelled: boolean;
  /** Whether it is a label of a form ("Target date: …"), which has no verb. */
  readonly isForm: boolean;
}

/** Rules that count from publication or a later event, so that their day is never before it. */
const RELATIVE: ReadonlySet<string> = new Set([
  'after-publication',
  'start-not-known',
  'weekdays-only',
  'after-date',
  'year-not-stated',
  'immediately',
  'without-delay',
  'urgently',
  'as-soon-as-practicable',
]);

/** "By 31 July each year" is a calendar rule. */
const EACH_YEAR = hereOnly(`,? (?:(?:in |of )?(?:each|every) (?:[\\p{L}]+ )?year|annually)${WORD_END}`);

const EACH_YEAR_BEFORE = /(?:(?:each|every) (?:\p{L}+ )?year|annually),? $/iu;

function whenOf({ reading, date }: Candidate, { publishedOn, isPublicationKnown }: Search): When {
  if (reading.rule !== null && RELATIVE.has(reading.rule)) return 'relative';
  return isPublicationKnown && date < publishedOn ? 'before-publication' : 'after-publication';
}

/** A period such as "within ten days" without a start. Duties in months and years occur only once. */
const SHORT_PERIOD = /^(?!.* next ).*(?:days?|weeks?|fortnight)'?$/iu;
/** The start of a period that does not recur: "of receipt of this report". */
const OF_THIS = hereOnly(` (?:of|from|after) (?:[\\p{L}]+ ){0,3}(?:this|these|our|my)${WORD_END}`);

function canRecur({ reading, from, to, isLoose }: Candidate, { text }: Search): boolean {
  if (!isLoose || matchAt(OF_THIS, text, to) !== null) return false;
  if (reading.rule === 'start-not-known') return true;
  return reading.rule === 'after-publication' && SHORT_PERIOD.test(text.slice(from, to));
}

/** Returns the deadline of a candidate, judged by the verbs around it; null if it is none. */
export function judge(search: Search, candidate: Candidate): Finding | null {
  const { text, publishedOn, isPublicationKnown } = search;
  const { from, to, reading, date, isLoose, isLabelled, isForm } = candidate;
  if (matchAt(EACH_YEAR, text, to) !== null) return null;
  if (EACH_YEAR_BEFORE.test(text.slice(Math.max(0, from - 40), from))) return null;
  const when = whenOf(candidate, search);
  const isPeriod = reading.rule !== null && when !== 'relative';
  // Ignores a month or year that had ended.
  if (isPeriod && isPublicationKnown && reading.until < publishedOn && !isDay(reading)) return null;
  const duty = isForm
    ? 'due'
    : dutyAround({
        ...sentenceAround(text, from, to),
        when,
        isLabelled,
        isLoose,
        isUrgent: false,
        canRecur: canRecur(candidate, search) && 'of-all',
      });
  const rule = ruleOf(duty, reading, when, isPublicationKnown);
  if (rule === 'none') return null;
  return {
    from,
    to,
    due: rule === null ? { kind: 'exact', dueOn: date } : { kind: 'proposed', suggestedOn: date, rule },
  };
}

/** Reports whether words contain a day. */
const isDay = ({ rule }: Reading): boolean => rule === 'two-digit-year' || rule === 'invalid-date';

function ruleOf(
  duty: Duty,
  { rule }: Reading,
  when: When,
  isPublicationKnown: boolean,
): Reading['rule'] | 'none' {
  if (duty === 'not-due') return 'none';
  if (when === 'before-publication') {
    // Only a clear duty is proposed.
    if (duty !== 'due') return 'none';
    return rule ?? 'before-publication';
  }
  if (rule !== null) return rule;
  if (duty === 'unclear') return 'duty-unclear';
  return isPublicationKnown ? null : 'publication-not-known';
}
