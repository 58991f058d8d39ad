import { expect, test } from '@jest/globals';
import { RecordingWindow } from './recording-window.ts';

const NOON = Date.parse('2026-11-24T12:00:00.000Z');
const recorded = (window: RecordingWindow, subject: string, times: number, now = NOON): number =>
  Array.from({ length: times }, () => window.admit(subject, now)).filter(Boolean).length;

test('given more entries of one person than the limit, then the rest is left out, and others are not', () => {
  const window = new RecordingWindow({ ofOne: 5, ofAll: 20 });
  expect(recorded(window, 'ann', 8)).toBe(5);
  expect(recorded(window, 'bob', 1)).toBe(1);
  expect([window.takeLeftOut(), window.takeLeftOut()]).toEqual([3, 0]);
});

test('given more entries in total, then even those of a person with few entries are left out', () => {
  const window = new RecordingWindow({ ofOne: 5, ofAll: 8 });
  expect([recorded(window, 'ann', 5), recorded(window, 'bob', 5)]).toEqual([5, 3]);
  expect(recorded(window, 'cy', 1)).toBe(0);
});

test.each([
  ['after a minute', 60_000, 5],
  ['a moment before', 59_999, 0],
  ['after the clock was set back', -1, 5],
])('given a full minute, then %s a person has %d ms later room for %d', (_, later, room) => {
  const window = new RecordingWindow({ ofOne: 5, ofAll: 20 });
  recorded(window, 'ann', 6);
  expect(window.isOver(NOON + later)).toBe(room > 0);
  expect(recorded(window, 'ann', 6, NOON + later)).toBe(room);
});
