import { expect, test } from '@jest/globals';
import { sizeInWords } from './file-size.ts';

test.each([
  [0, '0 bytes'],
  [1, '1 byte'],
  [999, '999 bytes'],
  [3_000, '3 kB'],
  [1_888_729, '1.9 MB'],
  [157_286_400, '157.3 MB'],
  [2_000_000_000_000_000, '2,000 TB'],
])('the size of a file of %d bytes is shown as %s', (bytes, words) => {
  expect(sizeInWords(bytes)).toBe(words);
});
