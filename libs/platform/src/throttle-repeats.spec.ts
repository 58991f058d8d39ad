import { describe, expect, test } from '@jest/globals';
import { throttleRepeats, throttleErrors } from './throttle-repeats.ts';

describe('a repeated message', () => {
  test('given the same message for three minutes, then it is reported once a minute, and a different one at once', () => {
    const reports: string[] = [];
    let now = 0;
    const report = throttleRepeats(
      (message) => reports.push(message),
      () => now,
    );
    for (; now < 180_000; now += 1_200) report('A reader holds the log');
    report('The disk is full');
    report('A reader holds the log');
    expect(reports).toEqual([
      'A reader holds the log',
      'A reader holds the log (49 times more since)',
      'A reader holds the log (49 times more since)',
      'The disk is full',
      'A reader holds the log',
    ]);
  });

  test('given errors, then equal ones are reported once a minute, unchanged', () => {
    const reported: unknown[] = [];
    let now = 0;
    const report = throttleErrors(
      (error) => reported.push(error),
      () => now,
    );
    const [first, second, other] = [new Error('away'), new Error('away'), new Error('full')];
    for (const error of [first, second, other, other]) report(error);
    now = 60_000;
    report(other);
    expect(reported).toEqual([first, other, other]);
    expect(reported[0]).toBe(first);
  });
});
