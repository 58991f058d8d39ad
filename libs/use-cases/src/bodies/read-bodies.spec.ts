import { describe, expect, test } from '@jest/globals';
import { stringify } from 'csv-stringify/sync';
import * as fc from 'fast-check';
import { readBodies } from './read-bodies.ts';

const KENT = { slug: 'kent', name: 'Kent Police', kind: 'police-force' };

describe('a file of bodies', () => {
  test.each([
    ['as it is', 'slug,name,kind\nkent,Kent Police,police-force\n'],
    ['with the marks of a spreadsheet', '\ufeffslug,name,kind\r\nkent,"Kent Police",police-force\r\n\r\n'],
    ['with spaces around', 'slug, name, kind\nkent , Kent Police , police-force'],
  ])('is read %s', (_, csv) => {
    expect(readBodies(csv)).toEqual([KENT]);
  });

  test.each([
    ['', /^line 1: must be the header slug,name,kind/],
    ['name,slug,kind\nKent Police,kent,police-force\n', /^line 1: must be the header/],
    ['slug,name,kind\nkent,Kent Police\n', /^line 2: has 2 columns/],
    ['slug,name,kind\nkent,"Kent\nPolice",police-force\n', /, column name: must be a name on one line/],
    ['slug,name,kind\n\nKent,Kent Police,police-force\n', /^line 3, column slug: must be a slug/],
    ['slug,name,kind\nkent,Kent Police,Police force\n', /^line 2, column kind: must be a slug/],
    ['slug,name,kind\nkent, ,police-force\n', /^line 2, column name/],
    [`slug,name,kind\nkent,${'x'.repeat(201)},police-force\n`, /^line 2, column name: must have at most 200/],
    ['slug,name,kind\nkent,K,f\nessex,E,f\nkent,L,f\n', /^line 4, column slug: kent occurs twice/],
    ['slug,name,kind\nkent,Kent "Police,police-force\n', /^line 2, column name: is not CSV/],
  ])('given %j, then it is refused with its place', (csv, message) => {
    expect(() => readBodies(csv)).toThrow(
      expect.objectContaining({ code: 'invalid-payload', message: expect.stringMatching(message) }),
    );
  });

  test('any names that are written to a file are read from it', () => {
    const name = fc
      .string({ minLength: 1, maxLength: 30, unit: 'grapheme-ascii' })
      .filter((text) => text.trim() !== '')
      .map((text) => text.trim());
    const body = fc.record({
      slug: fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,20}$/),
      name,
      kind: fc.constant('x'),
    });
    fc.assert(
      fc.property(fc.uniqueArray(body, { selector: ({ slug }) => slug }), (bodies) => {
        expect(readBodies(stringify([['slug', 'name', 'kind'], ...bodies.map(Object.values)]))).toEqual(
          bodies,
        );
      }),
    );
  });
});
