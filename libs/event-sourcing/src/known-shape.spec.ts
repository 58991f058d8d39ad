import { describe, expect, test } from '@jest/globals';
import { UnknownShapeError } from './errors.ts';
import { withKnownShape } from './known-shape.ts';

const TYPES = { Lent: { schemaVersion: 3 }, Sold: { schemaVersion: 1 } };

describe('an event', () => {
  test.each([
    ['stored in the shape that is known', { type: 'Sold', schemaVersion: 1 }],
    ['decided, and not stored yet', { type: 'Lent' }],
    ['of a type that is for others to refuse', { type: 'Burnt', schemaVersion: 7 }],
    ['whose type is the name of something else', { type: 'toString', schemaVersion: 7 }],
  ])('%s, is read unchanged', (_, event) => {
    expect(withKnownShape(TYPES, event)).toBe(event);
  });

  test.each([4, 2, 0, 2.5, -1, Number.NaN])(
    'of an unknown shape (%s) is refused with its place and the next step',
    (schemaVersion) => {
      const read = () =>
        withKnownShape(TYPES, { type: 'Lent', schemaVersion, streamId: 'book-1', version: 4 });
      expect(read).toThrow(UnknownShapeError);
      expect(read).toThrow(
        `Version 4 of book-1 is a Lent of schemaVersion ${schemaVersion}, which this build of Docket cannot read; it reads 3. Use the build that wrote the event`,
      );
    },
  );
});
