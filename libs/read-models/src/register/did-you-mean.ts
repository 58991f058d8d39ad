import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import type { Generation } from '#projections/projection';
import type { TextTerm } from '#projections/tokenizer';
import { SEARCH } from './search-conditions.ts';

/** Shorter words are one edit away from too many others; longer ones have too many possible edits. */
const LETTERS_MIN = 4;
const LETTERS_MAX = 24;
/** The most look-ups in one statement: SQLite limits a compound select to 500 terms. */
const LOOKUPS_PER_STATEMENT = 200;
/** The most corrections of a word for which a search is tried. */
const TRIED_MAX = 8;

/** A corrected word, and the number of records that a search for it finds. */
interface Tried {
  readonly word: string;
  readonly total: number;
}

/**
 * Returns a search with one letter corrected in each word that occurs in no text that the reader may read:
 * `mising persons` becomes `missing persons`. Returns null if every word occurs, or no correction does.
 * @param search searches as the reader, and returns the number of records and the matched words.
 */
export async function didYouMean(
  generation: Generation,
  typed: string,
  terms: readonly TextTerm[],
  search: (q: string) => Promise<{ readonly total: number; readonly found: readonly string[] }>,
): Promise<string | null> {
  let corrected = typed;
  for (const { words } of terms) {
    if (!isCorrectable(words) || (await search(words)).total > 0) continue;
    const best = await bestCorrection(generation, words, search);
    if (best === null) return null;
    corrected = corrected.replace(words, best);
  }
  // The words may occur, but never together.
  return corrected !== typed && (await search(corrected)).total > 0 ? corrected : null;
}

const isCorrectable = (word: string): boolean =>
  /^\p{L}+$/u.test(word) && word.length >= LETTERS_MIN && word.length <= LETTERS_MAX;

async function bestCorrection(
  generation: Generation,
  word: string,
  search: Parameters<typeof didYouMean>[3],
): Promise<string | null> {
  const tried: Tried[] = [];
  for (const edit of await indexedEdits(generation, word.toLowerCase())) {
    const { total, found } = await search(edit);
    // The edit may have only its stem in common with a word of the text.
    const [marked] = found.includes(edit) ? [edit] : found;
    if (total > 0 && marked !== undefined) tried.push({ word: marked, total });
  }
  return (
    tried.reduce<Tried | null>((best, each) => (best && best.total >= each.total ? best : each), null)
      ?.word ?? null
  );
}

/** Returns the words that differ by one letter and occur in a text. Words with the same stem count once. */
async function indexedEdits({ db, sql: dialect }: Generation, word: string): Promise<string[]> {
  const edits = [...new Set(editsOf(word))];
  const found: string[] = [];
  for (let from = 0; from < edits.length && found.length < TRIED_MAX; from += LOOKUPS_PER_STATEMENT) {
    const lookups = edits.slice(from, from + LOOKUPS_PER_STATEMENT).map(
      (edit) => sql`select ${sql.lit(edit)} as word where exists
        (select 1 from ${SEARCH} where ${dialect.matches([{ words: edit, prefix: false }])})`,
    );
    const some = sql<{ word: string }>`(${sql.join(lookups, sql` union all `)})`;
    const rows = await (db as Kysely<object>).selectFrom(some.as('some')).select('word').execute();
    found.push(...rows.map((row) => row.word));
  }
  return found.slice(0, TRIED_MAX);
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyz'.split('');

/** Yields words with a letter inserted, swapped with its neighbour, left out or replaced, likeliest slips first. */
function* editsOf(word: string): Generator<string> {
  const splits = Array.from(
    { length: word.length + 1 },
    (_, at) => [word.slice(0, at), word.slice(at)] as const,
  );
  for (const [before, after] of splits) for (const letter of LETTERS) yield before + letter + after;
  for (const [before, after] of splits) {
    if (after.length > 1) yield before + after.charAt(1) + after.charAt(0) + after.slice(2);
    if (after.length > 0) yield before + after.slice(1);
  }
  for (const [before, after] of splits) {
    if (after.length > 0) for (const letter of LETTERS) yield before + letter + after.slice(1);
  }
}
