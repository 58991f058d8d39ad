import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { addDays } from '#lifecycle/plain-date';
import { DAY_MS, ENDLESS, lengthsOf, LONGEST, NEVER, NEVER_ON } from './spans.ts';

const KNOWN = Date.parse('2026-01-01');
const FROM = '2016-02-01';
/** Returns the lengths of a row that is valid and open for these times. */
const lengths = (days: number, milliseconds: number) =>
  lengthsOf({
    ...{ from_on: FROM, next_on: addDays(FROM, days) },
    ...{ known: KNOWN, next_known: KNOWN + milliseconds },
  });

describe('the length of a row', () => {
  test('is at most the written length, and more than the next shorter one', () => {
    const anyDays = fc.integer({ min: 1, max: 2_000_000 });
    fc.assert(
      fc.property(anyDays, fc.integer({ min: 1, max: 100_000 * DAY_MS }), (days, milliseconds) => {
        const { held: effective, open } = lengths(days, milliseconds);
        expect(2 ** effective).toBeGreaterThanOrEqual(days);
        expect(effective === 0 ? 0 : 2 ** (effective - 1)).toBeLessThan(days);
        expect(2 ** open * DAY_MS).toBeGreaterThanOrEqual(milliseconds);
        expect(open === 0 ? 0 : 2 ** (open - 1) * DAY_MS).toBeLessThan(milliseconds);
      }),
    );
  });

  test('has no end if none is known, and is never longer than all days', () => {
    const endless = { from_on: FROM, next_on: NEVER_ON, known: KNOWN, next_known: NEVER };
    expect(lengthsOf(endless)).toEqual({ held: ENDLESS, open: ENDLESS });
    const whole = { from_on: '0001-01-01', next_on: '9999-12-31', known: 0, next_known: NEVER - 1 };
    expect(lengthsOf(whole)).toEqual({ held: LONGEST, open: LONGEST });
  });

  test('is empty if its end became known together with it', () => {
    expect(lengths(3, 0).open).toBeLessThan(0);
  });
});
