import { describe, expect, test } from '@jest/globals';
import { RECORD_LIMITS } from '#lifecycle/record-limits';
import { keyOf, PER_RECORD } from './history-tables.ts';

describe('the numbers of rows', () => {
  test('are enough for each event of a full record rewriting all days, each on a day of its own', () => {
    const { events } = RECORD_LIMITS;
    expect((events * (events + 1)) / 2).toBeLessThan(PER_RECORD);
    expect(events).toBeLessThan(PER_RECORD);
  });

  test('are exact up to the last row of the last record, and never those of another record', () => {
    const records = 2 ** 53 / PER_RECORD;
    expect(keyOf(records - 1, PER_RECORD - 1)).toBe(Number.MAX_SAFE_INTEGER);
    expect(records).toBeGreaterThan(100_000_000);
    expect(keyOf(1, 0)).toBe(keyOf(0, PER_RECORD - 1) + 1);
    expect(() => keyOf(0, PER_RECORD)).toThrow(RangeError);
  });
});
