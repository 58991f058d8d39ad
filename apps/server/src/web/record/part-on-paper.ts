import { deflateRawSync } from 'node:zlib';
import type { TimelineItem } from '#read-models/timeline/timeline';
import type { SeenPage } from '#use-cases/records/see-page';

/** The maximum of entries in one part; one more is read to know whether another part follows. */
const ENTRIES_MAX = 100;
export const READ_FOR_PAPER = ENTRIES_MAX + 1;

/** The limit for the compressed texts of a part; a page has at most 100 kB in all. */
const COMPRESSED_BYTES_MAX = 70_000;

/** The entries of a part, and the version that the next part starts with; null in the last part. */
export interface PartOnPaper {
  readonly items: readonly TimelineItem[];
  readonly next: number | null;
}

/** Returns as many entries as fit, at least one. */
export function partOnPaper({ entries, record }: Pick<SeenPage, 'entries' | 'record'>): PartOnPaper {
  // The first part also contains the recommendation's text.
  let left = COMPRESSED_BYTES_MAX - (entries.before === 0 ? compressedLength(record.text) : 0);
  const isOver = ({ text, reason }: TimelineItem): boolean =>
    (left -= compressedLength(text) + compressedLength(reason)) < 0;
  const found = entries.items.findIndex(isOver);
  const count = Math.min(found < 0 ? ENTRIES_MAX : Math.max(1, found), ENTRIES_MAX);
  const next = entries.items[count]?.version ?? null;
  return { items: entries.items.slice(0, count), next };
}

const compressedLength = (words: string | null | undefined): number =>
  words === null || words === undefined ? 0 : deflateRawSync(words).length;
