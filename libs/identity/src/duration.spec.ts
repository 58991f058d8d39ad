import { describe, expect, test } from '@jest/globals';
import { parseDuration } from './duration.ts';

describe('parseDuration', () => {
  test.each([
    ['1s', 1],
    ['90s', 90],
    ['30m', 1_800],
    ['12h', 43_200],
    ['7d', 604_800],
    ['365d', 31_536_000],
  ])('%s is %d seconds', (text, seconds) => {
    expect(parseDuration(text)).toBe(seconds);
  });

  test.each([
    '',
    '12',
    'h',
    '-1h',
    '+1h',
    '1.5h',
    '1 h',
    ' 1h',
    '1h ',
    '1h30m',
    '1H',
    '1w',
    '0s',
    '0d',
    '366d',
    '９h',
  ])('refuses "%s", quoting it', (text) => {
    expect(() => parseDuration(text)).toThrow(RangeError);
    expect(() => parseDuration(text)).toThrow(`"${text}"`);
  });
});
