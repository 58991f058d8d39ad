import { WORD_END, WORD_START } from './calendar-words.ts';

/**
 * What the verb of a date says: a duty or an intention, what somebody reported or may do, the past, or nothing that
 * is known.
 */
export type Manner = 'duty' | 'maybe' | 'failed' | 'perfect' | 'past' | 'unsaid';

const NOT = '(?:not |also |only |then |now |since |already |therefore |always |formally |\\p{L}+ly )*';
const ASKED = 'asked|told|required|ordered|directed|instructed|invited|requested|urged|recommended|needed';
const AGREED = 'agreed|committed|undertaken|promised|pledged|decided|resolved';
const DONE =
  '\\p{L}+ed|been|begun|done|made|taken|given|known|seen|set|met|held|sent|found|had|said|come|gone|become|shown|written|put|led|built';

/** Verbs with auxiliaries. Of those that match at a place, the first counts. */
const VERBS = new RegExp(
  `${WORD_START}(?:` +
    '(?<past>(?:was|were|had)(?: not)?(?: \\p{L}+ly)?(?: (?:due|expected|supposed|intended|required|meant|asked|told))?(?: to(?: be)?)?|did|' +
    `(?:would|could|might) ${NOT}have ${NOT}(?:${DONE}))|` +
    `(?<failed>should ${NOT}have ${NOT}been)|` +
    `(?<perfect>ha(?:s|ve) ${NOT}(?!been (?:${ASKED})|${AGREED}|${ASKED})(?:${DONE}))|` +
    `(?<maybe>would|could|might|may(?= \\p{Ll})|can|hopes? to)|` +
    `(?<duty>should|must|shall|will|ought|(?:is|are|am|be) ${NOT}(?:to(?= \\p{Ll})|due|expected|obliged|committed|${ASKED})|(?<=^|[,;:] )to be|` +
    `ha(?:s|ve) ${NOT}(?:to(?= \\p{Ll})|until|been (?:${ASKED})|${AGREED}|${ASKED})|` +
    `(?:I|we) ${NOT}(?:ask|invite|request|direct|order|urge|instruct|want)|needs?(?= to(?!\\p{L})| ?$)|` +
    'intends?|recommends?|requires?|directs|instructs|urges|invites|asks|expects?|calls? (?:on|for)|going to|' +
    '(?:orders?|requests?)(?= (?:that|the|you|all|each|every|it) )|' +
    '(?:plans?|aims?|proposes?|promises?|pledges?|commits|undertakes?|wants?) (?:itself )?to)' +
    `)${WORD_END}`,
  'giu',
);

/** A past tense or participle, which counts where no other verb is. */
const ENDED =
  /(?<![\p{L}'-])(?<!(?<![\p{L}])(?:is|are|be|been|being|not|to|and|or) )(?!(?:need|speed|proceed|exceed|succeed|indeed|hundred|based|named|seed|feed|bleed|agreed|shed|embed|unless|red|bed)(?!\p{L}))(?:\p{L}{2,}ed|began|made|took|gave|said|told|found|came|became|left|went|rose|fell|met|held|sent|wrote|saw|showed|ran|led|grew|lost|kept)(?!\p{L})/iu;

/** How far a sentence is read in each direction. */
const REACH = 600;
const ENDS =
  /\n|(?<!\b(?:Mr|Mrs|Ms|Dr|St|No|Nos|Prof|Sgt|Rev|para|paras|cf|eg|ie|e\.g|i\.e|v|Ltd|plc|Inc|s|r|p|pp))[.!?]['")\]]?(?= ['"([]?[\p{Lu}\p{N}])/gu;

/** Returns the text of a sentence before and after a part of it. */
export function sentenceAround(text: string, from: number, to: number): { before: string; after: string } {
  const start = Math.max(0, from - REACH);
  // The first letter of the part shows whether a sentence ends before it.
  const last = [...text.slice(start, from + 1).matchAll(ENDS)].at(-1);
  const after = text.slice(to, to + REACH);
  return {
    before: text.slice(last === undefined ? start : start + last.index + last[0].length, from).trimStart(),
    after: after.slice(0, after.search(new RegExp(ENDS.source, 'u')) + 1 || undefined),
  };
}

interface Verb {
  readonly manner: Manner;
  readonly at: number;
}

const MANNERS = ['past', 'failed', 'perfect', 'maybe', 'duty'] as const;

const verbsIn = (part: string): Verb[] =>
  [...part.matchAll(VERBS)].map(({ index, groups = {} }) => ({
    at: index,
    manner: MANNERS.find((manner) => groups[manner] !== undefined) ?? 'duty',
  }));

/** Other verbs of the same clause decide, if there are any: "should ensure that it can report, and has reported". */
const isWeak = ({ manner }: Verb): boolean => manner === 'maybe' || manner === 'perfect';

/** "The plan that was agreed": not the verb of a date before it. */
const RELATIVE = /(?:that|which|who|as|where|when|what|than) (?:\S+ ){0,2}$/iu;
const OPENS = /(?:^|[,;:(]|(?<!\p{L})(?:and|but|that|then|also|so)) $/iu;

/**
 * Returns what the verb of a date says: the last one before it; the first one after it if there is none, or if the
 * date opens a clause and the one before is in the past.
 */
export function mannerOf({ before, after }: { readonly before: string; readonly after: string }): Manner {
  const verbs = verbsIn(before);
  const last = verbs.findLast((verb) => !isWeak(verb)) ?? verbs.at(-1);
  const isOpening = before.trim() === '' || OPENS.test(before);
  if (last !== undefined && !(isOpening && last.manner === 'past')) return last.manner;
  const isEnded = last !== undefined || ENDED.test(before);
  if (isEnded && !isOpening) return 'past';
  const later = verbsIn(after).filter(
    ({ at, manner }) => manner === 'duty' || manner === 'maybe' || !RELATIVE.test(after.slice(0, at)),
  );
  const next =
    later.find((verb) => !isWeak(verb)) ?? later.at(0) ?? verbs.findLast(({ manner }) => manner === 'duty');
  if (next !== undefined) return next.manner;
  return isEnded || ENDED.test(after) ? 'past' : 'unsaid';
}
