import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { millisecondsOf } from './log-order.ts';

/**
 * Instants within a few days, so that most have the same day as the previous one, and texts that differ from an instant in one character.
 */
const instant = fc
  .integer({ min: Date.UTC(2026, 1, 27), max: Date.UTC(2026, 2, 2) - 1 })
  .map((milliseconds) => new Date(milliseconds).toISOString());
const altered = fc
  .tuple(instant, fc.nat(23), fc.integer({ min: 0x20, max: 0x7f }))
  .map(([text, at, code]) => text.slice(0, at) + String.fromCharCode(code) + text.slice(at + 1));
const other = fc.constantFrom(
  '',
  'T',
  '2026-02-28',
  '2026-02-28T24:00:00.000Z',
  '+012026-02-28T00:00:00.000Z',
);

const reference = (text: string): number | null => {
  const milliseconds = Date.parse(text);
  return Number.isNaN(milliseconds) || new Date(milliseconds).toISOString() !== text ? null : milliseconds;
};

test('given instants and other texts after each other, then each is read as if it were the only one', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(instant, altered, other), { maxLength: 30 }), (texts) => {
      expect(texts.map(millisecondsOf)).toEqual(texts.map(reference));
    }),
  );
});
