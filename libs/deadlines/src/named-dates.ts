import { searchedLength } from './find-deadlines.ts';
import { flatten } from './flat-text.ts';
import { readDate } from './read-date.ts';

/** Where a date can begin: its day, its month or its weekday. */
const WORD_START = /(?<![\p{L}\p{N}])[\p{L}\p{N}]/gu;
/** Only dates whose year is written count, so that it changes none of them. */
const ANY_PUBLICATION = '2000-01-01';

/** The plain dates that a text names exactly, whether its sentences set deadlines by them or not; each once, in the order of their place. */
export function namedDates(text: string): string[] {
  const flat = flatten(text.slice(0, searchedLength(text))).text;
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
