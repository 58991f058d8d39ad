import { WORD_END } from './calendar-words.ts';
import { LATEST } from './cued-dates.ts';
import { judge, type Finding, type Judged, type Search } from './judged.ts';
import { readDate } from './read-date.ts';

const LATEST_ALONE = new RegExp(`(?<=\\d)${LATEST}${WORD_END}`, 'giu');
/** A length longer than any date. */
const DATE_REACH = 48;

/** Yields dates without a cue that "at the latest" follows, except those already found. */
export function* latestDates(search: Search, found: readonly Finding[]): Generator<Judged> {
  const ends = new Set(found.map(({ to }) => to));
  for (const { index, 0: words } of search.text.matchAll(LATEST_ALONE)) {
    const to = index + words.length;
    if (ends.has(to)) continue;
    const judged = dateEnding(search, index, to);
    if (judged !== null) yield judged;
  }
}

function dateEnding(search: Search, end: number, to: number): Judged | null {
  const { text, publishedOn } = search;
  const start = Math.max(0, end - DATE_REACH);
  for (const word of text.slice(start, end).matchAll(/(?<![\p{L}\p{N}])[\p{L}\p{N}]/gu)) {
    const from = start + word.index;
    const reading = readDate(text, from, publishedOn);
    if (reading?.end !== end) continue;
    const candidate = {
      from,
      to,
      reading,
      date: reading.by,
      isLoose: false,
      isLabelled: false,
      isForm: false,
    };
    return { from, finding: judge(search, candidate) };
  }
  return null;
}
