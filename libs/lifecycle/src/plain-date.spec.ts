import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { addDays, daysBetween, isPlainDate, parseInstant } from './plain-date.ts';

const anyDate = fc
  .date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));

describe('isPlainDate', () => {
  test.each(['2016-06-30', '2016-02-29', '2000-02-29', '2024-02-29', '0001-01-01', '9999-12-31'])(
    'accepts %s',
    (text) => {
      expect(isPlainDate(text)).toBe(true);
    },
  );

  test.each([
    '2016-06-31',
    '2015-02-29',
    '1900-02-29',
    '2100-02-29',
    '2016-13-01',
    '0000-12-31',
    '2016-00-10',
    '2016-01-00',
    '2016-1-1',
    '16-01-01',
    '+002016-01-01',
    '2016/01/01',
    '2016-01-01T00:00:00Z',
    '2016-01-01\n',
    ' 2016-01-01',
    '２０１６-01-01',
    '',
    20160630,
    null,
    undefined,
    ['2016-06-30'],
    new Date('2016-06-30'),
  ])('refuses %j', (value) => {
    expect(isPlainDate(value)).toBe(false);
  });

  test('accepts every day that the calendar has', () => {
    fc.assert(
      fc.property(anyDate, (date) => {
        expect(isPlainDate(date)).toBe(true);
      }),
    );
  });
});

describe('days', () => {
  test.each([
    ['2016-02-28', 1, '2016-02-29'],
    ['2016-02-28', 2, '2016-03-01'],
    ['2015-02-28', 1, '2015-03-01'],
    ['2016-12-31', 1, '2017-01-01'],
    ['2016-03-01', -1, '2016-02-29'],
    ['2016-06-30', 0, '2016-06-30'],
    ['2016-06-30', 365, '2017-06-30'],
  ])('%s and %d days is %s', (date, days, expected) => {
    expect(addDays(date, days)).toBe(expected);
    expect(daysBetween(date, expected)).toBe(days);
  });

  test.each([
    ['2026-03-28', '2026-03-30'],
    ['2026-10-24', '2026-10-26'],
  ])('are whole where a clock changes between %s and %s', (before, after) => {
    expect(daysBetween(before, after)).toBe(2);
    expect(addDays(before, 2)).toBe(after);
  });

  test('stop at the largest years of a date: dates still compare as texts', () => {
    expect(addDays('9999-12-31', 1)).toBe('9999-12-31');
    expect(addDays('9999-12-20', 30)).toBe('9999-12-31');
    expect(addDays('0001-01-01', -14)).toBe('0001-01-01');
  });

  test('added and counted agree, and keep the order of texts', () => {
    fc.assert(
      fc.property(anyDate, fc.integer({ min: -40_000, max: 40_000 }), (date, days) => {
        const other = addDays(date, days);
        expect(isPlainDate(other)).toBe(true);
        expect(other < date).toBe(daysBetween(date, other) < 0);
        if (other !== '9999-12-31' && other !== '0001-01-01') expect(daysBetween(date, other)).toBe(days);
      }),
    );
  });
});

describe('parseInstant', () => {
  test.each([
    ['2026-11-24T10:00:00Z', '2026-11-24T10:00:00.000Z'],
    ['2026-11-24T10:00Z', '2026-11-24T10:00:00.000Z'],
    ['2026-11-24T10:00:00.5Z', '2026-11-24T10:00:00.500Z'],
    ['2026-11-24T10:00:00.123456789Z', '2026-11-24T10:00:00.123Z'],
    ['2026-11-24T10:00:00+01:00', '2026-11-24T09:00:00.000Z'],
    ['2026-11-24T23:30:00-05:00', '2026-11-25T04:30:00.000Z'],
  ])('%s is %s', (text, instant) => {
    expect(parseInstant(text)).toBe(instant);
  });

  test.each([
    '2026-11-24',
    '2026-11-24T10:00:00',
    '2026-11-24 10:00:00Z',
    '2026-02-30T10:00:00Z',
    '2026-11-24T25:00:00Z',
    '2026-11-24T10:60:00Z',
    '2026-11-24T10:00:00+25:00',
    '2026-11-24T10:00:00z',
    '2026-11-24T10:00:00Z\n',
    'now',
    '',
    '0',
    // Beyond four-digit years, text order differs from time order.
    '9999-12-31T23:59:59-01:00',
    '0000-01-01T00:00:00+01:00',
  ])('refuses %j', (text) => {
    expect(parseInstant(text)).toBeNull();
  });

  test('returns what a store recorded', () => {
    const instant = fc.date({
      min: new Date('1970-01-01'),
      max: new Date('9999-12-31'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(instant, (date) => {
        expect(parseInstant(date.toISOString())).toBe(date.toISOString());
      }),
    );
  });
});
