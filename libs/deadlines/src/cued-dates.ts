import { matchAt, hereOnly, WORD_END, WORD_START } from './calendar-words.ts';
import { forbids, namesWhich, opensSentence, sentenceAround, setsAgainst } from './duty.ts';
import type { Reading } from './found-deadline.ts';
import { judge, type Finding, type Judged, type Search } from './judged.ts';
import { readDate } from './read-date.ts';
import { readDuration } from './read-duration.ts';
import { readPeriod } from './read-period.ts';

export const LATEST = '(?:,? at the (?:very )?latest)';
/** The words that introduce a deadline, grouped by what may follow them. */
const CUES = new RegExp(
  `${WORD_START}(?:` +
    `(?<by>(?:at the (?:very )?latest,? )?by(?! when:)(?:,? (?<later>(?:no|not) later th[ae]n)|${LATEST},?| or on| latest)?|on(?: or |/)before|by or before|` +
    `(?<not>(?:no|not) (?:later|more) th[ae]n|not after)(?: by)?)|` +
    '(?<before>before|prior to|ahead of|in advance of)|' +
    '(?<within>within|inside|in(?= (?:no|not) (?:more|longer) than ))|(?<next>in|over|during|throughout)|' +
    '(?<namely>namely|i\\.?e\\.?|that is)|' +
    '(?<label>(?:deadline|date)(?: for(?: [\\p{L}-]+){1,3})? (?:is|has been) (?:now )?(?:extended|moved|changed) to|' +
    '(?:(?:target )?(?:target|completion|implementation|delivery|compliance|response|revised|agreed|due|end) date|date due|' +
    'date for (?:completion|compliance|implementation|delivery)|by when|deadline|time ?scale|time ?frame)s?' +
    "(?: for(?: [\\p{L}'-]+){1,3})?(?: of| is| set (?:at|for))?|due (?:on|in)|" +
    '(?:target|due|when|completion|implementation)(?=: ?\\d))' +
    `)(?: - |: ?|,? )`,
  'giu',
);

/** "By the May 2016 guidance": the date of a thing, not a deadline. */
const THING = hereOnly(
  ' (?:act|code|data|edition|figures|framework|guidance|inspection|legislation|letter|order|policy|regulations|report|review|' +
    `standards?|strategy|survey|version)${WORD_END}`,
);
const AT_THE_LATEST = hereOnly(`${LATEST}${WORD_END}`);

/** Yields the dates after such words, and the words without a date, each judged. */
export function* cuedDates(search: Search): Generator<Judged> {
  const { text } = search;
  let at = 0;
  for (;;) {
    const cue = cueFrom(text, at);
    if (cue === null) return;
    const reading = readCued(search, cue);
    // The text after a cue without a date may contain another cue: "in" of "in no later than", "by" of a label.
    at = reading?.end ?? cue.index + 1;
    if (reading === null) continue;
    const finding = judgeCued(search, cue, reading);
    at = Math.max(at, finding?.to ?? 0);
    yield { from: cue.index, finding };
    if (finding?.due.kind !== 'exact' || cue.groups?.['by'] === undefined) continue;
    const joined = dayAfterAnd(search, finding.to);
    if (joined === null) continue;
    at = joined.to;
    yield { from: joined.from, finding: joined };
  }
}

function cueFrom(text: string, at: number): RegExpExecArray | null {
  CUES.lastIndex = at;
  return CUES.exec(text);
}

const AND = hereOnly(',? (?:and|and again|and then) ');

/** Returns the second day after "and": "by 31 March 2017 and 30 September 2017" states two. */
function dayAfterAnd({ text, publishedOn }: Search, end: number): Finding | null {
  const and = matchAt(AND, text, end);
  if (and === null) return null;
  const from = end + and[0].length;
  const date = readDate(text, from, publishedOn);
  if (date?.rule !== null || date.by < publishedOn) return null;
  return { from, to: date.end, due: { kind: 'exact', dueOn: date.by } };
}

function readCued(search: Search, cue: RegExpExecArray): Reading | null {
  const { text, publishedOn } = search;
  const at = cue.index + cue[0].length;
  const groups = cue.groups ?? {};
  if (groups['next'] !== undefined) return readDuration(text, at, 'next', search);
  if (groups['namely'] !== undefined) {
    const date = readDate(text, at, publishedOn);
    return date?.rule === null ? date : null;
  }
  const period = (): Reading | null =>
    readPeriod(text, at, publishedOn, () => opensSentence(sentenceAround(text, cue.index, at).before));
  if (groups['within'] !== undefined) return readDuration(text, at, 'nothing', search) ?? period();
  const named = readDate(text, at, publishedOn) ?? period();
  // "Should by 29 July 2022 review it."
  const isThing = named !== null && matchAt(THING, text, named.end) !== null;
  if (isThing && !/(?:should|must|shall|will|to) $/i.test(text.slice(0, cue.index).slice(-8))) return null;
  const isLater = groups['not'] !== undefined || groups['later'] !== undefined;
  return (
    named ??
    readDuration(text, at, groups['label'] !== undefined ? 'nothing' : isLater ? 'link' : 'start', search)
  );
}

function judgeCued(search: Search, cue: RegExpExecArray, reading: Reading): Finding | null {
  const { text } = search;
  const groups = cue.groups ?? {};
  const from = groups['namely'] === undefined ? cue.index : cue.index + cue[0].length;
  const to = reading.end + (matchAt(AT_THE_LATEST, text, reading.end)?.[0].length ?? 0);
  const isBefore = groups['before'] !== undefined;
  const isLoose = isBefore || groups['within'] !== undefined;
  const { before } = sentenceAround(text, from, to);
  if (setsAgainst(before) || (isBefore && namesWhich(before))) return null;
  // "The policy in force prior to 30 July" identifies the policy if that day has passed, except between commas.
  const isPast = search.isPublicationKnown && reading.by < search.publishedOn;
  if (isBefore && isPast && /\p{L} $/u.test(before)) return null;
  if (isLoose && forbids(before)) return null;
  // "At the next revision, due in April", "the next report is due in April".
  if (cue[0].startsWith('due ') && /(?<!\p{L})next [^,]*(?:,| is| are) $/iu.test(before)) return null;
  const isPeriod = isBefore && reading.before < reading.by && reading.rule?.startsWith('end-of') === true;
  return judge(search, {
    from,
    to,
    reading: isPeriod ? { ...reading, rule: 'before-period' } : reading,
    date: isBefore ? reading.before : reading.by,
    isLoose,
    isLabelled: groups['label'] !== undefined,
    isForm: groups['label'] !== undefined && /(?::| -) $/.test(cue[0]),
  });
}
