import { describe, expect, test } from '@jest/globals';
import type { JsonObject } from './envelope.ts';
import { UnknownShapeError } from './errors.ts';
import { EventShapes } from './upcasting.ts';
import type { Upcasters } from './upcasting.ts';

const TYPES = { Lent: { schemaVersion: 3 }, Sold: { schemaVersion: 1 } };

/** A book was lent to a name; in the next shape to a person; then to several people. */
const UPCASTERS: Upcasters = {
  Lent: {
    1: {
      data: ({ to, ...rest }) => ({ ...rest, ...(to !== undefined && { person: { name: to } }) }),
      moved: { '/data/to': '/data/person/name' },
    },
    2: {
      data: ({ person, ...rest }) => ({ ...rest, readers: [{ ...(person as JsonObject | undefined) }] }),
      moved: { '/data/person/name': '/data/readers/0/name' },
    },
  },
};
const shapes = new EventShapes(TYPES, UPCASTERS);

const lent = (schemaVersion: number, data: JsonObject, pointer: string) => ({
  type: 'Lent',
  schemaVersion,
  streamId: 'book-1',
  version: 4,
  data,
  commitments: { [pointer]: 'c' },
  salts: { [pointer]: 's', '/command/digest': 'd' },
});

describe('an event of an older shape', () => {
  test('is read in the current shape, step by step, and its erasable values are found at their current places', () => {
    const stored = lent(1, { to: 'Ann', days: 3 }, '/data/to');
    expect(shapes.asToday(stored)).toEqual({
      ...stored,
      schemaVersion: 3,
      data: { readers: [{ name: 'Ann' }], days: 3 },
      commitments: { '/data/readers/0/name': 'c' },
      salts: { '/data/readers/0/name': 's', '/command/digest': 'd' },
    });
    expect(stored.data).toEqual({ to: 'Ann', days: 3 });
  });

  test('that has an erased value lacks it in the current shape, too', () => {
    const read = shapes.asToday({ ...lent(2, { days: 3 }, '/data/person/name'), salts: {} });
    expect(read.data).toEqual({ readers: [{}], days: 3 });
    expect([read.commitments, read.salts]).toEqual([{ '/data/readers/0/name': 'c' }, {}]);
  });

  test('is the same by any path of reading, and if it is upcast twice', () => {
    const once = shapes.asToday(lent(1, { to: 'Ann' }, '/data/to'));
    expect(shapes.asToday(once)).toBe(once);
  });
});

describe('an event of the current shape', () => {
  test.each([
    ['stored', { type: 'Sold', schemaVersion: 1, data: {} }],
    ['decided, and not stored yet', { type: 'Lent', data: { readers: [] } }],
    ['of a type that is for others to refuse', { type: 'Burnt', schemaVersion: 7, data: {} }],
    ['whose type is the name of something else', { type: 'toString', schemaVersion: 7, data: {} }],
  ])('%s, is read unchanged', (_, event) => {
    expect(shapes.asToday(event)).toBe(event);
  });
});

test.each([4, 0, 2.5, -1, Number.NaN])(
  'an event of an unknown shape (%s) is refused with its place and the next step',
  (schemaVersion) => {
    const read = () => shapes.asToday(lent(schemaVersion, {}, '/data/to'));
    expect(read).toThrow(UnknownShapeError);
    expect(read).toThrow(
      `Version 4 of book-1 is a Lent of schemaVersion ${schemaVersion}, which this build of Docket cannot read; it reads up to 3. A newer build wrote the event: use that build`,
    );
  },
);

describe('a pointer into stored events', () => {
  test.each([
    [['/data/readers/0/name'], '/data/readers/0/name', true],
    [['/data/to'], '/data/readers/0/name', true],
    [['/data/other', '/data/person/name'], '/data/readers/0/name', true],
    [['/data/to'], '/data/person/name', true],
    [['/data/readers/0/name'], '/data/to', false],
    [['/data/days'], '/data/readers/0/name', false],
    [[], '/data/to', false],
  ])('%j is a pointer, in some shape, to the current %s: %s', (stored, today, expected) => {
    expect(shapes.isNamed(stored, today)).toBe(expected);
  });

  test('into a list is followed item by item', () => {
    const upcasters = {
      Sold: { 0: { data: (data: JsonObject) => data, moved: { '/data/a/*/b~1c': '/data/*/d' } } },
    };
    const lists = new EventShapes(TYPES, upcasters);
    expect(lists.isNamed(['/data/a/7/b~1c'], '/data/7/d')).toBe(true);
    const { commitments } = lists.asToday({
      type: 'Sold',
      schemaVersion: 0,
      data: {},
      commitments: { '/data/a/0/b~1c': 'x', '/data/a/11/b~1c': 'y', '/data/a/0': 'z' },
    });
    expect(commitments).toEqual({ '/data/0/d': 'x', '/data/11/d': 'y', '/data/a/0': 'z' });
  });
});

test.each<[string, Upcasters]>([
  ['miss a step', { Lent: { 1: { data: (data) => data } } }],
  ['miss one between', { Lent: { 0: { data: (data) => data }, 2: { data: (data) => data } } }],
  ['go beyond that of today', { Sold: { 1: { data: (data) => data } } }],
  ['are of no type', { Burnt: { 1: { data: (data) => data } } }],
])('upcasters that %s are refused where they are written', (_, upcasters) => {
  expect(() => new EventShapes(TYPES, upcasters)).toThrow(/upcasters of (?:Lent|Sold|Burnt)/);
});
