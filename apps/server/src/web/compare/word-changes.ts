import { diffWordsWithSpace } from 'diff';

/** A stretch of two texts: in both, or in one of them. */
export interface WordChange {
  readonly in: 'both' | 'before' | 'after';
  readonly text: string;
}

/** Beyond so many words that differ, two texts have nothing to do with each other, and finding out takes long. */
const EDITS_MAX = 1_500;

/** What changed from one text to another, word by word; null where nearly everything did. */
export function wordChanges(before: string, after: string): WordChange[] | null {
  const found = diffWordsWithSpace(before, after, { maxEditLength: EDITS_MAX });
  return (
    found?.map(({ added, removed, value }) => ({
      in: added ? 'after' : removed ? 'before' : 'both',
      text: value,
    })) ?? null
  );
}
