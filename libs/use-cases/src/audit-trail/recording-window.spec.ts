import { beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { RecordingWindow } from './recording-window.ts';

const NOON = Date.parse('2026-11-24T12:00:00.000Z');
const LIMITS = { windowMs: 60_000, ofOne: 3, ofAll: 7, named: 2 };

let window: RecordingWindow;
beforeEach(() => {
  window = new RecordingWindow(LIMITS);
});

/** Returns how many of the refusals are admitted. */
const admitted = (count: number, subject: string, now: number, code = 'not-found'): number =>
  Array.from({ length: count }, () => window.admit(subject, code, now)).filter(Boolean).length;

describe('the refusals of a minute', () => {
  test('given at most the recordable number, then none is counted', () => {
    expect(admitted(3, 'ann', NOON)).toBe(3);
    expect(window.drain()).toEqual([]);
  });

  test('given more refusals of one person, then the rest is counted by code, with the first and the last instant', () => {
    expect(admitted(5, 'ann', NOON)).toBe(3);
    expect(window.admit('ann', 'version-mismatch', NOON + 1_500)).toBe(false);
    expect(window.admit('bob', 'not-found', NOON + 1_500)).toBe(true);
    expect(window.drain()).toEqual([
      {
        subject: 'ann',
        count: 3,
        from: '2026-11-24T12:00:00.000Z',
        to: '2026-11-24T12:00:01.500Z',
        codes: { 'not-found': 2, 'version-mismatch': 1 },
      },
    ]);
    expect(window.drain()).toEqual([]);
  });

  test('given more refusals in total, then even those of a person with few refusals are counted', () => {
    expect(['a', 'b', 'c'].map((subject) => admitted(3, subject, NOON))).toEqual([3, 3, 1]);
    expect(window.drain()).toMatchObject([{ subject: 'c', count: 2 }]);
  });

  test('given more people than are listed, then the others are counted on one line', () => {
    for (const subject of ['a', 'b', 'c', 'd', 'e']) admitted(4, subject, NOON);
    expect(window.drain()).toMatchObject([
      { subject: 'a', count: 1 },
      { subject: 'b', count: 1 },
      { subject: null, count: 3 + 4 + 4 },
    ]);
  });

  test('given a new minute, then the same number is recorded again', () => {
    admitted(4, 'ann', NOON);
    expect(admitted(1, 'ann', NOON + 59_999)).toBe(0);
    expect(admitted(4, 'ann', NOON + 60_000)).toBe(3);
  });

  test('given a clock that is set back an hour, then they are still recorded and counted', () => {
    admitted(4, 'ann', NOON);
    const earlier = NOON - 3_600_000;
    expect(admitted(4, 'ann', earlier)).toBe(3);
    expect(window.drainEnded(earlier)).toMatchObject([{ subject: 'ann', count: 2 }]);
  });
});

describe('the counts', () => {
  test('are returned when a minute has passed since the first refusal, and not before', () => {
    admitted(3, 'ann', NOON);
    admitted(1, 'ann', NOON + 30_000);
    expect(window.drainEnded(NOON + 89_999)).toEqual([]);
    expect(window.drainEnded(NOON + 90_000)).toMatchObject([{ subject: 'ann', count: 1 }]);
    expect(window.drainEnded(NOON + 500_000)).toEqual([]);
  });

  test('that could not be written are returned again, with the newer counts', () => {
    admitted(5, 'ann', NOON);
    const ended = window.drainEnded(NOON + 60_000);
    admitted(4, 'ann', NOON + 60_000, 'version-mismatch');
    window.putBack(ended, NOON + 61_000);
    expect(window.drainEnded(NOON + 119_999)).toEqual([]);
    expect(window.drainEnded(NOON + 121_000)).toEqual([
      {
        subject: 'ann',
        count: 3,
        from: '2026-11-24T12:00:00.000Z',
        to: '2026-11-24T12:01:00.000Z',
        codes: { 'not-found': 2, 'version-mismatch': 1 },
      },
    ]);
  });
});

test('for any refusals, each is recorded or counted, and no minute has more than its limits', () => {
  const refusals = fc.array(
    fc.record({
      subject: fc.constantFrom('a', 'b', 'c', 'd'),
      code: fc.constantFrom('x', 'y'),
      pause: fc.nat(9_000),
    }),
    { maxLength: 300 },
  );
  fc.assert(
    fc.property(refusals, (all) => {
      const each = new RecordingWindow(LIMITS);
      const recordedAt: number[] = [];
      const endedAt: number[] = [];
      let counted = 0;
      let now = NOON;
      for (const { subject, code, pause } of all) {
        now += pause;
        if (each.admit(subject, code, now)) recordedAt.push(now);
        const ended = each.drainEnded(now);
        if (ended.length > 0) endedAt.push(now);
        expect(ended.length).toBeLessThanOrEqual(LIMITS.named + 1);
        for (const { count, codes } of ended) {
          expect(Object.values(codes).reduce((sum, one) => sum + one, 0)).toBe(count);
          counted += count;
        }
      }
      for (const { count } of each.drain()) counted += count;
      expect(recordedAt.length + counted).toBe(all.length);
      // A period of one minute can overlap two windows.
      for (const from of recordedAt) {
        const within = recordedAt.filter((at) => at >= from && at < from + LIMITS.windowMs);
        expect(within.length).toBeLessThanOrEqual(2 * LIMITS.ofAll);
      }
      endedAt.slice(1).forEach((at, index) => {
        expect(at - endedAt[index]!).toBeGreaterThanOrEqual(LIMITS.windowMs);
      });
    }),
  );
});
