import type { TextWords } from '#projections/text-words';
import type { TextTerm } from '#projections/tokenizer';

/**
 * A parsed search. A record matches if its texts contain every required term, each in any text, and no excluded term.
 */
export interface Search {
  readonly required: readonly TextTerm[];
  readonly excluded: readonly TextTerm[];
  /** True if no record can match: nothing typed is a word, or no text can contain a required word. */
  readonly isVain: boolean;
}

/**
 * Matches a phrase in quotes (the closing one is optional) or a run without spaces. A leading dash excludes the term.
 */
const TERM = /(-)?"([^"]*)"?|-?[^\s"]+/gu;
/** Matches a letter, a digit or a character in private use; a term without any contains no word. */
const SEARCHABLE = /[\p{L}\p{N}\p{Co}]/u;
/** The most terms. Others are ignored, which only makes the result longer. */
const TERMS_MAX = 24;
/** The most words in all terms. A longer required phrase is truncated. */
const WORDS_MAX = 64;
/** The shortest prefix, because a one-letter prefix matches nearly every text. */
const PREFIX_LETTERS_MIN = 2;

interface TypedTerm extends TextTerm {
  readonly isExcluded: boolean;
}

/**
 * Returns a parsed search: words or "quoted phrases", excluded by a leading dash. The last word also matches as a
 * prefix unless it is excluded. Every input is valid; returns null if it is blank.
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
    // An excluded phrase with too many words is dropped, but still counts here.
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

/** Returns the terms without duplicates. A word that is also typed in full does not count as a prefix. */
function distinct(terms: readonly TypedTerm[]): TypedTerm[] {
  const found = new Map<string, TypedTerm>();
  for (const term of terms) {
    const key = `${term.isExcluded ? '-' : '+'}${term.words}`;
    found.set(key, { ...term, prefix: term.prefix && (found.get(key)?.prefix ?? true) });
  }
  return [...found.values()];
}

/** Returns the terms that contain a word according to the index, up to the limit of words. */
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
