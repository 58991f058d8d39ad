import { describe, expect, test } from '@jest/globals';
import { comparePositions, positionsBehind } from './position.ts';

describe('positions', () => {
  test('compare as numbers, not as texts', () => {
    expect(comparePositions('9', '10')).toBe(-1);
    expect(comparePositions('10', '9')).toBe(1);
    expect(comparePositions('007', '7')).toBe(0);
  });

  test('may be longer than a double can represent', () => {
    expect(comparePositions('9007199254740993', '9007199254740992')).toBe(1);
    expect(comparePositions('340282366920938463463374607431768211455', '9')).toBe(1);
  });

  test.each(['', ' 1', '-1', '1.5', '1e3', '0x10', 'x'])('%j is not a position', (text) => {
    expect(() => comparePositions('0', text)).toThrow(RangeError);
  });

  test('are not behind earlier positions', () => {
    expect(positionsBehind('5', '12')).toBe(7);
    expect(positionsBehind('12', '5')).toBe(0);
  });
});
