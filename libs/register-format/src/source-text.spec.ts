import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { byteCursor, decodeSource, invalidUtf8, positionCursor } from './source-text.ts';

/** Bytes that often occur in UTF-8 sequences. */
const nastyBytes = fc
  .array(
    fc.constantFrom(
      0x41,
      0x0a,
      0x80,
      0xa0,
      0xbf,
      0xc2,
      0xe0,
      0xe2,
      0xed,
      0xef,
      0xbb,
      0xbd,
      0xf0,
      0x90,
      0xf4,
      0xff,
    ),
  )
  .map((bytes) => Uint8Array.from(bytes));

describe('byteCursor', () => {
  it('given any bytes, then each character is at the place of its bytes', () => {
    fc.assert(
      fc.property(fc.oneof(nastyBytes, fc.uint8Array()), (source) => {
        const { text } = decodeSource(source);
        const byteAt = byteCursor(source, text);
        const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
        let from = 0;
        let at = 0;
        for (const character of text) {
          at += character.length;
          const to = byteAt(at);
          expect(decoder.decode(source.subarray(from, to))).toBe(character);
          from = to;
        }
        expect(from).toBe(source.length);
      }),
    );
  });
});

describe('positionCursor', () => {
  it('counts a line for each \\n, \\r\\n and lone \\r, and columns in UTF-16 code units after a BOM', () => {
    const source = decodeSource(new TextEncoder().encode('\ufeffa😀b\r\nc\rd\n\ne'));
    const positionAt = positionCursor(source);
    const places = ['a', 'b', 'c', 'd', 'e'].map((letter) => positionAt(source.text.indexOf(letter)));
    expect(places).toEqual([
      { line: 1, column: 1 },
      { line: 1, column: 4 },
      { line: 2, column: 1 },
      { line: 3, column: 1 },
      { line: 5, column: 1 },
    ]);
  });
});

describe('invalidUtf8', () => {
  it('returns each run of invalid bytes once, and leaves a genuine U+FFFD alone', () => {
    const source = Uint8Array.from([0x41, 0xff, 0xe2, 0x82, 0x42, 0xef, 0xbf, 0xbd, 0x43, 0xc3]);
    expect(invalidUtf8(source, decodeSource(source))).toEqual([
      { code: 'invalid-utf8', offset: 1, detail: '3 bytes are not valid UTF-8' },
      { code: 'invalid-utf8', offset: 6, detail: '1 byte is not valid UTF-8' },
    ]);
  });
});
