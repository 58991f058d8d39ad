import { deflateRawSync } from 'node:zlib';
import type { TimelineItem } from '#read-models/timeline/timeline';
import type { SeenPage } from '#use-cases/records/see-page';

/** So many entries are on a part of the paper at the most; one more says that there is another part. */
const ENTRIES_MAX = 100;
export const READ_FOR_PAPER = ENTRIES_MAX + 1;

/** What their words may take once they are compressed: a page has 100 kB at the most, with all that is around them. */
const COMPRESSED_BYTES_MAX = 70_000;

/** The entries of a part of the paper, and the version that the next one begins with; null on the last. */
export interface PartOnPaper {
  readonly items: readonly TimelineItem[];
  readonly next: number | null;
}

/** As many of the entries as a part has room for; one at least, however long. */
export function partOnPaper({ entries, record }: Pick<SeenPage, 'entries' | 'record'>): PartOnPaper {
  // The text of the recommendation is on the first part.
  let left = COMPRESSED_BYTES_MAX - (entries.before === 0 ? compressed(record.text) : 0);
  const isOver = ({ text, reason }: TimelineItem): boolean =>
    (left -= compressed(text) + compressed(reason)) < 0;
  const found = entries.items.findIndex(isOver);
  const count = Math.min(found < 0 ? ENTRIES_MAX : Math.max(1, found), ENTRIES_MAX);
  const next = entries.items[count]?.version ?? null;
  return { items: entries.items.slice(0, count), next };
}

const compressed = (words: string | null | undefined): number =>
  words === null || words === undefined ? 0 : deflateRawSync(words).length;
