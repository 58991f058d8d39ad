import { sql } from 'kysely';
import type { RawBuilder, SqlBool } from 'kysely';
import type { LookUp, TextWords } from '../text-words.ts';
import type { TextTerm } from '../tokenizer.ts';
import { MATCHES_FUNCTION } from './terms-function.ts';

/**
 * The most words in an FTS5 expression. FTS5 scans all texts with these words and cannot be interrupted until it finds
 * a full match, so any other words are checked text by text.
 */
const MATCHED_WORDS_MAX = 4;

/**
 * Returns the condition that `found` contains all of the terms. If a query restricts the ids to a few, one word is
 * enough to find the texts.
 */
export function matchCondition(
  words: TextWords,
  terms: readonly TextTerm[],
  most = MATCHED_WORDS_MAX,
): RawBuilder<SqlBool> {
  const { match, isWhole } = matchOf(words, terms, most);
  if (isWhole) return match;
  const patterns = JSON.stringify(terms.map((term) => words.patternsOf(term)));
  return sql`(${match} and ${sql.raw(MATCHES_FUNCTION)}(${sql.ref('found.text')}, ${patterns}))`;
}

/**
 * Returns a weaker condition, true for every text with all of the terms and for some other texts; null if it would be
 * exact.
 */
export function mayMatchCondition(words: TextWords, terms: readonly TextTerm[]): RawBuilder<SqlBool> | null {
  const { match, isWhole } = matchOf(words, terms, MATCHED_WORDS_MAX);
  return isWhole ? null : match;
}

interface Match {
  readonly match: RawBuilder<SqlBool>;
  /** True if the expression covers all of the terms. */
  readonly isWhole: boolean;
}

function matchOf(words: TextWords, terms: readonly TextTerm[], most: number): Match {
  const lookedUp = terms.map((term) => words.lookUp(term));
  // A term without a word matches no text.
  if (lookedUp.length === 0 || lookedUp.some(({ stems }) => stems.length === 0))
    return { match: sql`false`, isWhole: true };
  const matched = matchedOf(lookedUp, most);
  const count = (all: readonly LookUp[]) => all.reduce((sum, { stems }) => sum + stems.length, 0);
  return {
    match: sql<SqlBool>`found.text match ${matched.map(expressionOf).join(' AND ')}`,
    isWhole: count(matched) === count(lookedUp),
  };
}

/** Returns parts of the terms up to the limit, longest first, because long words are rare. */
function matchedOf(terms: readonly LookUp[], most: number): LookUp[] {
  const matched: LookUp[] = [];
  let left = most;
  for (const term of terms.toSorted((a, b) => lettersIn(b.stems) - lettersIn(a.stems))) {
    if (left === 0) break;
    const part = longestPart(term, left);
    matched.push(part);
    left -= part.stems.length;
  }
  return matched;
}

/** Returns the consecutive stems of a term that have the most letters, up to the limit. */
function longestPart(term: LookUp, most: number): LookUp {
  const { stems } = term;
  if (stems.length <= most) return term;
  const parts = stems.slice(0, stems.length - most + 1).map((_, from): LookUp => {
    const part = stems.slice(from, from + most);
    return from === stems.length - most
      ? { ...term, stems: part }
      : { stems: part, prefix: false, others: [] };
  });
  return parts.reduce((best, part) => (lettersIn(part.stems) > lettersIn(best.stems) ? part : best));
}

const lettersIn = (words: readonly string[]): number => words.join('').length;

/**
 * Returns the FTS5 expression of a term. Its words, which contain no quotes, are quoted so that none counts as an
 * operator.
 */
function expressionOf({ stems, prefix, others }: LookUp): string {
  const before = stems.slice(0, -1);
  const phrases = [
    `"${stems.join(' ')}"${prefix ? ' *' : ''}`,
    ...others.map((other) => `"${[...before, other].join(' ')}"`),
  ];
  return `(${phrases.join(' OR ')})`;
}
