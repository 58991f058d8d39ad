import { WORD_END, WORD_START } from './calendar-words.ts';

/** What the verb of a date says: a duty or an intention, what may be or was to be, the past, or nothing known. */
export type Manner = 'duty' | 'maybe' | 'past' | 'unsaid';

const ALSO = '(?:(?:not|also|only|then|now|since|already|always|\\p{L}+ly) )*';
const ASKED =
  'asked|told|required|ordered|directed|instructed|invited|requested|urged|recommended|needed|agreed|committed|undertaken|promised|pledged|decided|resolved';
const DONE =
  '\\p{L}+ed|been|begun|done|made|taken|given|known|seen|set|met|held|sent|found|had|said|come|gone|become|shown|written|put|led|built';

/** Verbs with auxiliaries. Of those that match at a place, the first counts. */
const VERBS = new RegExp(
  `${WORD_START}(?:` +
    `(?<past>was|were|had|did|(?:would|could|might) ${ALSO}have)|` +
    `(?<maybe>(?:should|ought to) ${ALSO}have ${ALSO}(?:${DONE})|would|could|might|may(?= \\p{Ll})|can|hopes? to)|` +
    `(?<duty>should|must|shall|will|ought|duty to|(?:is|are|am|be) ${ALSO}(?:to(?= \\p{Ll})|due|expected|obliged|planned|scheduled|essential|vital|important|necessary|on (?:track|course)|working (?:to|towards)|${ASKED})|(?<=^|[,;:] )to be|` +
    `ha(?:s|ve) ${ALSO}(?:to(?= \\p{Ll})|$|(?:been )?(?:${ASKED}))|(?:I|we) ${ALSO}(?:ask|invite|request|direct|order|urge|instruct|want)|` +
    'needs?(?= to(?!\\p{L})| ?$)|intends?|recommends?|requires?|directs|instructs|urges|invites|asks|expects?|calls? (?:on|for)|going to|' +
    '(?:orders?|requests?)(?= (?:that|the|you|all|each|every|it) )|' +
    '(?<!(?:the|an?|its|their|our|this|that|any) )(?:plans?|aims?|proposes?|promises?|pledges?|commits|undertakes?|wants?) (?:itself )?to)|' +
    `(?<perfect>ha(?:s|ve) ${ALSO}(?:${DONE}))` +
    `)${WORD_END}`,
  'giu',
);

/** A past tense or participle, which counts where no other verb is. */
const ENDED =
  /(?<![\p{L}'-])(?<!(?<!\p{L})(?:is|are|be|been|being|not|to|and|or|the|an?) )(?!(?:need|speed|proceed|exceed|succeed|indeed|hundred|based|named|agreed|unless)(?!\p{L}))(?:\p{L}{2,}ed|began|made|took|gave|said|told|found|came|became|left|went|rose|fell|met|held|sent|wrote|saw|showed|ran|led|grew|lost|kept|sat|stood|heard|knew|paid|brought|spent|chose)(?!\p{L})(?<adjective> (?!(?:the|its|his|this|their|our|all|as) )\p{Ll}{2,} ?\p{Ll}{3,}s(?!\p{L}))?/iu;

/** "Approved contractors" is not in the past. */
function endedIn(part: string): Manner | null {
  const match = ENDED.exec(part);
  return match && (match.groups?.['adjective'] === undefined ? 'past' : 'maybe');
}

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
  /** Whether another verb of the sentence decides, if there is one: "should ensure that it can report, and has reported". */
  readonly isWeak: boolean;
  /** Whether it belongs to "the plan that was agreed" and not to a date outside that clause. */
  readonly isRelative: boolean;
}

const RELATIVE = /(?:that|which|who|as|where|when|what|than) (?:\S+ ){0,2}$/iu;

const verbsIn = (part: string): Verb[] =>
  [...part.matchAll(VERBS)].map(({ index, groups = {} }) => {
    const isPast = (groups['past'] ?? groups['perfect']) !== undefined;
    const isRelative = isPast && RELATIVE.test(part.slice(0, index));
    const isClosed = isRelative && part.includes(',', index);
    const isWeak = (groups['maybe'] ?? groups['perfect']) !== undefined || isClosed;
    return { manner: isPast ? 'past' : groups['maybe'] === undefined ? 'duty' : 'maybe', isWeak, isRelative };
  });

const OPENS = /(?:^|[,;:(]|(?<!\p{L})(?:and|but|that|then|also|so)) $/iu;

/**
 * Returns what the verb of a date says: the last one before it; the first one after it if there is none, or if the
 * date opens a clause and the one before is in the past.
 */
export function mannerOf({ before, after }: { readonly before: string; readonly after: string }): Manner {
  const verbs = verbsIn(before);
  const last = verbs.findLast(({ isWeak }) => !isWeak) ?? verbs.at(-1);
  const isOpening = before.trim() === '' || OPENS.test(before);
  if (last !== undefined && !(isOpening && last.manner === 'past')) return last.manner;
  const ended = last === undefined ? endedIn(before) : 'past';
  if (ended !== null && !isOpening) return ended;
  const later = verbsIn(after).filter(({ isRelative }) => !isRelative);
  const next =
    later.find(({ isWeak }) => !isWeak) ?? later.at(0) ?? verbs.findLast(({ manner }) => manner === 'duty');
  return next?.manner ?? ended ?? endedIn(after) ?? 'unsaid';
}
