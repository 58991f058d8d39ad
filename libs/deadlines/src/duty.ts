/** Whether a date in a sentence is one that something is due by. */
export type Duty =
  /** The sentence sets a duty, or says nothing against it. */
  | 'due'
  /** It sets one and tells of the past, and which of them the date belongs to is open. */
  | 'unclear'
  /** It tells of what was. */
  | 'not-due';

/** No sentence is read further than this from a date, so that a text without full stops takes no longer. */
const REACH = 400;
/** A verb of what was further from a date that opens its sentence is another clause's. */
const NEAR = 90;

const SENTENCE_END = /[.!?]["')\]]* (?=[^\p{Ll}])|[\n;\u2022]/gu;

const DUTY =
  '(?:should|must|shall|will|to)(?: (?:not|also|all|each|now|then|\\p{L}+ly))? have|should|must|shall|will|ought|needs?|' +
  '(?:is|are|be|been) (?:to|required|expected|asked)|requires?|(?:has|have) to|recommend\\p{L}*|we expect|ensures?|ensuring|please';
const PAST =
  '(?:was|were|had|had been) (?:to|due|required|expected|supposed|asked)|had|was|were|did|fell|rose|grew|became|told|found|' +
  'began|saw|would|could';
const PERFECT = 'has|have';
const COMMITMENT = '(?:plan|intend|hope|aim|propose)(?:s|ed)? to|is due to|on course to';

/** Verbs by what they tell; those of a clause about a person or a thing ("staff who were…") tell nothing of the date. */
const OF_ANOTHER = '(?<!\\b(?:that|which|who|whom|where|when|if|than|as|those|these|what) )';
const VERBS = new RegExp(
  `(?<!\\p{L})(?:(?<due>${DUTY})|${OF_ANOTHER}(?:(?<past>${PAST}|${COMMITMENT})|(?<perfect>${PERFECT})))(?!\\p{L})`,
  'giu',
);

type Tense = 'due' | 'past' | 'perfect';
interface Verb {
  readonly tense: Tense;
  readonly at: number;
}

function verbsOf(part: string): Verb[] {
  return Array.from(part.matchAll(VERBS), (match) => ({
    tense:
      match.groups?.['due'] !== undefined ? 'due' : match.groups?.['past'] !== undefined ? 'past' : 'perfect',
    at: match.index,
  }));
}

/** The parts of its sentence that stand before and after a place of a flat text. */
export function sentenceAround(text: string, from: number, to: number): { before: string; after: string } {
  const back = text.slice(Math.max(0, from - REACH), from);
  // A stop ends a sentence only where no small letter follows it: here the first of the place itself.
  const ends = Array.from(
    (back + text.charAt(from)).matchAll(SENTENCE_END),
    (match) => match.index + match[0].length,
  );
  const forth = text.slice(to, to + REACH);
  const [next] = forth.matchAll(SENTENCE_END);
  return { before: back.slice(ends.at(-1) ?? 0), after: forth.slice(0, next?.index) };
}

/** Whether a place that has this before it opens a clause: a verb that belongs to it then follows. */
export const opensClause = (before: string): boolean =>
  /(?:^|[,:([-]|(?:^| )(?:and|but|that)) ?$/i.test(before);

export const opensSentence = (before: string): boolean =>
  /^[^\p{L}]*(?:(?:recommendation|action|and|or|\p{L}) ?[\d.:)]*[.:)]? ?)?$/iu.test(before);

/** "The force should, by 30 June, …": the verb stands before although a clause seems to open. */
const BROKEN_OFF = /(?:should|must|shall|will|to)(?: \p{L}+ly| also| each| all)?, $/iu;

/** Judges a date by the verbs of its sentence. */
export function dutyAround(before: string, after: string): Duty {
  const earlier = verbsOf(before);
  const later = verbsOf(after);
  const all = [...earlier, ...later];
  const isDuty = all.some(({ tense }) => tense === 'due');
  const opens = opensClause(before) && !BROKEN_OFF.test(before);
  const near = later.filter(({ tense, at }) => tense === 'due' || at < NEAR);
  const deciding = (opens ? (near[0] ?? earlier.at(-1)) : (earlier.at(-1) ?? near[0]))?.tense;
  if (deciding === 'past') return isDuty ? 'unclear' : 'not-due';
  if (deciding === 'perfect' && !isDuty) return 'not-due';
  return 'due';
}

const PARTICIPLE =
  /(?:(?<!\p{L})(?:be|been|being|is|are|have|has|get)(?: \p{L}+){0,2} )?(?<word>\p{L}+(?:ed|en)|made|begun|born|held|set) $/iu;

/** "Cases opened before 1 April" says which cases, not by when. */
export const namesWhatIsOlder = (before: string): boolean => {
  const match = PARTICIPLE.exec(before.slice(-80));
  return match !== null && match[0].trim() === match.groups?.['word'];
};

/** "Should not be released before" or "within": what must not happen has no deadline. */
export const forbids = (before: string): boolean =>
  /(?<!\p{L})(?:not|never|cannot)(?: \p{L}+){0,8} $/iu.test(before.slice(-80));
