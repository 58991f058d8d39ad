import { describe, expect, test } from '@jest/globals';
import { parseKnownAt, viewPoint } from './record-at.ts';

/** Half past midnight in London, in summer. */
const NOW = Date.parse('2026-07-01T23:30:00.000Z');

describe('the instant up to which a view knows', () => {
  test.each([
    ['2026-07-01T23:30:00Z', '2026-07-01T23:30:00.000Z'],
    ['2026-07-02T00:30:00+01:00', '2026-07-01T23:30:00.000Z'],
    ['2026-06-30', '2026-06-30T22:59:59.999Z'],
    ['2026-01-31', '2026-01-31T23:59:59.999Z'],
    ['2026-03-29', '2026-03-29T22:59:59.999Z'],
    ['2025-10-26', '2025-10-26T23:59:59.999Z'],
    // In London it is 2 July, and that day has not ended.
    ['2026-07-01', '2026-07-01T22:59:59.999Z'],
    ['2026-07-02', '2026-07-01T23:30:00.000Z'],
  ])('named %s, is %s', (text, knownAt) => {
    expect(parseKnownAt(text, NOW)).toEqual({ knownAt });
  });

  test.each(['2026-07-03', '2026-07-01T23:30:00.001Z', '9999-12-31'])('%s is in the future', (text) => {
    expect(parseKnownAt(text, NOW)).toBe('in-future');
  });

  test.each(['', 'today', '2026-06-31', '2026-6-1', '2026-06-30T10:00:00', '2026-06-30Z'])(
    '%j is not an instant or a date',
    (text) => {
      expect(parseKnownAt(text, NOW)).toBe('no-instant');
    },
  );
});

describe('a view', () => {
  test('is of everything by default', () => {
    expect(viewPoint(null, null)).toEqual({ effectiveOn: null, knownAt: null });
  });

  test('of an instant alone is of the day that it was in London', () => {
    const knownAt = '2026-07-01T23:30:00.000Z';
    expect(viewPoint(null, knownAt)).toEqual({ effectiveOn: '2026-07-02', knownAt });
    expect(viewPoint('2026-05-01', knownAt)).toEqual({ effectiveOn: '2026-05-01', knownAt });
  });
});
