import type Database from 'better-sqlite3';
import type { TextWords } from '../text-words.ts';
import type { ReadClock } from './read-clock.ts';

/**
 * The SQL function that returns whether a text contains a pattern of each term, given the JSON of patterns that
 * `TextWords.patternsOf` returns for each.
 */
export const MATCHES_FUNCTION = 'docket_matches';
/** The number of UTF-16 units to scan between checks of the time limit: some hundred microseconds. */
const UNITS_BETWEEN = 2 ** 14;
/** The fewest units that each text counts as. */
const UNITS_MIN = 2 ** 8;
const PATTERNS_KEPT = 50;

/** Adds the SQL function, which scans texts within the read's time limit. */
export function addTermsFunction(connection: Database.Database, words: TextWords, clock: ReadClock): void {
  const parsedPatterns = new Map<string, readonly (readonly string[])[]>();
  const patternsIn = (json: string): readonly (readonly string[])[] => {
    const patterns = parsedPatterns.get(json) ?? (JSON.parse(json) as readonly (readonly string[])[]);
    if (parsedPatterns.size >= PATTERNS_KEPT) parsedPatterns.clear();
    parsedPatterns.set(json, patterns);
    return patterns;
  };
  let units = 0;
  connection.function(
    MATCHES_FUNCTION,
    { deterministic: true, directOnly: true },
    (text: unknown, json: unknown) => {
      if (typeof text !== 'string') return 0;
      units += Math.max(text.length, UNITS_MIN);
      if (units >= UNITS_BETWEEN) {
        units = 0;
        clock.check();
      }
      return words.matchesAll(text, patternsIn(json as string)) ? 1 : 0;
    },
  );
}
