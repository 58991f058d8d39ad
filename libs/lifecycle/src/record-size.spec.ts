import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { utf8Length } from './record-size.ts';

describe('the length of a text in UTF-8', () => {
  it('given any text, including lone surrogates, is that of its encoding', () => {
    const encoder = new TextEncoder();
    const unit = fc.oneof(
      fc.integer({ min: 0, max: 0xffff }),
      fc.integer({ min: 0xd7ff, max: 0xe000 }),
      fc.constantFrom(0x7f, 0x80, 0x7ff, 0x800),
    );
    fc.assert(
      fc.property(fc.array(unit), (units) => {
        const text = String.fromCharCode(...units);
        expect(utf8Length(text)).toBe(encoder.encode(text).length);
      }),
    );
  });
});
