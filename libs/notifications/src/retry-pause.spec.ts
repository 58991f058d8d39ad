import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { pauseAfter } from './retry-pause.ts';

const DAY_MS = 86_400_000;
const settings = { maxAttempts: 12, firstPauseMs: 30_000 };

describe('the pause after an attempt', () => {
  test('grows threefold up to 16 hours: twelve attempts last three days', () => {
    const pauses = Array.from({ length: 11 }, (_, index) => pauseAfter(index + 1, settings, 0.5));
    expect(pauses.slice(0, 4)).toEqual([30_000, 90_000, 270_000, 810_000]);
    expect(pauses.at(-1)).toBe(16 * 3_600_000);
    const total = pauses.reduce((sum, pause) => sum + pause, 0);
    expect(total / DAY_MS).toBeCloseTo(3, 0);
  });

  test('differs by a fifth at the most, and is never longer than a day', () => {
    const random = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000 }), random, fc.nat(), (attempt, drawn, retryAfterMs) => {
        const middle = pauseAfter(attempt, settings, 0.5);
        const pause = pauseAfter(attempt, settings, drawn);
        expect(Math.abs(pause - middle)).toBeLessThanOrEqual(0.2 * middle + 1);
        expect(pauseAfter(attempt, settings, drawn, retryAfterMs)).toBeLessThanOrEqual(DAY_MS);
      }),
    );
  });

  test('is as long as the receiver requests, within a day', () => {
    expect(pauseAfter(1, settings, 0.5, 600_000)).toBe(600_000);
    expect(pauseAfter(1, settings, 0.5, 1)).toBe(30_000);
    expect(pauseAfter(1, settings, 0.5, 9 * DAY_MS)).toBe(DAY_MS);
  });
});
