import { stemmer } from 'stemmer';

/** Irregular plurals and their singulars, which get the same stem. */
const SINGULARS: ReadonlyMap<string, string> = new Map([
  ['children', 'child'],
  ['men', 'man'],
  ['women', 'woman'],
  ['policemen', 'policeman'],
  ['policewomen', 'policewoman'],
  ['people', 'person'],
  ['knives', 'knife'],
  ['lives', 'life'],
  ['wives', 'wife'],
  ['thieves', 'thief'],
  ['criteria', 'criterion'],
  ['crises', 'crisis'],
  ['analyses', 'analysis'],
  ['appendices', 'appendix'],
  ['indices', 'index'],
]);

/** English endings by which words of the same stem differ. */
const ENDINGS = [
  'ed',
  'er',
  'ing',
  'ies',
  'ion',
  'ive',
  'able',
  'ance',
  'ence',
  'ation',
  'ment',
  'ness',
  'ity',
];

/** The size of the cache, about the vocabulary of a large register. Beyond it the cache is cleared. */
const CACHED_MAX = 50_000;

/**
 * The English stems by which the search indexes words (Porter's algorithm, 1980): `missing` and `missed` have the stem
 * `miss`. A word of another language may lose an ending, in texts and in searches alike.
 */
export class Stems {
  readonly #stems = new Map<string, string>();

  /** Returns the stem of a folded word. */
  of(word: string): string {
    const cached = this.#stems.get(word);
    if (cached !== undefined) return cached;
    if (this.#stems.size >= CACHED_MAX) this.#stems.clear();
    const stem = stemmer(SINGULARS.get(word) ?? word);
    this.#stems.set(word, stem);
    return stem;
  }

  /**
   * Returns the stems of words that begin with these letters if the stems do not: `relati` begins `relating`, whose
   * stem is `relat`.
   */
  ofBeginning(letters: string): string[] {
    const completed = ENDINGS.flatMap((ending) => completions(letters, ending));
    const stems = new Set([letters, ...completed].map((word) => this.of(word)));
    return [...stems].filter((stem) => !stem.startsWith(letters));
  }
}

/** Returns the completed words if the letters break off inside the ending. */
function completions(letters: string, ending: string): string[] {
  return Array.from({ length: ending.length - 1 }, (_, index) => index + 1)
    .filter((typed) => letters.length - typed >= 3 && letters.endsWith(ending.slice(0, typed)))
    .map((typed) => letters + ending.slice(typed));
}
