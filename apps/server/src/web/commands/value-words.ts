import { labelOf } from '#lifecycle/fields';
import type { Pointer } from '#event-sourcing/envelope';

/** What is called otherwise than by its name. */
const WORDS: Readonly<Record<string, string>> = {
  status: 'Status, as it was written',
  publishedElsewhere: 'Where it was published',
  source: 'Imported file',
  sourceSha256: 'Digest of the imported file',
  sha256: 'Digest',
  url: 'Address',
};
const wordsFor = (member: string): string => WORDS[member] ?? labelOf(member);

/** What a value is called that can be erased: `/data/items/0/name` is the name of item 1. */
export function valueWords(pointer: Pointer): string {
  const [, , member = '', index, within] = pointer.split('/');
  if (member === 'items' && within !== undefined) return `${wordsFor(within)} of item ${Number(index) + 1}`;
  return member === 'report' ? 'Name of the report' : wordsFor(member);
}
