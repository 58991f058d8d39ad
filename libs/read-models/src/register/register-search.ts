/**
 * A search as typed. A record matches if its texts contain every required phrase, each in any text, and no excluded one.
 * A phrase can be one word.
 */
export interface Search {
  readonly required: readonly string[];
  readonly excluded: readonly string[];
}

/** Matches a phrase in quotes (the closing one is optional) or a run without spaces. A leading dash excludes it. */
const PHRASE = /(-)?(?:"([^"]*)"?|([^\s"]+))/gu;
/** The most words and characters of a search. Others are ignored, which only makes the result longer. */
const WORDS_MAX = 32;
const LENGTH_MAX = 500;

/** Returns what is searched for. Every input is valid; returns null if it is blank. */
export function readSearch(typed: string): Search | null {
  if (typed.trim() === '') return null;
  const words = typed.trim().slice(0, LENGTH_MAX).split(/\s+/u).slice(0, WORDS_MAX);
  const phrases = [...words.join(' ').matchAll(PHRASE)];
  const of = (isExcluded: boolean) => [
    ...new Set(
      phrases
        .filter(([, dash]) => (dash !== undefined) === isExcluded)
        .map(([, , quoted, word = '']) => quoted ?? word),
    ),
  ];
  return { required: of(false), excluded: of(true) };
}
