import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { ADMITTED_A_TURN, ByTurns } from './by-turns.ts';

test('starts a fixed number per turn, in order of arrival, and each once', async () => {
  const arrivals = fc.array(fc.nat(3 * ADMITTED_A_TURN), { maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(arrivals, async (comeInTurns) => {
      const turns = new ByTurns();
      const begun: number[] = [];
      let come = 0;
      let before = 0;
      const turn = async (coming: number): Promise<void> => {
        for (let n = 0; n < coming; n += 1) {
          const which = come++;
          turns.admit(() => begun.push(which));
        }
        await nextTurn();
        expect(begun.length - before).toBeLessThanOrEqual(ADMITTED_A_TURN);
        before = begun.length;
      };
      for (const coming of comeInTurns) await turn(coming);
      while (begun.length < come) {
        const had = begun.length;
        await turn(0);
        expect(begun.length).toBeGreaterThan(had);
      }
      expect(begun).toEqual(Array.from({ length: come }, (_, index) => index));
    }),
  );
});
