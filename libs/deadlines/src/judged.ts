import type { Due, Reading } from './found-deadline.ts';
import { matchAt, hereOnly, WORD_END } from './calendar-words.ts';
import { dutyAround, sentenceAround, type Duty, type When } from './duty.ts';
import type { Counting } from './read-duration.ts';

/** A flat text, and what dates in it are counted by. */
export interface Search extends Counting {
  readonly text: string;
  /** Whether `publishedOn` is the day, or stands in for one that is not known. */
  readonly isPublicationKnown: boolean;
}

/** A deadline, by its place in the flat text. */
export interface Finding {
  readonly from: number;
  readonly to: number;
  readonly due: Due;
}

/** A place that was looked at: what it sets, null where nothing. */
export interface Judged {
  readonly from: number;
  readonly finding: Finding | null;
}

/** Words that stand for a date, where they are and what they can mean. */
export interface Candidate {
  readonly from: number;
  readonly to: number;
  readonly reading: Reading;
  readonly date: string;
  /** See Place. */
  readonly isLoose: boolean;
  /** It has a label, which sets a deadline without a verb. */
  readonly isLabelled: boolean;
  /** The label is one of a form ("Target date: …"), to which no verb belongs. */
  readonly isForm: boolean;
}

/** Rules that count from publication or what follows it, so that their day is never before it. */
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

/** "By 31 July each year" is a rule of the calendar. */
const EACH_YEAR = hereOnly(`,? (?:(?:in |of )?(?:each|every) (?:[\\p{L}]+ )?year|annually)${WORD_END}`);

const EACH_YEAR_BEFORE = /(?:(?:each|every) (?:\p{L}+ )?year|annually),? $/iu;

function whenOf({ reading, date }: Candidate, { publishedOn, isPublicationKnown }: Search): When {
  if (reading.rule !== null && RELATIVE.has(reading.rule)) return 'relative';
  return isPublicationKnown && date < publishedOn ? 'before-publication' : 'after-publication';
}

/** "Within ten days", with no start that is said; in months and years things are done once. */
const SHORT_PERIOD = /^(?!.* next ).*(?:days?|weeks?|fortnight)'?$/iu;
/** "Of receipt of this report": of no other event. */
const OF_THIS = hereOnly(` (?:of|from|after) (?:[\\p{L}]+ ){0,3}(?:this|these|our|my)${WORD_END}`);

function canRecur({ reading, from, to, isLoose }: Candidate, { text }: Search): boolean {
  if (!isLoose || matchAt(OF_THIS, text, to) !== null) return false;
  if (reading.rule === 'start-not-known') return true;
  return reading.rule === 'after-publication' && SHORT_PERIOD.test(text.slice(from, to));
}

/** What a candidate sets by the verbs around it; null where nothing. */
export function judge(search: Search, candidate: Candidate): Finding | null {
  const { text, publishedOn, isPublicationKnown } = search;
  const { from, to, reading, date, isLoose, isLabelled, isForm } = candidate;
  if (matchAt(EACH_YEAR, text, to) !== null) return null;
  if (EACH_YEAR_BEFORE.test(text.slice(Math.max(0, from - 40), from))) return null;
  const when = whenOf(candidate, search);
  const isPeriod = reading.rule !== null && when !== 'relative';
  // A month or a year that was over is nothing.
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

/** The rules of days, of what else is named. */
const isDay = ({ rule }: Reading): boolean => rule === 'two-digit-year' || rule === 'invalid-date';

function ruleOf(
  duty: Duty,
  { rule }: Reading,
  when: When,
  isPublicationKnown: boolean,
): Reading['rule'] | 'none' {
  if (duty === 'not-due') return 'none';
  if (when === 'before-publication') {
    // Only what is clearly asked is worth a look.
    if (duty !== 'due') return 'none';
    return rule ?? 'before-publication';
  }
  if (rule !== null) return rule;
  if (duty === 'unclear') return 'duty-unclear';
  return isPublicationKnown ? null : 'publication-not-known';
}
