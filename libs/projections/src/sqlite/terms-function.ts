import type Database from 'better-sqlite3';
import { sql } from 'kysely';
import type { RawBuilder, SqlBool } from 'kysely';
import type { TextWords } from '../text-words.ts';
import type { ReadClock } from './read-clock.ts';

const FUNCTION = 'docket_matches';
/** The number of UTF-16 units to scan between checks of the time limit: some hundred microseconds. */
const UNITS_BETWEEN = 2 ** 14;
/** The fewest units that each text counts as. */
const UNITS_MIN = 2 ** 8;
const PATTERNS_KEPT = 50;

/**
 * Returns the condition that a column's text contains a pattern of each term, as returned by `TextWords.patternsOf`.
 */
export const matchesTerms = (column: string, patterns: readonly (readonly string[])[]): RawBuilder<SqlBool> =>
  sql`${sql.raw(FUNCTION)}(${sql.ref(column)}, ${JSON.stringify(patterns)})`;

/** Adds the SQL function that scans texts within the read's time limit. */
export function addTermsFunction(connection: Database.Database, words: TextWords, clock: ReadClock): void {
  const parsedPatterns = new Map<string, readonly (readonly string[])[]>();
  const patternsIn = (json: string): readonly (readonly string[])[] => {
    const patterns = parsedPatterns.get(json) ?? (JSON.parse(json) as readonly (readonly string[])[]);
    if (parsedPatterns.size >= PATTERNS_KEPT) parsedPatterns.clear();
    parsedPatterns.set(json, patterns);
    return patterns;
  };
  let units = 0;
  connection.function(FUNCTION, { deterministic: true, directOnly: true }, (text: unknown, json: unknown) => {
    if (typeof text !== 'string') return 0;
    units += Math.max(text.length, UNITS_MIN);
    if (units >= UNITS_BETWEEN) {
      units = 0;
      clock.check();
    }
    return words.matchesAll(text, patternsIn(json as string)) ? 1 : 0;
  });
}
