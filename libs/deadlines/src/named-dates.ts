import { SEARCHED_MAX } from './find-deadlines.ts';
import { flatten } from './flat-text.ts';
import { readDate } from './read-date.ts';

/** The possible start of a date: its day, month or weekday. */
const WORD_START = /(?<![\p{L}\p{N}])[\p{L}\p{N}]/gu;
/** A placeholder. Only dates with a year count, and it changes none of them. */
const ANY_PUBLICATION = '2000-01-01';

/** Returns the exact dates in a text in order of place, each once, whether or not they are deadlines. */
export function namedDates(text: string): string[] {
  const flat = flatten(text.slice(0, SEARCHED_MAX)).text;
  const dates = new Set<string>();
  let end = 0;
  for (const { index } of flat.matchAll(WORD_START)) {
    const date = index < end ? null : readDate(flat, index, ANY_PUBLICATION);
    if (date?.rule !== null) continue;
    dates.add(date.by);
    end = date.end;
  }
  return [...dates];
}
