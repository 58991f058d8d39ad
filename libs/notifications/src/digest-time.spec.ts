import { describe, expect, test } from '@jest/globals';
import { nextDigest } from './digest-time.ts';

const next = (now: string) => {
  const { day, at } = nextDigest(Date.parse(now));
  return [day, new Date(at).toISOString()];
};

describe('the next digest', () => {
  test('is at eight in London, summer and winter', () => {
    expect(next('2026-11-24T07:59:59.999Z')).toEqual(['2026-11-24', '2026-11-24T08:00:00.000Z']);
    expect(next('2026-07-01T06:59:00Z')).toEqual(['2026-07-01', '2026-07-01T07:00:00.000Z']);
  });

  test('at exactly that moment is the one of the next day', () => {
    expect(next('2026-11-24T08:00:00.000Z')).toEqual(['2026-11-25', '2026-11-25T08:00:00.000Z']);
  });

  test('is also sent on the day on which the clocks change', () => {
    expect(next('2026-03-28T23:00:00Z')).toEqual(['2026-03-29', '2026-03-29T07:00:00.000Z']);
  });
});
