import type { TextWords } from '#projections/text-words';
import type { TextTerm } from '#projections/tokenizer';

/** What a reader looks for: a record has all of the required terms in its texts, each in any of them, and none of the excluded. */
export interface Search {
  readonly required: readonly TextTerm[];
  readonly excluded: readonly TextTerm[];
  /** Whether nothing that is typed is a word, or words are required of which none is one that a text could contain: no record has them. */
  readonly isVain: boolean;
}

/** A phrase in quotes, which may be left open, or what stands between spaces; a dash before it excludes it. */
const TERM = /(-)?"([^"]*)"?|-?[^\s"]+/gu;
/** Without one of these there is no word in it. */
const SEARCHABLE = /[\p{L}\p{N}\p{Co}]/u;
/** Beyond so many, the others are left out: a list that is too long, not a wrong one. */
const TERMS_MAX = 24;
/** The same of the words in all terms: of a phrase its first ones count, where it is not excluded. */
const WORDS_MAX = 64;
/** A prefix of one letter is nearly every text. */
const PREFIX_LETTERS_MIN = 2;

interface TypedTerm extends TextTerm {
  readonly isExcluded: boolean;
}

/**
 * What a reader typed, as terms: words, or a "quoted phrase"; with a dash before it, what must not be there. The last word is
 * taken as the beginning of one, unless it is excluded. Whatever is typed means something; null where nothing is typed.
 */
export function readSearch(typed: string, words: Pick<TextWords, 'of'>): Search | null {
  if (typed.trim() === '') return null;
  const all = typedTerms(typed);
  const isSearchable = ({ words }: TypedTerm) => SEARCHABLE.test(words);
  const terms = withWords(distinct(all.filter(isSearchable)).slice(0, TERMS_MAX), words);
  const of = (isExcluded: boolean): TextTerm[] =>
    terms.filter((term) => term.isExcluded === isExcluded).map(({ words, prefix }) => ({ words, prefix }));
  const hasWord = (term: TypedTerm) => isSearchable(term) && words.of(term.words).length > 0;
  const required = of(false);
  return {
    required,
    excluded: of(true),
    // An excluded phrase of too many words is left out, and excludes nothing; it is typed all the same.
    isVain: required.length === 0 && (all.some(({ isExcluded }) => !isExcluded) || !all.some(hasWord)),
  };
}

function typedTerms(typed: string): TypedTerm[] {
  const end = typed.trimEnd().length;
  return [...typed.matchAll(TERM)].map((match) => {
    const [whole, dash, phrase] = match;
    const isExcluded = dash !== undefined || (phrase === undefined && /^-./su.test(whole));
    const words = phrase ?? (isExcluded ? whole.slice(1) : whole);
    const isLast = match.index + whole.length === end;
    const prefix = isLast && !isExcluded && phrase === undefined && words.length >= PREFIX_LETTERS_MIN;
    return { words, prefix, isExcluded };
  });
}

/** Each once; a word that is typed in full as well is no beginning any more. */
function distinct(terms: readonly TypedTerm[]): TypedTerm[] {
  const found = new Map<string, TypedTerm>();
  for (const term of terms) {
    const key = `${term.isExcluded ? '-' : '+'}${term.words}`;
    found.set(key, { ...term, prefix: term.prefix && (found.get(key)?.prefix ?? true) });
  }
  return [...found.values()];
}

/** Those that have a word in them, by the rules of the search's own, and so many words that all of them can be asked for. */
function withWords(terms: readonly TypedTerm[], words: Pick<TextWords, 'of'>): TypedTerm[] {
  let left = WORDS_MAX;
  return terms.flatMap((term) => {
    const all = words.of(term.words);
    const isWhole = all.length <= left;
    if (all.length === 0 || left === 0 || (!isWhole && term.isExcluded)) return [];
    const counted = isWhole ? term : { ...term, words: all.slice(0, left).join(' '), prefix: false };
    left = Math.max(0, left - all.length);
    return [counted];
  });
}
