import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { addDays } from '#lifecycle/plain-date';
import { londonDate, londonDay } from './london.ts';

describe('the date in London', () => {
  test.each([
    // Winter time is UTC.
    ['2026-01-15T23:59:59.999Z', '2026-01-15'],
    ['2026-01-16T00:00:00.000Z', '2026-01-16'],
    // Summer time is an hour ahead.
    ['2026-06-30T22:59:59.999Z', '2026-06-30'],
    ['2026-06-30T23:00:00.000Z', '2026-07-01'],
    ['2026-06-30T23:30:00.000Z', '2026-07-01'],
    // The clocks go forward on 29 March 2026 at 01:00 UTC.
    ['2026-03-28T23:30:00.000Z', '2026-03-28'],
    ['2026-03-29T00:59:59.999Z', '2026-03-29'],
    ['2026-03-29T01:00:00.000Z', '2026-03-29'],
    ['2026-03-29T22:59:59.999Z', '2026-03-29'],
    ['2026-03-29T23:00:00.000Z', '2026-03-30'],
    // They go back on 25 October 2026 at 01:00 UTC.
    ['2026-10-24T22:59:59.999Z', '2026-10-24'],
    ['2026-10-24T23:00:00.000Z', '2026-10-25'],
    ['2026-10-25T00:30:00.000Z', '2026-10-25'],
    ['2026-10-25T01:30:00.000Z', '2026-10-25'],
    ['2026-10-25T23:59:59.999Z', '2026-10-25'],
    ['2026-10-26T00:00:00.000Z', '2026-10-26'],
    ['2026-12-31T23:59:59.999Z', '2026-12-31'],
    ['2024-02-29T12:00:00.000Z', '2024-02-29'],
    // Years always have four digits.
    ['0001-01-01T23:59:59.999Z', '0001-01-01'],
    ['0999-06-30T12:00:00.000Z', '0999-06-30'],
    // The offset determines the instant.
    ['2026-07-01T00:30:00.000+02:00', '2026-06-30'],
  ])('at %s is %s', (instant, date) => {
    expect(londonDate(instant)).toBe(date);
    expect(londonDate(Date.parse(instant))).toBe(date);
  });

  test('is the same as in Temporal, for instants in any order', () => {
    const instant = fc.date({
      min: new Date('1971-01-01'),
      max: new Date('2100-01-01'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(fc.array(instant, { minLength: 2, maxLength: 5 }), (dates) => {
        for (const date of [...dates, ...dates]) {
          const expected = Temporal.Instant.fromEpochMilliseconds(date.getTime())
            .toZonedDateTimeISO('Europe/London')
            .toPlainDate()
            .toString();
          expect(londonDate(date.getTime())).toBe(expected);
        }
      }),
      { numRuns: 100 },
    );
  });

  test('of no instant is an error, not a date', () => {
    expect(() => londonDate('yesterday')).toThrow(RangeError);
  });
});

describe('a day in London', () => {
  test.each([
    // A day starts as in UTC in winter and an hour earlier in summer, and has 23 or 25 hours if the clocks change.
    ['2026-01-15', '2026-01-15T00:00:00.000Z', '2026-01-15T23:59:59.999Z'],
    ['2026-07-15', '2026-07-14T23:00:00.000Z', '2026-07-15T22:59:59.999Z'],
    ['2026-03-28', '2026-03-28T00:00:00.000Z', '2026-03-28T23:59:59.999Z'],
    ['2026-03-29', '2026-03-29T00:00:00.000Z', '2026-03-29T22:59:59.999Z'],
    ['2026-10-24', '2026-10-23T23:00:00.000Z', '2026-10-24T22:59:59.999Z'],
    ['2026-10-25', '2026-10-24T23:00:00.000Z', '2026-10-25T23:59:59.999Z'],
  ])('%s is from %s to %s', (date, from, to) => {
    expect(londonDay(date)).toEqual({ from, to });
  });

  test('begins and ends on its own date, and the next begins a millisecond later', () => {
    const recent = fc
      .date({ min: new Date('1900-01-01'), max: new Date('2100-12-31'), noInvalidDate: true })
      .map((date) => date.toISOString().slice(0, 10));
    fc.assert(
      fc.property(recent, (date) => {
        const { from, to } = londonDay(date);
        expect([londonDate(from), londonDate(to)]).toEqual([date, date]);
        expect(Date.parse(londonDay(addDays(date, 1)).from) - Date.parse(to)).toBe(1);
      }),
    );
  });
});
