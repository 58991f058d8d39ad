import type { Pointer } from '#event-sourcing/envelope';

const WORDS: Readonly<Record<string, string>> = {
  text: 'Text',
  title: 'Title',
  statement: 'Statement',
  reason: 'Reason',
  note: 'Note',
  owner: 'Owner',
  status: 'Status, as it was written',
  publishedElsewhere: 'Where it was published',
  source: 'Imported file',
  sourceSha256: 'Digest of the imported file',
  name: 'Name',
  sha256: 'Digest',
  url: 'Address',
  mediaType: 'Media type',
};

/** What a value is called that can be erased: `/data/items/0/name` is the name of item 1. */
export function valueWords(pointer: Pointer): string {
  const [, , member = '', index, within] = pointer.split('/');
  if (member === 'items' && within !== undefined)
    return `${WORDS[within] ?? within} of item ${Number(index) + 1}`;
  if (member === 'report') return 'Name of the report';
  return WORDS[member] ?? pointer;
}
