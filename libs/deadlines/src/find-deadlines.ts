import { isPlainDate } from '../../lifecycle/src/plain-date.ts';
import type { HolidayRegion } from './bank-holidays.ts';
import { matchAt, hereOnly, WORD_END, WORD_START } from './calendar-words.ts';
import { dutyAround, forbids, namesWhatIsOlder, opensSentence, sentenceAround } from './duty.ts';
import { flatten } from './flat-text.ts';
import type { FoundDeadline, Reading } from './found-deadline.ts';
import { readDate } from './read-date.ts';
import { readDuration, type Counting } from './read-duration.ts';
import { readPeriod } from './read-period.ts';
import { readUrgency, URGENT_WORDS } from './urgency.ts';

export interface FindOptions {
  /** The plain date that relative words count from. */
  readonly publishedOn: string;
  /** Whose bank holidays working days leave out; England and Wales' when not given. */
  readonly holidays?: HolidayRegion;
}

interface Found {
  readonly from: number;
  readonly to: number;
  readonly due:
    | { readonly kind: 'exact'; readonly dueOn: string }
    | {
        readonly kind: 'proposed';
        readonly suggestedOn: string;
        readonly rule: NonNullable<Reading['rule']>;
      };
}

const LATEST = '(?:,? at the (?:very )?latest)';
/** The words that a deadline starts with, by what may follow them. */
const CUES = new RegExp(
  `${WORD_START}(?:` +
    `(?<by>(?:at the (?:very )?latest,? )?by(?:,? (?:no|not) later th[ae]n|${LATEST},?| or on| latest)?|on(?: or |/)before|by or before|(?:no|not) later th[ae]n(?: by)?)|` +
    '(?<before>before|prior to|ahead of|in advance of)|(?<within>within)|(?<next>in|over|during|throughout)|' +
    '(?<label>(?:(?:target|completion|implementation|due|end) date|deadline|time ?scale|time ?frame)s?' +
    "(?: for(?: [\\p{L}'-]+){1,3})?(?: of| is| set (?:at|for))?|due (?:on|in))" +
    `)(?:,? |: ?| - )`,
  'giu',
);

/** "By the May 2016 guidance": what is dated, not a date. */
const THING = hereOnly(
  ' (?:act|code|data|edition|figures|framework|guidance|inspection|legislation|letter|order|policy|regulations|report|review|' +
    `standards?|strategy|survey|version)${WORD_END}`,
);
const AT_THE_LATEST = hereOnly(`${LATEST}${WORD_END}`);
const LATEST_ALONE = new RegExp(`(?<=\\d)${LATEST}${WORD_END}`, 'giu');
/** Longer than any date. */
const DATE_REACH = 48;

/**
 * The deadlines that a text of a recommendation sets, in the order of their place. Where it names the day they are exact,
 * else proposed by a rule (PROPOSAL_RULES), for an inspector to confirm or dismiss. Takes time in proportion to the text.
 *
 * @throws RangeError when `publishedOn` is no plain date
 */
export function findDeadlines(text: string, options: FindOptions): FoundDeadline[] {
  const { publishedOn, holidays = 'england-and-wales' } = options;
  if (!isPlainDate(publishedOn)) {
    throw new RangeError(`publishedOn is no plain date: ${publishedOn}`);
  }
  const flat = flatten(text);
  const said = findCued(flat.text, { publishedOn, holidays });
  const taken = [...said, ...findLatest(flat.text, publishedOn, said)];
  const urgent = findUrgent(flat.text, publishedOn, taken);
  const inOrder = [...taken, ...urgent].sort((one, other) => one.from - other.from);
  return apart(inOrder).map(({ from, to, due }) => ({ span: flat.spanOf(from, to), ...due }));
}

/** Without those that start in another: "30 June at the latest by 30 June" is two that share their middle. */
function apart(inOrder: readonly Found[]): Found[] {
  let end = 0;
  return inOrder.filter(({ from, to }) => {
    if (from < end) return false;
    end = to;
    return true;
  });
}

function findCued(text: string, counting: Counting): Found[] {
  const found: Found[] = [];
  CUES.lastIndex = 0;
  for (let cue = CUES.exec(text); cue !== null; cue = CUES.exec(text)) {
    const reading = readCued(text, cue, counting);
    const judged = reading === null ? null : judge(text, cue, reading);
    if (judged !== null) found.push(judged);
    if (judged?.due.kind === 'exact' && cue.groups?.['by'] !== undefined)
      found.push(...joinedTo(text, judged.to, counting));
    // What follows a cue that led nowhere may be a cue itself: "in" of "in no later than", "by" of a label.
    CUES.lastIndex = Math.max(reading?.end ?? cue.index + 1, found.at(-1)?.to ?? 0);
  }
  return found;
}

const AND = hereOnly(',? (?:and|and again|and then) ');

/** The days that are named after another with no word but "and": "by 31 March 2017 and 30 September 2017" is two. */
function joinedTo(text: string, end: number, { publishedOn }: Counting): Found[] {
  const and = matchAt(AND, text, end);
  if (and === null) return [];
  const from = end + and[0].length;
  const date = readDate(text, from, publishedOn);
  return date?.rule === null ? [{ from, to: date.end, due: { kind: 'exact', dueOn: date.by } }] : [];
}

function readCued(text: string, cue: RegExpExecArray, counting: Counting): Reading | null {
  const { publishedOn } = counting;
  const at = cue.index + cue[0].length;
  const groups = cue.groups ?? {};
  if (groups['next'] !== undefined) return readDuration(text, at, 'next', counting);
  const period = (): Reading | null =>
    readPeriod(text, at, publishedOn, opensSentence(sentenceAround(text, cue.index, at).before));
  if (groups['within'] !== undefined) return readDuration(text, at, 'nothing', counting) ?? period();
  const needs = groups['label'] === undefined ? 'start' : 'nothing';
  const named = readDate(text, at, publishedOn) ?? period();
  if (named !== null && matchAt(THING, text, named.end) !== null) return null;
  return named ?? readDuration(text, at, needs, counting);
}

function judge(text: string, cue: RegExpExecArray, reading: Reading): Found | null {
  const from = cue.index;
  const to = reading.end + (matchAt(AT_THE_LATEST, text, reading.end)?.[0].length ?? 0);
  const { before, after } = sentenceAround(text, from, to);
  const duty = dutyAround(before, after);
  if (duty === 'not-due') return null;
  const isBefore = cue.groups?.['before'] !== undefined;
  if (isBefore && namesWhatIsOlder(before)) return null;
  if ((isBefore || cue.groups?.['within'] !== undefined) && forbids(before)) return null;
  const date = isBefore ? reading.before : reading.by;
  if (reading.rule !== null) {
    const isPeriod = isBefore && reading.before < reading.by && reading.rule.startsWith('end-of');
    return proposed(from, to, date, isPeriod ? 'before-period' : reading.rule);
  }
  if (duty === 'unclear') return proposed(from, to, date, 'duty-unclear');
  return { from, to, due: { kind: 'exact', dueOn: date } };
}

const proposed = (
  from: number,
  to: number,
  suggestedOn: string,
  rule: NonNullable<Reading['rule']>,
): Found => ({
  from,
  to,
  due: { kind: 'proposed', suggestedOn, rule },
});

/** Dates that no word leads, but "at the latest" follows. */
function findLatest(text: string, publishedOn: string, said: readonly Found[]): Found[] {
  const found: Found[] = [];
  const ends = new Set(said.map(({ to }) => to));
  for (const { index, 0: words } of text.matchAll(LATEST_ALONE)) {
    const to = index + words.length;
    if (ends.has(to)) continue;
    const start = Math.max(0, index - DATE_REACH);
    for (const word of text.slice(start, index).matchAll(/(?<![\p{L}\p{N}])[\p{L}\p{N}]/gu)) {
      const from = start + word.index;
      const date = readDate(text, from, publishedOn);
      if (date?.end !== index) continue;
      const { before, after } = sentenceAround(text, from, to);
      if (dutyAround(before, after) === 'not-due') break;
      found.push(
        date.rule === null
          ? { from, to, due: { kind: 'exact', dueOn: date.by } }
          : proposed(from, to, date.by, date.rule),
      );
      break;
    }
  }
  return found;
}

const JOINED = hereOnly('[,;]? ?(?:(?:and|but|or)(?:,? in any (?:event|case))?,? )?(?:at the latest,? )?');

/** Urgent words in sentences that set a duty; not those that a deadline follows at once: that one says when. */
function findUrgent(text: string, publishedOn: string, said: readonly Found[]): Found[] {
  const found: Found[] = [];
  const starts = new Set(said.map(({ from }) => from));
  for (const words of text.matchAll(URGENT_WORDS)) {
    const reading = readUrgency(text, words, publishedOn);
    if (reading?.rule == null) continue;
    const { before, after } = sentenceAround(text, words.index, reading.end);
    const joined = matchAt(JOINED, text, reading.end)?.[0].length ?? 0;
    const isFollowed = starts.has(reading.end + joined);
    if (isFollowed || dutyAround(before, after) !== 'due') continue;
    found.push(proposed(words.index, reading.end, reading.by, reading.rule));
  }
  return found;
}
