import { describe, expect, test } from '@jest/globals';
import {
  byCommand,
  canBeAbsent,
  count,
  freeText,
  identifier,
  list,
  object,
  optional,
  orNull,
  plainDate,
} from './fields.ts';
import { definitionsOf } from './lifecycle-definition.ts';
import { first, move, note } from './shapes.ts';
import type { DataOf, ImportedDataOf, StoredDataOf } from './shapes.ts';

const shapes = {
  Opened: first({ subject: freeText('What it is about.'), due: orNull(plainDate()) }),
  Answered: move('progress', { text: byCommand(freeText()), by: byCommand(identifier()), day: plainDate() }),
  Noted: note({
    pages: list(object({ title: freeText(), number: optional(count()) })),
    place: object({ note: freeText() }),
  }),
};

// The compiler checks these: `npm run lint` fails if a line below a @ts-expect-error compiles.
type Made = DataOf<typeof shapes>;
type Imported = ImportedDataOf<typeof shapes>;
type Stored = StoredDataOf<typeof shapes>;
export const made = [
  { subject: 'a', due: null } satisfies Made['Opened'],
  { pages: [{ title: 'one' }], place: { note: 'here' } } satisfies Made['Noted'],
  // @ts-expect-error -- a member is missing
  { due: null } satisfies Made['Opened'],
  // @ts-expect-error -- it cannot be null
  { text: 'a', by: 'ann', day: null } satisfies Made['Answered'],
  // @ts-expect-error -- there is no such member
  { subject: 'a', due: null, colour: 'red' } satisfies Made['Opened'],
];
export const imported = [
  { day: '2026-01-01' } satisfies Imported['Answered'],
  // @ts-expect-error -- an import does not have it
  { day: '2026-01-01', by: 'ann' } satisfies Imported['Answered'],
];
export const stored = [
  { due: null } satisfies Stored['Opened'],
  { day: '2026-01-01' } satisfies Stored['Answered'],
  { pages: [{}], place: {} } satisfies Stored['Noted'],
  // @ts-expect-error -- a member that cannot be erased is missing
  { subject: 'a' } satisfies Stored['Opened'],
];

describe('the shape of an event', () => {
  test('given free text in members, objects and lists, then its pointers are those of a redaction', () => {
    expect(shapes.Opened.sensitive).toEqual(['/data/subject']);
    expect(shapes.Noted.sensitive).toEqual(['/data/pages/*/title', '/data/place/note']);
  });

  test('given an event type, then its definition has the paths of its required members, without their shapes', () => {
    expect(definitionsOf(shapes)).toEqual({
      Opened: { kind: 'first', schemaVersion: 1, members: ['due', 'subject'] },
      Answered: {
        ...{ kind: 'move', owner: 'progress', countsFor: ['progress'], schemaVersion: 1 },
        members: ['by', 'day', 'text'],
      },
      Noted: { kind: 'note', schemaVersion: 1, members: ['pages', 'pages/title', 'place', 'place/note'] },
    });
  });

  test('given a stored event, then it can lack erasable and optional members, and what an import lacks', () => {
    const { subject, due } = shapes.Opened.members;
    const { by, day } = shapes.Answered.members;
    expect([subject, by, optional(count())].map(canBeAbsent)).toEqual([true, true, true]);
    expect([due, day].map(canBeAbsent)).toEqual([false, false]);
  });
});
