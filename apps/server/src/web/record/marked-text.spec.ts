import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { markedText } from './marked-text.ts';

const plain = (text: string, ...marks: readonly (readonly [number, number, string])[]) =>
  markedText(
    text,
    marks.map(([from, to, found]) => ({ from, to, found })),
  ).map((paragraph) =>
    paragraph.map(({ text: words, found }) => (found.length === 0 ? words : `[${words}|${found.join('+')}]`)),
  );

describe('a text with marks', () => {
  test('marks the findings at their places', () => {
    expect(plain('Act by May. Or by June.', [4, 10, 'a'], [15, 22, 'b'])).toEqual([
      ['Act ', '[by May|a]', '. Or ', '[by June|b]', '.'],
    ]);
  });

  test('is shown line by line, and blank lines only separate the others', () => {
    expect(plain('One.\r\n\n  \nTwo.', [10, 13, 'a'])).toEqual([['One.'], ['[Two|a]', '.']]);
  });

  test('shows overlapping places once', () => {
    expect(plain('by the end of May', [0, 17, 'a'], [14, 17, 'b'], [0, 6, 'c'])).toEqual([
      ['[by the end of May|a+c+b]'],
    ]);
  });

  test('marks a place that ends in a line up to the end of the line', () => {
    expect(plain('by\nMay', [0, 6, 'a'])).toEqual([['[by|a]'], ['May']]);
  });

  test('ignores places outside it', () => {
    expect(plain('May', [1, 9, 'a'], [2, 2, 'b'], [-1, 2, 'c'])).toEqual([['May']]);
  });

  test('keeps every word of a text, and every mark of a line', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'é', '😀', ' ', '.') });
    const place = fc.tuple(fc.nat(30), fc.integer({ min: 1, max: 8 }));
    fc.assert(
      fc.property(text, fc.array(place, { maxLength: 5 }), (source, places) => {
        const marks = places.map(([from, length], found) => ({ from, to: from + length, found }));
        const [paragraph = []] = markedText(source, marks);
        if (source.trim() === '') return;
        expect(paragraph.map((segment) => segment.text).join('')).toBe(source);
        const kept = marks.filter(({ to }) => to <= source.length).map(({ found }) => found);
        expect(paragraph.flatMap(({ found }) => found).sort()).toEqual(kept);
      }),
    );
  });
});
