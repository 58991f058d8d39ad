import { sql } from 'kysely';
import type { RawBuilder, SqlBool } from 'kysely';
import type { TextWords } from '../text-words.ts';
import type { TextTerm } from '../tokenizer.ts';
import { saysCondition } from './said-words.ts';

/**
 * FTS5 walks through all texts that have the words of an expression, and nothing ends it before it has found one with the whole of it: so it is
 * asked for so few words that this never takes long, and what it finds is looked through for the others, text by text.
 */
const MATCHED_WORDS_MAX = 4;

/** Words in a row, of which the last one may go on. */
interface Words {
  readonly words: readonly string[];
  readonly prefix: boolean;
}

/** Whether `found` has all of the terms. Where a query names few ids, one word is enough to find their texts by. */
export function holdsCondition(
  words: TextWords,
  terms: readonly TextTerm[],
  most = MATCHED_WORDS_MAX,
): RawBuilder<SqlBool> {
  const { match, isWhole } = matchOf(words, terms, most);
  if (isWhole) return match;
  return sql`(${match} and ${saysCondition(
    'found.text',
    terms.map((term) => words.patternOf(term)),
  )})`;
}

/** Holds of every text with all of the terms, and of others; null where that is all there is to ask. */
export function mayHoldCondition(words: TextWords, terms: readonly TextTerm[]): RawBuilder<SqlBool> | null {
  const { match, isWhole } = matchOf(words, terms, MATCHED_WORDS_MAX);
  return isWhole ? null : match;
}

interface Match {
  readonly match: RawBuilder<SqlBool>;
  /** Whether it asks for all there is to the terms. */
  readonly isWhole: boolean;
}

function matchOf(words: TextWords, terms: readonly TextTerm[], most: number): Match {
  const asked = terms.map((term) => ({ ...term, words: words.of(term.words) }));
  // What has no word in it is in no text.
  if (asked.length === 0 || asked.some((term) => term.words.length === 0))
    return { match: sql`false`, isWhole: true };
  const matched = matchedOf(asked, most);
  const count = (all: readonly Words[]) => all.reduce((sum, each) => sum + each.words.length, 0);
  return {
    match: sql<SqlBool>`found.text match ${matched.map(expressionOf).join(' AND ')}`,
    isWhole: count(matched) === count(asked),
  };
}

/** Of each term as much as may be matched, the longest first: long words are rare. */
function matchedOf(terms: readonly Words[], most: number): Words[] {
  const matched: Words[] = [];
  let left = most;
  for (const term of terms.toSorted((a, b) => lettersIn(b.words) - lettersIn(a.words))) {
    if (left === 0) break;
    const part = longestPart(term, left);
    matched.push(part);
    left -= part.words.length;
  }
  return matched;
}

/** So many words of a term, one after another, as have the most letters. */
function longestPart({ words, prefix }: Words, most: number): Words {
  if (words.length <= most) return { words, prefix };
  const parts = words.slice(0, words.length - most + 1).map((_, from) => ({
    words: words.slice(from, from + most),
    prefix: prefix && from === words.length - most,
  }));
  return parts.reduce((best, part) => (lettersIn(part.words) > lettersIn(best.words) ? part : best));
}

const lettersIn = (words: readonly string[]): number => words.join('').length;

/** Quoted whole, since nothing in it is an operator; words have no quotes in them. */
const expressionOf = ({ words, prefix }: Words): string => `"${words.join(' ')}"${prefix ? ' *' : ''}`;
