/** A word, or several words in a row, that a text must contain. */
export interface SearchTerm {
  readonly words: string;
  /** Whether the last word may go on: it is still being typed. */
  readonly prefix: boolean;
}

const TERM = /"([^"]*)"?|[^\s"]+/gu;
const SEARCHABLE = /[\p{L}\p{N}\p{Co}]/u;
/** Beyond so many, the others are left out: a list that is too long, not a wrong one. */
const TERMS_MAX = 24;
/** A prefix of one letter is nearly every text. */
const PREFIX_LETTERS_MIN = 2;

/**
 * What a reader typed, as terms that a record must all contain: words, or a "quoted phrase". The last word is taken as the
 * beginning of one. Null where nothing was typed; no terms where there is nothing in it that a text could contain.
 */
export function searchTerms(typed: string): SearchTerm[] | null {
  if (typed.trim() === '') return null;
  const terms = new Map<string, SearchTerm>();
  for (const match of typed.matchAll(TERM)) {
    const phrase = match[1];
    const words = phrase ?? match[0];
    if (!SEARCHABLE.test(words)) continue;
    const isLast = match.index + match[0].length === typed.trimEnd().length;
    const prefix = isLast && phrase === undefined && words.length >= PREFIX_LETTERS_MIN;
    const known = terms.get(words);
    terms.set(words, { words, prefix: prefix && (known?.prefix ?? true) });
  }
  return [...terms.values()].slice(0, TERMS_MAX);
}
