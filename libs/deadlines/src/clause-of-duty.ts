import { PRONOUN } from './clause-of-noun.ts';
import { SEVERAL } from './subjects.ts';
import type { Part, VerbGroup } from './verb-groups.ts';

/** The start of a clause of question or circumstance. */
const QUESTION = /^(?:how|why|what|whether)$/;
const CIRCUMSTANCE = /^(?:because|although|though|whereas|while|until|unless|if|once)$/;
/** After a preposition ("on that report", "in that"), "that" is no pronoun. */
const PREPOSITION = /^(?:of|in|on|at|by|for|from|to|with|about|after|before|under|during|through)$/;
const JOINS = /^(?:and|but|or)$/;
const SUBJECT = /^(?:it|they|he|she|we|you|i)$/;
/** The start of a clause's subject, or words inserted before its verb: "which the council must", "who by law must". */
const LEADS =
  /^(?:a|an|the|this|these|those|its|their|our|his|her|my|your|it|they|he|she|we|you|i|all|each|every|both|some|most|no|any|by|in|under|at|on|for|as|\p{L}+ly)$/u;
/** Adjectives that belong to the sentence's own duty: "all that is necessary by 31 March". */
const NEEDED = /^(?:necessary|important|essential|vital)$/;
/** A duty stated by a verb with its own subject: not an instruction, and not the "ensuring" of the sentence. */
const SAYS_BY_MOOD = /^(?!imperative$|ensur(?:e|ing)$|please$)/;
/** Verbs followed by what they request, with or without "that". */
const ASKS = /^(?:recommend|require|request|ask|urge|direct|invite|instruct|ensur|sure$)/;
const isRequestVerb = (word: string): boolean => ASKS.test(word);
const MODAL = /^(?:should|must|shall|ought|needs?|has|is|will)$/;
/** The start of another clause. */
const BREAKS =
  /^(?:and|but|or|so|if|as|to|that|who|which|where|when|because|while|until|unless|before|after)$/;
const AUXILIARY = /^(?:be|been|is|are|was|were|fall|falls|fell|not)$/;
const OWES = /^(?:due|obliged|bound|having|needing)$/;
const IS_ASKED = /^(?:required|expected|asked|told|invited|instructed|supposed|meant|set)$/;
const OWED =
  /^(?:had|was|were|required|expected|asked|told|ordered|obliged|invited|instructed|supposed|scheduled)$/;
/** "Forces", "staff", "those": people who can have duties. */
const PEOPLE = new RegExp(`^(?:those|anyone|everyone)$|${SEVERAL.source}`);

const isDuty = ({ mood, verb }: VerbGroup): boolean => mood.startsWith('duty') && SAYS_BY_MOOD.test(verb);

/** Reports whether a duty is a past one: "had to leave", "were told to leave", "was due to leave". */
const isPastDuty = ({ words }: Part, { mood, verb, to }: VerbGroup): boolean =>
  /^(?:past|perfect)$/.test(mood) &&
  OWED.test(verb) &&
  words[words[to]?.text === 'due' ? to + 1 : to]?.text === 'to';

/**
 * Reports whether the dated duty is not the sentence's own: it is in a clause about a noun, a question or a circumstance, and there is a
 * duty outside the clause: "should adopt the system which the Home Office must provide by 31 March". If the sentence has no other duty
 * ("there are three steps which the trust must complete by 31 March"), it is its own. `isBrokenOff` means that the verb continues after the
 * date: "who must, by 31 March, be vetted".
 */
export function isOfOtherDuty(earlier: Part, later: Part, isBrokenOff: boolean): boolean {
  if (owesWithoutClause(earlier)) return true;
  const { words, groups } = earlier;
  const verb = groups.findLast(
    (group) => isPastDuty(earlier, group) || !/^(?:participle|present|past|perfect)$/.test(group.mood),
  );
  const end = words.length - (isBrokenOff ? 1 : 0);
  if (verb !== undefined && (isDuty(verb) || isPastDuty(earlier, verb)) && !hasMark(earlier, verb.to, end)) {
    const start = clauseBefore(earlier, verb.from);
    if (start !== null) return isOther(earlier, later, start, verb);
    if (isUnopened(earlier, verb)) return true;
  }
  return isOfDutyBehind(earlier, later);
}

function isOther(earlier: Part, later: Part, start: number, verb: VerbGroup): boolean {
  const { words, groups } = earlier;
  if (NEEDED.test(verb.verb) && verb.to === words.length) return false;
  const outside = groups.findLast(
    ({ from, mood }) => from < start && (mood.startsWith('duty') || mood === 'will'),
  );
  if (outside === undefined && !isDutyOfSentence(words[start]?.text ?? '', later)) return false;
  if (isJoined(earlier, start, verb, outside) || isOfNew(earlier, start, verb, outside)) return false;
  if (mayOpenSentence(earlier, outside, start) && !isOwnVerb(earlier, start, verb)) return false;
  return !isAddedDuty(earlier, start, verb, outside !== undefined);
}

/** Reports whether the first verb after the date is a duty in the same clause as the noun. */
function isDutyOfSentence(pronoun: string, later: Part): boolean {
  if (QUESTION.test(pronoun)) return false;
  const next = later.groups.find(({ isAside }) => !isAside);
  return next !== undefined && isDuty(next) && isUnbroken(later, next);
}

const isUnbroken = ({ words }: Part, { from }: VerbGroup): boolean =>
  words.slice(0, from).every(({ text, kind }, at) => (kind !== 'mark' || at === 0) && !BREAKS.test(text));

const hasMark = ({ words }: Part, from: number, to: number): boolean =>
  words.slice(from, to).some(({ kind }) => kind === 'mark');

/** Returns the index of the word that opens a verb's clause; null for the main clause. Skips text between marks. */
function clauseBefore({ words, groups }: Part, verb: number): number | null {
  let isPassed = words[verb - 1]?.kind !== 'mark';
  for (let at = verb - 1; at >= 0; at -= 1) {
    const { text, kind } = words[at] ?? { text: '', kind: 'mark' };
    if (kind === 'mark') {
      const other = words.findLastIndex((word, place) => word.kind === 'mark' && place < at);
      const isPutIn = /^(?:who|which|whom|that|where|when)$/.test(words[other - 1]?.text ?? '');
      if (other === -1 || (isPassed && !isPutIn)) return null;
      isPassed = true;
      at = other;
    } else if (text === 'that') {
      const before = words[at - 1];
      if (before === undefined || before.kind === 'mark' || /^(?:so|such|sure)$/.test(before.text))
        return null;
      const group = groups.find(({ to }) => to === at);
      // "Ensure that"; but "who said that they must leave" is a clause within another.
      if (group?.mood.startsWith('duty') === true) return null;
      if (group === undefined && !PREPOSITION.test(before.text)) return at;
    } else if (PRONOUN.test(text) || QUESTION.test(text) || CIRCUMSTANCE.test(text)) return at;
  }
  return null;
}

/**
 * Reports whether a clause without an opening word has the duty: of two adjacent duties, one is in a clause
 * ("use the guidance the College must publish by").
 */
function isUnopened({ words, groups }: Part, verb: VerbGroup): boolean {
  const isModal =
    MODAL.test(verb.verb) && (!verb.verb.startsWith('need') || words[verb.to - 1]?.text === 'to');
  const outside = groups.findLast(({ from, verb: word }) => from < verb.from && MODAL.test(word));
  // "Should it fail, it must."
  if (!isModal || outside === undefined || outside.from === 0) return false;
  const between = words.slice(outside.from, verb.from);
  return !between.some(({ text, kind }) => kind === 'mark' || BREAKS.test(text) || isRequestVerb(text));
}

/** Reports whether the main clause continues after another one: "should review the cases which it has and should report by". */
function isJoined(
  { words, groups }: Part,
  start: number,
  verb: VerbGroup,
  outside: VerbGroup | undefined,
): boolean {
  const before = words[verb.from - 1]?.text ?? '';
  const first = words[verb.from - 2]?.text ?? '';
  if (SUBJECT.test(before)) return JOINS.test(first);
  if (!JOINS.test(before) && !(JOINS.test(first) && /^(?:then|also|\p{L}+ly)$/u.test(before))) return false;
  const hasOwn = groups.some((group) => group.from > start && group.from < verb.from && isDuty(group));
  return !hasOwn && outside?.verb === verb.verb;
}

/**
 * Reports whether the same word states another duty: "should appoint a director who should report by",
 * "should review how it should deploy them by".
 */
function isOfNew({ words }: Part, start: number, verb: VerbGroup, outside: VerbGroup | undefined): boolean {
  if (outside?.verb !== verb.verb || verb.mood !== 'duty') return false;
  if (QUESTION.test(words[start]?.text ?? ''))
    return verb.from === start + 2 && SUBJECT.test(words[start + 1]?.text ?? '');
  if (verb.from !== start + 1) return false;
  const noun = words.slice(outside.to, start).map(({ text }) => text);
  return /^an?$/.test(noun.findLast((text) => LEADS.test(text)) ?? '');
}

/** Reports whether the main verb may still follow the clause: "we recommend that forces which have it should". */
function mayOpenSentence({ words }: Part, outside: VerbGroup | undefined, start: number): boolean {
  // "Train operators which run old stock must" is not an instruction.
  if (outside === undefined || isRequestVerb(outside.verb) || outside.verb === 'imperative') return true;
  return words
    .slice(outside.from, start)
    .some(({ text, kind }) => kind === 'mark' || text === 'that' || JOINS.test(text) || isRequestVerb(text));
}

/** Reports whether no other candidate for the clause's verb is before this one: "who must", "which the council must". */
function isOwnVerb({ words }: Part, start: number, { from }: VerbGroup): boolean {
  const between = words.slice(start + 1, from);
  const [first] = between;
  if (first === undefined) return true;
  const pronoun = words[start]?.text ?? '';
  if (pronoun === 'who') return /^(?:by|in|under|at|on|for|as|\p{L}+ly)$/u.test(first.text);
  if (pronoun === 'whose') return between.length < 3;
  return between.length === 1 || LEADS.test(first.text);
}

/**
 * Reports whether a clause between commas states a duty of the sentence's own actor: ", which must be revised
 * by 31 March,", ", which it must send by 31 March".
 */
function isAddedDuty(
  { words }: Part,
  start: number,
  { from, to }: VerbGroup,
  isDutyBefore: boolean,
): boolean {
  if (words[start]?.text !== 'which' || words[start - 1]?.kind !== 'mark') return false;
  if (words.slice(from, to + 1).some(({ text }) => /^(?:be|been|due|payable|reach)$/.test(text))) return true;
  const subject = words[start + 1]?.text ?? '';
  return isDutyBefore ? SUBJECT.test(subject) || /^(?:all|each|every)$/.test(subject) : from > start + 1;
}

/** Reports whether the verb of the clause follows the date: "the radio which, by 31 March, the supplier must deliver". */
function isOfDutyBehind(earlier: Part, later: Part): boolean {
  const { words, groups } = earlier;
  const end = words.length - (words.at(-1)?.kind === 'mark' ? 1 : 0);
  const [next] = later.groups;
  if (next === undefined || !isDuty(next) || !isUnbroken(later, next)) return false;
  const start = clauseBefore(earlier, end);
  const pronoun = start === null ? '' : (words[start]?.text ?? '');
  // "Ensure that by 31 March all", but "the board that by 31 March must".
  const isRelative = /^(?:who|which|whom|whose)$/.test(pronoun) || (pronoun === 'that' && next.from === 0);
  if (start === null || !isRelative) return false;
  return groups.every(({ from }) => from < start) && groups.some(({ mood }) => mood.startsWith('duty'));
}

/** Reports whether a noun has a duty without a clause: "officers due to retire by", "people required to register by". */
function owesWithoutClause({ words, groups }: Part): boolean {
  const to = words.findLastIndex(({ text }) => text === 'to');
  const [before, owes] = [words[to - 2], words[to - 1]];
  if (before === undefined || owes === undefined || before.kind === 'mark' || AUXILIARY.test(before.text))
    return false;
  const isOwed = OWES.test(owes.text) || (IS_ASKED.test(owes.text) && PEOPLE.test(before.text));
  // "Due to the storm" states a reason.
  if (!isOwed || words.length < to + 2 || LEADS.test(words[to + 1]?.text ?? '')) return false;
  if (hasMark({ words, groups }, to, words.length) || groups.some(({ from }) => from >= to)) return false;
  return groups.some((group) => group.to < to && group.mood.startsWith('duty'));
}
