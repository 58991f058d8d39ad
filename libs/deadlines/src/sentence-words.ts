/** The role of a word in its sentence, for judging the duty of a date. */
type WordKind =
  /** A past tense or a participle: "reduced", "lost". */
  | 'past'
  /** A past tense that is not a participle: "fell". */
  | 'finite'
  /** A verb in the present tense with its -s: "ends". */
  | 'present'
  /** A comma, colon, bracket or dash. */
  | 'mark'
  | 'other';

export interface Word {
  /** In lower case. */
  readonly text: string;
  readonly kind: WordKind;
  /** Its place in the part of the text. */
  readonly at: number;
  /** Whether it begins with a capital within a sentence. */
  readonly isName: boolean;
}

const list = (words: string): ReadonlySet<string> => new Set(words.split(' '));

/** Past forms that are not participles. */
const FINITE = list(
  'arose awoke became began broke came chose drew drove fell forgot forbade gave went grew knew rang rose ran sank saw ' +
    'shook shrank slid spoke stole swore took threw undertook underwent withdrew wore wrote overran oversaw bore drank froze ' +
    'rode sprang swam woke failed',
);
/** Participles that do not end in -ed. Those equal to a base form ("cut") are in SAME_AS_BASE. */
const IRREGULAR = list(
  'begun bought broken brought built caught chosen dealt drawn driven fallen felt fled forgotten found fought given gone got ' +
    'grown heard held hidden kept known laid left lent lost made meant met paid risen said sat seen sought sold sent shown ' +
    'done had led run slept spent spoken stood stolen stuck struck taken taught thought thrown told understood undertaken undergone withdrawn ' +
    'withheld won worn written overtaken born shot',
);
const SAME_AS_BASE = list('cut set put let hit cost shed spread shut split quit beat bid cast reset upset');
/** Words that end in -ed but are not past tenses. */
const NO_PAST = list(
  'need bed red shed speed feed seed indeed exceed proceed succeed bleed breed hundred embed weed deed heed reed creed sacred ' +
    'affected concerned involved kindred naked wicked rugged agreed-upon aforementioned unpaid wed unaffected',
);
/** Verbs in the present tense in sentences about dates. A part-of-speech tagger would know more; see docs/decisions. */
const PRESENT = list(
  'aims allocates allows anticipates appears applies arrives asks assesses attends becomes begins believes brings ' +
    'carries closes comes commits completes concludes conducts confirms contains continues covers deals decides ' +
    'delivers describes employs ends establishes estimates examines expects expires explains falls finishes ' +
    'forecasts gives goes holds hopes identifies improves includes indicates informs intends introduces ' +
    'investigates keeps knows lapses lasts lies maintains makes means meets moves notes notifies obtains occurs ' +
    'offers opens operates pays prepares produces proposes provides publishes reaches receives reduces refers ' +
    'remains reopens reports resolves responds retains runs says seeks sees sends serves sets shows stands starts ' +
    'states stays stops submits suggests takes tells terminates thinks wants wishes writes ceases departs grows joins ' +
    'merges qualifies resumes retires',
);

const PREFIX = /^(?:over|under|re-?|mis|out|un|fore)(?=\p{L}{3})/u;

const DETERMINER = list(
  'a an the this these its their our his her my your no all any each every some most many more few other such both own ' +
    'of for with in on from as into without against under about between within during at through over and or per ' +
    'newly fully well properly previously recently jointly',
);
const AFTER_VERB =
  /^(?:by|in|on|at|to|from|with|of|for|as|under|before|after|since|during|within|until|out|up|into|against)$/;

const BESIDE = list(
  'not also all each now then both still never ever already since therefore however either only always yet just again first hereby then',
);
/** Reports whether a word can be between the parts of a verb: "should then publish". */
export const isBeside = (word: string | undefined): boolean =>
  word !== undefined && (BESIDE.has(word) || /^(?!(?:un)?likely$|early$)\p{L}+ly$/u.test(word));

const WORD = /[\p{L}\p{N}£$%][\p{L}\p{N}'’.%£-]*|[,:()[\]]|(?<= )-(?= )/gu;

function kindOf(words: readonly string[], index: number): WordKind {
  const word = words[index] ?? '';
  if (!/^[\p{L}\p{N}£$%]/u.test(word)) return 'mark';
  const before = words[index - 1];
  const after = words[index + 1];
  if (SAME_AS_BASE.has(word)) return isSubject(before) ? 'past' : 'other';
  if (FINITE.has(word)) return 'finite';
  if (IRREGULAR.has(word) || IRREGULAR.has(word.replace(PREFIX, ''))) return 'past';
  if (/\p{L}{2}ed$/u.test(word) && !NO_PAST.has(word)) {
    const followsDeterminer = before !== undefined && DETERMINER.has(before);
    return followsDeterminer && after !== undefined && !AFTER_VERB.test(after) ? 'other' : 'past';
  }
  // "Clears its queue", "runs a pilot".
  const hasObject = /\p{L}{2}[^s']s$/u.test(word) && /^(?:its|their|his|her|an?)$/.test(after ?? '');
  if ((PRESENT.has(word) || hasObject) && isSubject(before) && !NOT_AFTER_NOUN.test(after ?? ''))
    return 'present';
  return 'other';
}

const NOT_AFTER_NOUN = /^(?:should|must|shall|will|would|could|may|is|are|was|were|has|have|had)$/;
const NO_SUBJECT =
  /^(?:should|must|shall|will|would|could|may|might|to|not|be|is|are|and|or|then|also|now|please|the|a|an|its|their|our|my|your|his|her|this|these|those|all|each|every|any|no|some|both|most|many|other|own|of|for|with|in|on|[,:(]|\p{L}+ly)$/u;
const isSubject = (before: string | undefined): boolean =>
  before !== undefined && /^\p{L}/u.test(before) && !before.endsWith("'s") && !NO_SUBJECT.test(before);

/** Reports whether a word is a name: "Ofsted" in a sentence is not a past tense. */
const isName = (found: readonly RegExpExecArray[], place: number): boolean =>
  /^\p{Lu}\p{Ll}/u.test(found[place]?.[0] ?? '') && /^[\p{L}\p{N}]/u.test(found[place - 1]?.[0] ?? '');

/** Returns the words of a part of a sentence. */
export function wordsOf(part: string): Word[] {
  const matches = [...part.matchAll(WORD)];
  const texts = matches.map(([word]) => word.toLowerCase().replace(/[.’']+$/u, ''));
  return matches.map(({ index }, place) => ({
    text: texts[place] ?? '',
    kind: isName(matches, place) ? 'other' : kindOf(texts, place),
    at: index,
    isName: isName(matches, place),
  }));
}
