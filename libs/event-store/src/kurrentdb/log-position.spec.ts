import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { InvalidPositionError } from '#event-sourcing/errors';
import { parseLogPosition, positionText } from './log-position.ts';

const figure = (min: bigint) => fc.bigInt({ min, max: 2n ** 63n - 1n });
const position = fc.record({ commit: figure(1n), prepare: figure(0n) });

describe('a position in the log', () => {
  it('is parsed as it was printed', () => {
    fc.assert(
      fc.property(position, (one) => {
        expect(parseLogPosition(positionText(one))).toEqual(one);
      }),
    );
  });

  it('is a decimal number in the order of commits, then of prepares', () => {
    fc.assert(
      fc.property(position, position, fc.boolean(), (one, other, sameCommit) => {
        const next = sameCommit ? { ...other, commit: one.commit } : other;
        const isBefore =
          one.commit < next.commit || (one.commit === next.commit && one.prepare < next.prepare);
        expect(positionText(one)).toMatch(/^[1-9]\d*$/);
        expect(BigInt(positionText(one)) < BigInt(positionText(next))).toBe(isBefore);
      }),
    );
  });

  it("is the log's beginning as '0'", () => {
    expect(parseLogPosition('0')).toBeNull();
  });

  it.each(['', '-1', '1.5', ' 1', 'x', '00', '1', '9007199254740991', '9'.repeat(39), '1'.repeat(41)])(
    'is not %j',
    (text) => {
      expect(() => parseLogPosition(text)).toThrow(InvalidPositionError);
    },
  );
});
