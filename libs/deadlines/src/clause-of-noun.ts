import type { Part, VerbGroup } from './verb-groups.ts';

/** What a clause about a noun begins with: "officers who", "the review that", "cases where". */
export const PRONOUN = /^(?:who|which|whose|whom|that|where|when)$/;
/** A verb that is not known stands so close after its pronoun: "who then apply". */
const UNKNOWN_VERB_MAX = 2;
/** What belongs to a verb: "drew up by", "signed off by". */
const PARTICLE = /^(?:up|off|out|down|in|on|over|away|back|through)$/;

/**
 * Whether a date stands in a clause about a noun, as the date of its verb: "complaints which were closed by 31 January", "those who
 * apply by 1 June", "officers recruited by 31 March are trained". Where something stands between verb and date ("the plan that it
 * drew up in 2024 by 31 March"), it is the sentence's.
 */
export function isOfClause(earlier: Part, later: Part): boolean {
  const { groups } = earlier;
  const nearest = groups.at(-1);
  // The verb that follows at once has the noun for its subject, and the date stands between the two.
  const isSubject = later.groups[0]?.from === 0 && later.groups[0].mood !== 'participle';
  const pronoun = pronounBefore(earlier, earlier.words.length);
  if (pronoun === null) return isSubject && nearest?.mood === 'participle' && endsAt(earlier, nearest);
  const own = groups.filter(({ from }) => from > pronoun);
  const last = own.at(-1);
  if (last === undefined) return isSubject || isUnknownVerb(earlier, pronoun);
  if (!TELLS_OF_NOUN.has(last.mood) || isOfSentence(earlier, pronoun, own)) return false;
  return isSubject || endsAt(earlier, last);
}

const TELLS_OF_NOUN: ReadonlySet<VerbGroup['mood']> = new Set(['past', 'perfect', 'participle', 'present']);

/** Whether the clause had a verb before its last one: "prisoners who came in May are seen", "staff who work there are trained". */
function isOfSentence({ words }: Part, pronoun: number, own: readonly VerbGroup[]): boolean {
  const last = own.at(-1);
  if (last === undefined || last.mood === 'participle') return false;
  if (own.length > 1) return !/^(?:and|or)$/.test(words[last.from - 1]?.text ?? '');
  const between = words.slice(pronoun + 1, last.from);
  // "Plans that are overdue are finalised".
  if (between.some(({ text }) => /^(?:is|are|was|were)$/.test(text))) return true;
  return words[pronoun]?.text === 'who' && between.some(({ text }) => !text.endsWith('ly'));
}

/** Whether a date follows a verb at once, but for a word that belongs to it. */
function endsAt({ words }: Part, { to }: VerbGroup): boolean {
  return words.length === to || (words.length === to + 1 && PARTICLE.test(words[to]?.text ?? ''));
}

/** The place of the pronoun of the clause that is still open at a place; null where none is. */
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

/** "Those who apply", "staff that fail": a verb that no list has stands between pronoun and date. */
function isUnknownVerb({ words }: Part, pronoun: number): boolean {
  const between = words.slice(pronoun + 1);
  const most = words[pronoun]?.text === 'that' ? 1 : UNKNOWN_VERB_MAX;
  return between.length > 0 && between.length <= most && between.every(({ text }) => text !== 'to');
}
