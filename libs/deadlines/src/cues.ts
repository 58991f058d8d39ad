import { addDays } from '#lifecycle/plain-date';
import { hereOnly, matchAt, WORD_END, WORD_START } from './calendar-words.ts';
import { FROM_PUBLICATION } from './found-deadline.ts';
import type { Due, ProposalRule, Reading } from './found-deadline.ts';
import { readDate } from './read-date.ts';
import { readDuration } from './read-duration.ts';
import { readPeriod } from './read-period.ts';
import { mannerOf, sentenceAround } from './sentence-verbs.ts';

/** A flat text, and the date from which durations count. */
export interface Search {
  readonly text: string;
  readonly publishedOn: string;
  /** Whether `publishedOn` is the publication date and not a placeholder. */
  readonly isPublicationKnown: boolean;
}

/** A date behind a cue, by its place in the flat text, and its deadline; null if it has none. */
export interface CuedDate {
  readonly from: number;
  readonly to: number;
  readonly due: Due | null;
}

/** Words of urgency, by the rule that suggests a day, and its distance from publication. */
const URGENCY: Readonly<Record<string, readonly [rule: ProposalRule, days: number]>> = {
  now: ['immediately', 0],
  urgent: ['urgently', 14],
  soon: ['as-soon-as-practicable', 28],
};

const LABEL =
  '(?:(?:(?:target|completion|implementation|delivery|compliance|response|revised|agreed|due|end|review|expected|estimated|planned|proposed) ){1,3}date|date(?=:| due| for)|deadline|time ?scale|time ?frame)s?' +
  "(?: due)?(?: for(?: [\\p{L}'-]+){1,3})?(?: of| is| set (?:at|for)|(?: is| has been)(?: now)? (?:extended|moved|changed) to)?|due(?: on| in)?|" +
  '(?:target|when|by when|complet(?:ion|ed?)|implementation|delivery)(?=: ?)';

/** The words that introduce a date, by what may follow them, and words of urgency. */
const CUES = new RegExp(
  `${WORD_START}(?:(?:` +
    '(?<now>immediately|(?:with )?immediate(?! (?:famil|vicinit|area|cause|past|aftermath))(?: effect)?|(?:straight|right) ?away|forthwith|at once)|' +
    '(?<urgent>without (?:\\p{L}+ ){0,3}delay|promptly|urgently|as a (?:matter of (?:\\p{L}+ ){0,3}(?:urgency|priority)|(?:\\p{L}+ )?priority)|' +
    'urgent(?! (?:care|treatment|calls?|cases?|referrals?|appointments?|and emergency)(?!\\p{L})))|' +
    `(?<soon>as (?:soon|quickly|rapidly|early) as(?: (?:is )?(?:reasonably )?(?:practicable|possible|practical))?|at the (?:very )?earliest (?:possible |practicable )?opportunity))${WORD_END}|(?:` +
    '(?<by>by(?! when:)(?: or on| at the latest| latest)?|on(?: or |/)before|(?:no|not) (?:later|more) th[ae]n|not after|between now and)|' +
    '(?<before>before|prior to|ahead of|in advance of)|(?<until>(?:from [\\p{L}\\p{N} ]{1,32}? to|until|till|through|up to and including))|' +
    `(?<within>within|inside|in(?= (?:no|not) (?:more|longer) than )|(?:in|over|during|throughout)(?= (?:the )?(?:next|coming|following) ))|(?<in>in|at|over|during|throughout|(?<=(?:planned|scheduled|due|expected|set|intended) )for|(?:early|later?)(?= (?:this|next) ))|(?<label>${LABEL})` +
    ')(?: - |: ?|,? ))',
  'giu',
);

/** "By the May 2016 guidance": the date of a thing. */
const THING = hereOnly(
  ` (?:act|code|data|edition|figures|framework|guidance|inspection|legislation|policy|regulations|report|standards?|strategy|survey|version)${WORD_END}`,
);
/** "Immediately after arrest" is an order of events, and "immediately available" a state. */
const NO_URGENCY = hereOnly(
  ` (?:(?:before|prior|preceding|after(?! publication)|following(?! publication)|behind|next|below|above|adjacent|\\p{L}+[ai]ble|apparent|obvious|clear|evident)${WORD_END})`,
);
/** Yields the dates behind cues, and words of urgency. */
export function* cuedDates(search: Search): Generator<CuedDate> {
  const { text } = search;
  let at = 0;
  for (;;) {
    CUES.lastIndex = at;
    const cue = CUES.exec(text);
    if (cue === null) return;
    const reading = readCued(search, cue);
    // The text after a cue without a date may contain another cue: "in" of "in no later than".
    at = reading?.end ?? cue.index + 1;
    if (reading !== null) yield judge(search, reading, cue);
  }
}

function readCued(search: Search, cue: RegExpExecArray): Reading | null {
  const { text, publishedOn } = search;
  const at = cue.index + cue[0].length;
  const is = (name: string): boolean => cue.groups?.[name] !== undefined;
  const [rule, days] = URGENCY[Object.keys(URGENCY).find(is) ?? ''] ?? [null, 0];
  if (rule !== null) {
    const by = addDays(publishedOn, days);
    return matchAt(NO_URGENCY, text, at) === null ? { end: at, by, before: by, rule } : null;
  }
  const needsStart = is('by') || is('until');
  const duration = is('before') ? null : readDuration(text, at, needsStart, search.publishedOn);
  // "At 10 am on 3 May" is an appointment.
  const day = is('in') ? null : readDate(text, at, publishedOn);
  const dated = day ?? readPeriod(text, at, publishedOn);
  // "Within the next year" is a duration, and "by next year" a year.
  const named = is('within') ? (duration ?? dated) : (dated ?? duration);
  return named === null || matchAt(THING, text, named.end) !== null ? null : named;
}

/** "Ships built before 2021": not what is due, but which ships. */
const OF_WHICH = /(?<!(?:be|been|being|is|are)(?: \p{L}+ly)? )(?<![\p{L}-])(?:built|born|\p{L}+ed) $/iu;
const STATES = /(?<!\p{L})(?:is|are|has|have)(?!\p{L})/iu;

function judge(
  { text, publishedOn, isPublicationKnown }: Search,
  read: Reading,
  cue: RegExpExecArray,
): CuedDate {
  const { index: from, groups = {} } = cue;
  const to = read.end;
  const isBefore = groups['before'] !== undefined;
  const by = isBefore ? read.before : read.by;
  const sentence = sentenceAround(text, from, to);
  const manner = mannerOf(sentence);
  const isOver = isPublicationKnown && !FROM_PUBLICATION.has(read.rule) && by < publishedOn;
  const isDay = read.rule === null || read.rule === 'two-digit-year';
  // "Before" and "urgent" also describe states, "by" and "no later than" do not.
  const isOpen = manner === 'unsaid' && (groups['by'] ?? groups['label']) === undefined;
  const isState = isOpen && STATES.test(sentence.before + sentence.after);
  // "In March 2020" is rarely to come.
  const isIn = groups['in'] !== undefined && manner !== 'duty';
  const isWhich = isBefore && OF_WHICH.test(sentence.before);
  const isEnded = isOver && (manner !== 'duty' || !isDay);
  if (manner === 'past' || isState || isIn || isWhich || isEnded) return { from, to, due: null };
  const isMaybe = isOpen || manner === 'maybe' ? 'duty-unclear' : null;
  const rule =
    read.rule ??
    (isOver ? 'before-publication' : (isMaybe ?? (isPublicationKnown ? null : 'publication-not-known')));
  const due: Due = rule === null ? { kind: 'exact', dueOn: by } : { kind: 'proposed', suggestedOn: by, rule };
  return { from, to, due };
}
