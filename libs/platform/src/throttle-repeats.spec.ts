import { describe, expect, test } from '@jest/globals';
import { throttleRepeats, throttleErrors } from './throttle-repeats.ts';

describe('what comes again and again', () => {
  test('given the same message for three minutes, then it is told once a minute, and another one at once', () => {
    const told: string[] = [];
    let now = 0;
    const tell = throttleRepeats(
      (message) => told.push(message),
      () => now,
    );
    for (; now < 180_000; now += 1_200) tell('A reader holds the log');
    tell('The disk is full');
    tell('A reader holds the log');
    expect(told).toEqual([
      'A reader holds the log',
      'A reader holds the log (49 times more since)',
      'A reader holds the log (49 times more since)',
      'The disk is full',
      'A reader holds the log',
    ]);
  });

  test('given errors, then those that say the same are told once a minute, as they were thrown', () => {
    const told: unknown[] = [];
    let now = 0;
    const tell = throttleErrors(
      (error) => told.push(error),
      () => now,
    );
    const [first, second, other] = [new Error('away'), new Error('away'), new Error('full')];
    for (const error of [first, second, other, other]) tell(error);
    now = 60_000;
    tell(other);
    expect(told).toEqual([first, other, other]);
    expect(told[0]).toBe(first);
  });
});
