import { expect, test } from '@jest/globals';
import { count, freeText, list, object, optional } from './fields.ts';
import { definitionsOf } from './lifecycle-definition.ts';
import { note } from './shapes.ts';

const membersOf = (members: Parameters<typeof note>[0]) =>
  definitionsOf({ Noted: note(members) }).Noted.members;

test('given a renamed member, also of a list, then the definition differs; given a new optional one, then it does not', () => {
  const items = list(object({ page: count(), line: optional(count()) }));
  const before = { text: freeText(), items };
  expect(membersOf(before)).toEqual(['items', 'items/page', 'text']);
  expect(membersOf({ words: freeText(), items })).toEqual(['items', 'items/page', 'words']);
  expect(membersOf({ text: freeText(), items: list(object({ leaf: count() })) })).toEqual([
    ...['items', 'items/leaf', 'text'],
  ]);
  expect(membersOf({ ...before, topic: optional(freeText()) })).toEqual(membersOf(before));
});
