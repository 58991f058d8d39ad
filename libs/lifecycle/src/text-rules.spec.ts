import { describe, expect, test } from '@jest/globals';
import { ONE_LINE, onOneLine } from './text-rules.ts';

const STEERS = [
  ['a line feed', '\n'],
  ['a tab', '\t'],
  ['an escape', '\u001b'],
  ['U+0085', '\u0085'],
  ['U+2028', '\u2028'],
  ['U+2029', '\u2029'],
  ['U+202A', '\u202a'],
  ['U+202E', '\u202e'],
  ['U+2066', '\u2066'],
  ['U+2069', '\u2069'],
] as const;

describe('a text of one line', () => {
  test.each(STEERS)('given %s, then it is invalid, and a space replaces it', (_, sign) => {
    expect(ONE_LINE.test(`one${sign}two`)).toBe(false);
    expect(onOneLine(`${sign}one${sign}two${sign}`)).toBe('one two');
  });

  test('given letters of any script, joined ones too, then it is valid, and is not changed', () => {
    for (const text of ['Units – “all” of them', 'می‌خواهم', '\u200fשלום\u200e', '👩‍🚒', '']) {
      expect(ONE_LINE.test(text)).toBe(true);
      expect(onOneLine(text)).toBe(text);
    }
  });
});
