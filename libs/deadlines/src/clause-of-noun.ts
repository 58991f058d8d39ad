import type { Part, VerbGroup } from './verb-groups.ts';

/** The start of a clause about a noun: "officers who", "the review that", "cases where". */
export const PRONOUN = /^(?:who|which|whose|whom|that|where|when)$/;
/** An unknown verb follows its pronoun within this many words: "who then apply". */
const UNKNOWN_VERB_MAX = 2;
/** Particles of verbs: "drew up by", "signed off by". */
const PARTICLE = /^(?:up|off|out|down|in|on|over|away|back|through)$/;

/**
 * Reports whether a date belongs to the verb of a clause about a noun: "complaints which were closed by 31
 * January", "those who apply by 1 June", "officers recruited by 31 March are trained". With words between
 * verb and date ("the plan that it drew up in 2024 by 31 March"), it belongs to the sentence.
 */
export function isOfClause(earlier: Part, later: Part): boolean {
  const { groups } = earlier;
  const nearest = groups.at(-1);
  // The noun is the subject of the next verb, and the date is between the two.
  const isSubject = later.groups[0]?.from === 0 && later.groups[0].mood !== 'participle';
  const pronoun = pronounBefore(earlier, earlier.words.length);
  if (pronoun === null) return isSubject && nearest?.mood === 'participle' && endsAt(earlier, nearest);
  const clauseGroups = groups.filter(({ from }) => from > pronoun);
  const last = clauseGroups.at(-1);
  if (last === undefined) return isSubject || isUnknownVerb(earlier, pronoun);
  if (!TELLS_OF_NOUN.has(last.mood) || isOfSentence(earlier, pronoun, clauseGroups)) return false;
  return isSubject || endsAt(earlier, last);
}

const TELLS_OF_NOUN: ReadonlySet<VerbGroup['mood']> = new Set(['past', 'perfect', 'participle', 'present']);

/** Reports whether the clause had a verb before its last one: "prisoners who came in May are seen", "staff who work there are trained". */
function isOfSentence({ words }: Part, pronoun: number, own: readonly VerbGroup[]): boolean {
  const last = own.at(-1);
  if (last === undefined || last.mood === 'participle') return false;
  if (own.length > 1) return !/^(?:and|or)$/.test(words[last.from - 1]?.text ?? '');
  const between = words.slice(pronoun + 1, last.from);
  // "Plans that are overdue are finalised".
  if (between.some(({ text }) => /^(?:is|are|was|were)$/.test(text))) return true;
  return words[pronoun]?.text === 'who' && between.some(({ text }) => !text.endsWith('ly'));
}

/** Reports whether a date directly follows a verb and its particle. */
function endsAt({ words }: Part, { to }: VerbGroup): boolean {
  return words.length === to || (words.length === to + 1 && PARTICLE.test(words[to]?.text ?? ''));
}

/** Returns the index of the pronoun whose clause is still open at a place; null if there is none. */
export function pronounBefore({ words, groups }: Part, place: number): number | null {
  for (let at = place - 1; at >= 0; at -= 1) {
    const { text, kind } = words[at] ?? { text: '', kind: 'mark' };
    if (kind === 'mark') return null;
    // "Ensure that", "make sure that", "we recommend that", "so that", ", that is", "send us that letter": no clause about a noun.
    const before = words[at - 1];
    const isOther =
      before === undefined || before.kind === 'mark' || /^(?:so|such|sure|us|me|them|him)$/.test(before.text);
    if (text === 'that' && (isOther || groups.some(({ to }) => to === at))) return null;
    if (PRONOUN.test(text)) return at;
  }
  return null;
}

/** Reports whether an unlisted verb is between pronoun and date: "those who apply", "staff that fail". */
function isUnknownVerb({ words }: Part, pronoun: number): boolean {
  const between = words.slice(pronoun + 1);
  const wordsMax = words[pronoun]?.text === 'that' ? 1 : UNKNOWN_VERB_MAX;
  return between.length > 0 && between.length <= wordsMax && between.every(({ text }) => text !== 'to');
}
