import type { Word } from './sentence-words.ts';

/**
 * The last words in the names of the bodies and people to whom recommendations are addressed: "the chief constable", "Leeds City Council".
 * The plans of others ("the National Audit Office", "the supplier", "inspectors") are not duties.
 */
const ADDRESSED =
  /^(?:it|they|you|he|she|all|both|each|police|person|secretary|officer|(?:academ|agenc|authorit|charit|compan|constabular|nurser|surger|universit)(?:y|ies)|(?:airline|airport|bank|board|brigade|chair|chief|college|commander|commissioner|committee|constable|council|department|director|employer|executive|firm|force|government|governor|head|headteacher|home|hospital|insurer|landlord|leader|leadership|management|manager|operator|organisation|owner|partner|partnership|practice|principal|prison|proprietor|provider|school|service|team|trust|trustee|ward)s?)$/;
/** The names of local bodies. Others with such names are national: "the Department for Education". */
const LOCAL =
  /^(?:chief|police|constabulary|rescue|authority|council|trust|school|academy|hospital|university|college|brigade|prison|commissioner)$/;
const OF_THE_COUNTRY = /^(?:national|royal|independent|general)$/;
const isOfCountry = (words: readonly Word[]): boolean =>
  words.some(({ text }) => OF_THE_COUNTRY.test(text)) ||
  (words.some(({ text, isName }) => isName && !ADDRESSED.test(text)) &&
    !words.some(({ text }) => LOCAL.test(text)));

export const ARTICLE =
  /^(?:it|they|he|she|you|we|i|an?|the|its|their|our|my|your|his|her|this|these|those|each|every|any|all|both|no|some)$/;
export const PREPOSITION =
  /^(?:of|in|on|at|for|from|to|with|by|about|under|within|between|across|against|into|through|without|who|whose|which|that|where|when|whom|being|coming|during|after|before|since)$/;
/** Words before the subject of a clause. */
const OPENS =
  /^(?:that|if|when|where|whenever|whether|because|as|while|although|but|so|how|what|why|sure|ensure|ensures|ensuring|once)$/;
const JOINS = /^(?:and|or|then|also)$/;
const QUANTITY = /^(?:[\d.]+%?|percent|cent|most|half|majority|number|proportion|one|some|many)$/;

/** The index of a verb's first word, and of the word after it. */
interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** Returns the words up to the head noun: "the chair" of "the chair of the board", "complaints" of "95% of complaints". */
export function phraseOf(words: readonly Word[]): readonly Word[] {
  // "Prisoners held under the Act".
  const cut = words.findIndex(
    ({ text, kind }, at) =>
      at > 0 && (PREPOSITION.test(text) || (kind === 'past' && SEVERAL.test(words[at - 1]?.text ?? ''))),
  );
  const phrase = cut === -1 ? words : words.slice(0, cut);
  return words[cut]?.text === 'of' && QUANTITY.test(phrase.at(-1)?.text ?? '')
    ? phraseOf(words.slice(cut + 1))
    : phrase;
}
const nounOf = (words: readonly Word[]): string => phraseOf(words).at(-1)?.text ?? '';

/** Returns the words of a verb's subject that precede it. */
export function subjectBefore(words: readonly Word[], at: number): readonly Word[] {
  let to = at;
  // "The council, which runs it, will".
  if (words[to - 1]?.kind === 'mark')
    to = words.findLastIndex(({ kind }, place) => kind === 'mark' && place < to - 1);
  const from =
    words.findLastIndex(
      ({ text, kind }, place) =>
        place < to && (kind === 'mark' || (OPENS.test(text) && (text !== 'that' || place !== 1))),
    ) + 1;
  const clause = words.slice(from, Math.max(to, from));
  // "Complaints which meet the threshold should."
  const aside = clause.findIndex(({ text }) => /^(?:wh(?:o|ich|ose|om)|that)$/.test(text));
  const start = clause.findLastIndex(
    ({ text }, place) =>
      ARTICLE.test(text) && !PREPOSITION.test(clause[place - 1]?.text ?? '') && (aside < 1 || place < aside),
  );
  return clause.slice(Math.max(start, 0));
}

export function isBody(words: readonly Word[]): boolean {
  const noun = nounOf(words);
  if (!ADDRESSED.test(noun) || isOfCountry(words)) return false;
  if (noun === 'college') return !words.some(({ text }) => text === 'of');
  // "The police and crime commissioner", but "the children's commissioner".
  return (
    noun !== 'commissioner' ||
    phraseOf(words).every(({ text }) => /^(?:the|police|and|crime|commissioner)$/.test(text))
  );
}

/**
 * Reports whether a plan names a duty: "the policy will be revised", "agreed: staff will be trained"; but
 * "buildings" or "the new tower will be built" is a forecast.
 */
function isNamed(words: readonly Word[], subject: readonly Word[]): boolean {
  if (isOfCountry(subject)) return false;
  if (words.some(({ text }) => /^(?:accept|agreed|action)/.test(text))) return true;
  if (subject.some(({ text }) => text === 'new')) return false;
  return ARTICLE.test(subject[0]?.text ?? '') || !isSeveral(subject);
}

/** Reports whether the actor of a verb is an addressed body or unnamed: "the force will", "the policy will be". */
export function isOfAddressed(
  words: readonly Word[],
  groups: readonly Stretch[],
  { from, to }: Stretch,
): boolean {
  const before = groups.at(-1);
  if (JOINS.test(words[from - 1]?.text ?? '')) {
    // "Network Rail has accepted this and will": a reply.
    const isReply = /^(?:accept|agree)/.test(words[(before?.to ?? 0) - 1]?.text ?? '');
    return before === undefined || isReply || isOfAddressed(words, groups.slice(0, -1), before);
  }
  const subject = subjectBefore(words, from);
  // "The next inspection will be."
  if (subject.some(({ text }) => text === 'next')) return false;
  const isPassive =
    words[to - 1]?.kind === 'past' && words.slice(from, to).some(({ text }) => /^(?:be|been)$/.test(text));
  return isPassive ? isNamed(words, subject) : subject.length === 0 || isBody(subject);
}

/** Reports whether the subject is several bodies ("forces are", "all trusts are"), of which an expectation is a duty. */
export const isOfBodies = (words: readonly Word[], at: number): boolean => {
  const subject = subjectBefore(words, at);
  return isBody(subject) && /s$/.test(nounOf(subject));
};

/** Reports whether the subject is something new, which is a plan and not a duty: "a new hospital is to be built". */
export const isOfNew = (words: readonly Word[], at: number): boolean =>
  /^an? (?:new|national|further) /.test(
    subjectBefore(words, at)
      .map(({ text }) => `${text} `)
      .join(''),
  );

/** Matches nouns of several people or things: "forces", "staff", "people". */
export const SEVERAL = /(?:[^s]s|en|ple|staff|police)$/;
export const isSeveral = (words: readonly Word[]): boolean => SEVERAL.test(nounOf(words));
