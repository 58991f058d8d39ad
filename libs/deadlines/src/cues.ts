import { hereOnly, matchAt, WORD_END, WORD_START } from './calendar-words.ts';
import { dueOn } from './counting-rule.ts';
import type { CountingRule } from './counting-rule.ts';
import type { Due, ProposalRule, Reading } from './found-deadline.ts';
import { readDate } from './read-date.ts';
import { readDuration } from './read-duration.ts';
import type { Counting } from './read-duration.ts';
import { readPeriod } from './read-period.ts';
import { mannerOf, sentenceAround } from './sentence-verbs.ts';
import type { Manner } from './sentence-verbs.ts';

/** A flat text, and the parameters for counting dates in it. */
export interface Search extends Counting {
  readonly text: string;
  /** Whether `publishedOn` is the publication date and not a placeholder. */
  readonly isPublicationKnown: boolean;
}

/** A date behind a cue, by its place in the flat text, and its deadline; null if it has none. */
export interface CuedDate {
  readonly from: number;
  readonly to: number;
  readonly due: Due | null;
}

const LATEST = '(?:,? at the (?:very )?latest)';
/** Words of urgency, and the period from publication that they suggest. */
const URGENCY: Readonly<Record<string, { readonly rule: ProposalRule; readonly counted: CountingRule }>> = {
  now: { rule: 'immediately', counted: { unit: 'days', count: 0, from: 'after' } },
  prompt: { rule: 'without-delay', counted: { unit: 'days', count: 14, from: 'after' } },
  urgent: { rule: 'urgently', counted: { unit: 'days', count: 14, from: 'after' } },
  soon: { rule: 'as-soon-as-practicable', counted: { unit: 'days', count: 28, from: 'after' } },
};

/** The words that introduce a date, by what may follow them, and words of urgency. */
const CUES = new RegExp(
  `${WORD_START}(?:(?:` +
    `(?<by>(?:at the (?:very )?latest,? )?by(?! when:)(?:,? (?:no|not) later th[ae]n|${LATEST},?| or on| latest)?|on(?: or |/)before|by or before)|` +
    '(?<not>(?:no|not) (?:later|more) th[ae]n|not after|between now and)(?: by)?|' +
    '(?<before>before|prior to|ahead of|in advance of)|(?<until>until|till|up to and including)|(?<range>from)|' +
    '(?<within>within|inside|in(?= (?:no|not) (?:more|longer) than ))|(?<next>in|over|during|throughout)|' +
    '(?<label>(?:deadline|date)(?: for(?: [\\p{L}-]+){1,3})? (?:is|has been) (?:now )?(?:extended|moved|changed) to|' +
    '(?:(?:target|completion|implementation|delivery|compliance|response|revised|agreed|due|end) date|date due|by when|deadline|time ?scale|time ?frame)s?' +
    "(?: for(?: [\\p{L}'-]+){1,3})?(?: of| is| set (?:at|for))?|due(?: on| in)?|(?:target|when|completion|implementation)(?=: ?\\d))" +
    ')(?: - |: ?|,? )|(?:' +
    `(?<now>immediately|with immediate effect|immediate(?! (?:famil|vicinit|area|cause|surround|neighbour|past|aftermath|relative|superior|line|danger|threat|impact|risk))|straight ?away|forthwith|at once)|` +
    '(?<prompt>without (?:further |undue |any |any further )?delay|promptly)|' +
    `(?<urgent>urgently|as a matter of (?:the utmost |some )?(?:urgency|priority)|urgent(?! (?:and emergency )?(?:care|treatment|calls?|cases?|referrals?|appointments?)(?!\\p{L})))|` +
    '(?<soon>as (?:soon|quickly|rapidly) as(?: (?:it )?(?:is )?(?:reasonably )?(?:practicable|possible|practical))?|at the earliest (?:possible |practicable )?opportunity)' +
    `)${WORD_END})`,
  'giu',
);
const AT_THE_LATEST = hereOnly(`${LATEST}${WORD_END}`);
const LATEST_ALONE = new RegExp(`(?<=\\d)${LATEST}${WORD_END}`, 'giu');
/** Longer than any date. */
const DATE_REACH = 48;

/** "By the May 2016 guidance": the date of a thing. */
const THING = hereOnly(
  ` (?:act|code|data|edition|figures|framework|guidance|inspection|legislation|policy|regulations|report|standards?|strategy|survey|version)${WORD_END}`,
);
/** "Immediately after arrest" is an order of events, and "immediately available" a state. */
const NO_URGENCY = hereOnly(
  ` (?!(?:after|following) (?:the )?publication)(?:before|prior|preceding|after|following|behind|next|below|above|beforehand|adjacent|\\p{L}+[ai]ble|apparent|obvious|clear|evident)${WORD_END}`,
);
/** The beginning of a range, up to its last day. */
const RANGE = hereOnly('[\\p{L}\\p{N} ]{1,32}? (?:to|until|till|through(?: to)?) ');
const COMING = hereOnly('(?:the )?(?:next|coming|following)');
const PLANNED =
  /(?<!\p{L})(?:will|shall|(?:intends?|plans?|expects?|aims?|is|are) to)(?!\p{L})[^,;.]{0,120}$/iu;

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
    if (reading === null) continue;
    const to = reading.end + (matchAt(AT_THE_LATEST, text, reading.end)?.[0].length ?? 0);
    const isBefore = cue.groups?.['before'] !== undefined;
    const isPeriod = isBefore && reading.before < reading.by && reading.rule?.startsWith('end-of') === true;
    const [by, rule] = [isBefore ? reading.before : reading.by, isPeriod ? 'before-period' : reading.rule];
    const found = judge(search, { ...reading, by, rule }, cue.index, to, cue.groups);
    at = to;
    yield found;
    if (found.due?.kind === 'exact') yield* joined(search, to);
  }
}

/** Yields dates without a cue that "at the latest" follows. */
export function* latestDates(search: Search): Generator<CuedDate> {
  const { text, publishedOn } = search;
  for (const { index: end, 0: words } of text.matchAll(LATEST_ALONE)) {
    const start = Math.max(0, end - DATE_REACH);
    for (const word of text.slice(start, end).matchAll(/(?<![\p{L}\p{N}])[\p{L}\p{N}]/gu)) {
      const from = start + word.index;
      const reading = readDate(text, from, publishedOn);
      if (reading?.end !== end) continue;
      yield judge(search, reading, from, end + words.length);
      break;
    }
  }
}

const AND = hereOnly(',? (?:and|and again|and then) ');

/** Yields the second day of "by 31 March 2017 and 30 September 2017". */
function* joined({ text, publishedOn }: Search, end: number): Generator<CuedDate> {
  const from = end + (matchAt(AND, text, end)?.[0].length ?? 0);
  const date = from === end ? null : readDate(text, from, publishedOn);
  if (date?.rule !== null || date.by < publishedOn) return;
  yield { from, to: date.end, due: { kind: 'exact', dueOn: date.by } };
}

function readCued(search: Search, cue: RegExpExecArray): Reading | null {
  const { text, publishedOn } = search;
  const { groups = {} } = cue;
  const at = cue.index + cue[0].length;
  const is = (name: string): boolean => groups[name] !== undefined;
  const urgent = Object.keys(URGENCY).find(is);
  if (urgent !== undefined) {
    const { rule, counted } = URGENCY[urgent] as (typeof URGENCY)[string];
    const by = dueOn(counted, publishedOn);
    return matchAt(NO_URGENCY, text, at) === null ? { end: at, by, before: by, rule } : null;
  }
  const named = (from: number): Reading | null => {
    const reading = readDate(text, from, publishedOn) ?? readPeriod(text, from, publishedOn);
    return reading === null || matchAt(THING, text, reading.end) === null ? reading : null;
  };
  if (is('range')) {
    const start = matchAt(RANGE, text, at);
    return start === null ? null : named(at + start[0].length);
  }
  if (is('next')) {
    const duration = readDuration(text, at, 'next', search);
    // "In March 2020" is rarely to come.
    const isToCome =
      matchAt(COMING, text, at) !== null || PLANNED.test(text.slice(Math.max(0, cue.index - 160), cue.index));
    return duration ?? (isToCome ? named(at) : null);
  }
  if (is('within')) return readDuration(text, at, 'nothing', search) ?? named(at);
  return (
    named(at) ?? (is('before') ? null : readDuration(text, at, is('label') ? 'nothing' : 'start', search))
  );
}

/** Rules whose days never precede publication. */
export const RELATIVE: ReadonlySet<ProposalRule | null> = new Set([
  ...(['after-publication', 'start-not-known', 'weekdays-only', 'after-date', 'year-not-stated'] as const),
  ...Object.values(URGENCY).map(({ rule }) => rule),
]);
/** Rules about a day, not a period. */
const OF_DAYS: ReadonlySet<ProposalRule | null> = new Set([null, 'two-digit-year', 'invalid-date']);
/** "Ships built before 2021": not what is due, but which ships. */
const OF_WHICH = /(?<!(?:be|been|being|is|are)(?: \p{L}+ly)? )(?:built|born|\p{L}+ed) $/iu;
const STATES = /(?<!\p{L})(?:is|are|has|have)(?!\p{L})/iu;

function judge(
  { text, publishedOn, isPublicationKnown }: Search,
  { by, rule }: Pick<Reading, 'by' | 'rule'>,
  from: number,
  to: number,
  { by: strict, not, label }: Readonly<Record<string, string | undefined>> = {},
): CuedDate {
  const sentence = sentenceAround(text, from, to);
  const said = mannerOf(sentence);
  // "Should have been treated within a day" reports a failure, "should have been trained by 1 May" does not.
  const isFailure = said === 'perfect' || (said === 'failed' && strict === undefined);
  const manner = isFailure ? 'past' : said === 'failed' ? 'duty' : said;
  const isOver = isPublicationKnown && !RELATIVE.has(rule) && by < publishedOn;
  // "Before" and "urgent" also describe states, "by" and "no later than" do not.
  const isState =
    manner === 'unsaid' &&
    (strict ?? not ?? label) === undefined &&
    STATES.test(sentence.before + sentence.after);
  const isEnded = isOver && (manner !== 'duty' || !OF_DAYS.has(rule));
  const isWhich = /^(?:before|prior)/i.test(text.slice(from, to)) && OF_WHICH.test(sentence.before);
  if (manner === 'past' || isState || isEnded || isWhich) return { from, to, due: null };
  const named = rule ?? ruleOf(manner, isOver, isPublicationKnown);
  const due: Due =
    named === null ? { kind: 'exact', dueOn: by } : { kind: 'proposed', suggestedOn: by, rule: named };
  return { from, to, due };
}

function ruleOf(manner: Manner, isOver: boolean, isPublicationKnown: boolean): ProposalRule | null {
  if (isOver) return 'before-publication';
  if (manner === 'maybe') return 'duty-unclear';
  return isPublicationKnown ? null : 'publication-not-known';
}
