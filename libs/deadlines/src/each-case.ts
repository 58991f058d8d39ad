import type { Word } from './sentence-words.ts';
import { ARTICLE, PREPOSITION, isBody, isSeveral, phraseOf, SEVERAL, subjectBefore } from './subjects.ts';
import type { Part, VerbGroup } from './verb-groups.ts';

/** People and matters that a service handles repeatedly. A period for each of them is a service standard. */
export const CASE =
  '(?:child(?:ren)?|people|reports|(?:wo)?m[ea]n|(?:famil|inquir|enquir|injur|bab)(?:y|ies)|' +
  '(?:patient|prisoner|detainee|victim|resident|tenant|complainant|caller|applicant|suspect|offender|defendant|pupil|' +
  'learner|mother|carer|user|customer|supplier|claimant|visitor|employee|passenger|student|recruit|joiner|starter|arrival|complaint|referral|request|call|bell|' +
  'incident|offence|crime|arrest|charge|application|allegation|admission|discharge|release|entry|reception|return|' +
  'assessment|interview|appeal|appointment|birth|death|fall|alert|disclosure|concern|investigation|' +
  'file|invoice|claim|repair|sentence|conviction|placement)s?)';
const IS_CASE = new RegExp(`^${CASE}$`);
/** A definite or waiting case is handled once. */
const DEFINITE =
  /^(?:the|this|that|these|those|its|their|our|his|her|my|your|overdue|outstanding|broken|faulty|defective|damaged|existing|current|remaining|open|unallocated|historic|affected|other)$/;
const EACH = /^(?:an?|each|every|any)$/;

const isEachCase = (words: readonly Word[]): boolean => {
  const phrase = phraseOf(words);
  const [first, noun] = [phrase[0]?.text ?? '', phrase.at(-1)?.text ?? ''];
  if (first === 'any' && phrase.length > 1) return true;
  if (phrase.some(({ text }) => DEFINITE.test(text))) return false;
  // "New staff", "newly promoted officers".
  if (phrase.some(({ text }) => /^new(?:ly)?$/.test(text)) && PEOPLE.test(noun)) return true;
  return IS_CASE.test(noun) && (EACH.test(first) || isSeveral(phrase));
};
const PEOPLE = /(?:ers|ors|ees|ants|staff|nurses|members)$/;

/** One-off measures after a finding. */
const MEASURES = /^(?:steps|measures|arrangements|actions|changes|improvements|works|costs)$/;
/**
 * Reports whether a duty applies to all premises: "premises should be inspected", promptly or counted from an event other than this report.
 */
const isOfAll = (words: readonly Word[], { from, to }: VerbGroup): boolean => {
  const phrase = phraseOf(subjectBefore(words, from)).map(({ text }) => text);
  const isPassive = words.slice(from, to).some(({ text }) => text === 'be');
  const isDefinite =
    phrase.some((text) => DEFINITE.test(text) && text !== 'those') || MEASURES.test(phrase.at(-1) ?? '');
  return (
    isPassive &&
    !isDefinite &&
    phrase[0] !== 'all' &&
    (phrase[0] === 'those' || SEVERAL.test(phrase.at(-1) ?? ''))
  );
};

/** Reports whether a text starts with a case, before a verb that may be unknown: "children who go missing", "a complaint is". */
const startsWithCase = (words: readonly Word[]): boolean =>
  [1, 2, 3, 4].some((length) => isEachCase(words.slice(0, length)));

/** Reports whether a condition occurs repeatedly: "where a child goes missing", "when complaints are made". */
const isConditional = ([first, second, ...others]: readonly Word[]): boolean => {
  if (second === undefined || !/^(?:where|when|whenever|if|once)$/.test(first?.text ?? '')) return false;
  const isNew = SEVERAL.test(second.text) && !DEFINITE.test(second.text) && !isBody([second]);
  return EACH.test(second.text) || isNew || (others.length > 0 && startsWithCase([second, ...others]));
};

const isRegular = (words: readonly Word[]): boolean =>
  words.some(
    ({ text }, at) =>
      (/^(?:daily|weekly|monthly|quarterly|annually)$/.test(text) &&
        /^(?:and|or|to)?$/.test(words[at + 1]?.text ?? '')) ||
      (/^(?:every|each)$/.test(text) &&
        /^(?:\d+|two|three|six|twelve|day|week|month|quarter|year)$/.test(words[at + 1]?.text ?? '')),
  ) && words.every(({ kind }) => kind !== 'mark');

/** Names of permanent rules: "the code requires", "the policy is that". */
const RULE =
  /^(?:law|legislation|act|regulations?|codes?|guidance|policy|policies|standards?|statute|rules?|procedures?)$/;
const isOfRule = (words: readonly Word[], { from, to, verb }: VerbGroup): boolean => {
  const isRuleVerb =
    /^(?:require|expect|state|say|set)/.test(verb) || (verb === 'is' && words[to]?.text === 'that');
  return isRuleVerb && RULE.test(phraseOf(subjectBefore(words, from)).at(-1)?.text ?? '');
};

/** Reports whether a noun has no article, so that it means no one in particular. */
const isUnnamed = ([first]: readonly Word[]): boolean =>
  first !== undefined &&
  !ARTICLE.test(first.text) &&
  !DEFINITE.test(first.text) &&
  !/ing$/.test(first.text) &&
  !PREPOSITION.test(first.text);

/**
 * Reports whether a duty is a permanent practice: "ensure that information is passed on", "drivers must
 * report defects", "staff who complain should hear".
 */
function isOfPractice(
  words: readonly Word[],
  { from, to, mood, isAside }: VerbGroup,
  groups: readonly VerbGroup[],
): boolean {
  const subject = subjectBefore(words, from);
  if (isAside || !isUnnamed(subject) || isBody(subject)) return false;
  if (mood === 'present') return groups.some((group) => group.mood === 'duty');
  if (mood !== 'duty' || !isSeveral(subject)) return false;
  const object = phraseOf(words.slice(to));
  const isAnyones = isUnnamed(object) && isSeveral(object) && !MEASURES.test(object.at(-1)?.text ?? '');
  return (
    isAnyones ||
    (subject[1]?.text === 'who' && !/^(?:have|has|had|is|are|was|were|do|did)$/.test(subject[2]?.text ?? ''))
  );
}

/**
 * Reports whether a duty applies to each new case, from which its period counts: "complaints should be
 * answered", "where a child goes missing", "respond to requests".
 */
export function isOfEachCase({ words, groups }: Part, includesAll: boolean): boolean {
  const verb = groups.findLast(({ mood }) => mood !== 'participle');
  if (verb === undefined) return false;
  if (isConditional(words) || isRegular(words) || groups.some((group) => isOfRule(words, group))) return true;
  if (isOfPractice(words, verb, groups)) return true;
  const duty = groups.findLast(({ mood }) => mood === 'duty') ?? verb;
  if ([verb, duty].some(({ from }) => isEachCase(subjectBefore(words, from)))) return true;
  return (includesAll && isOfAll(words, verb)) || isOfEachObject(words, verb);
}

/**
 * Reports whether the object of a verb is each case: "answer complaints", "respond to requests", "ensure that
 * victims"; but not "stop doubling up prisoners", "closed to visitors", "issue an alert".
 */
function isOfEachObject(words: readonly Word[], { to }: VerbGroup): boolean {
  const object = words.slice(to);
  // "Inform us of any injury."
  if (object.some(({ text }, at) => text === 'any' && object[at - 1]?.text === 'of')) return true;
  const clause = object.findIndex(({ text }) => text === 'that');
  if (clause !== -1 && clause < 2) return startsWithCase(object.slice(clause + 1));
  const isTo = /^(?:to|with)$/.test(object[0]?.text ?? '') && words[to - 1]?.kind !== 'past';
  const named = isTo ? object.slice(1) : object;
  const first = named[0]?.text ?? '';
  return (
    (/^(?:any|each|every)$/.test(first) || (isUnnamed(named) && first !== 'people')) && isEachCase(named)
  );
}
