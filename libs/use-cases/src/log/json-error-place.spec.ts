import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { jsonErrorPlace } from './json-error-place.ts';

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

describe('where a text stops being JSON', () => {
  test.each([
    ['', 1, 1],
    ['{"a":1,}', 1, 8],
    ['{"a"\n:01}', 2, 3],
    ['[1,\n2,\n ]', 3, 2],
    ['{"a":"b\u0000"}', 1, 6],
    ['[true] x', 1, 8],
    ['[1', 1, 3],
    ['{1:2}', 1, 2],
    ['[1 2]', 1, 4],
    ['[}', 1, 2],
  ])('given %j, then line %d, column %d', (text, line, column) => {
    expect(jsonErrorPlace(text)).toEqual({ line, column });
  });

  test("given any text, then it finds the place of a parser's error, and none without an error", () => {
    const some = fc.string({ unit: fc.constantFrom(...Array.from('{}[],:"\\u0a1-.e tn\n')), maxLength: 12 });
    const cut = fc
      .tuple(fc.json(), fc.nat(), fc.constantFrom('', ',', '}', ']', '"', '1', ' '))
      .map(
        ([json, at, put]) => json.slice(0, at % (json.length + 1)) + put + json.slice(at % (json.length + 1)),
      );
    fc.assert(
      fc.property(fc.oneof(some, cut, fc.json()), (text) => {
        expect(jsonErrorPlace(text) === null).toBe(isJson(text));
      }),
      { numRuns: 300 },
    );
  });
});
