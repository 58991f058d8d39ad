import { describe, expect, test } from '@jest/globals';
import { lifecycles } from '#state-machines/lifecycles';
import { statechartOf } from '#lifecycle/statechart';
import { assertDigests } from './open-store.ts';

const current = lifecycles.current('inspection-recommendation');

describe("the digest of a lifecycle's definition", () => {
  test('is correct for each definition of this build', () => {
    expect(() => {
      assertDigests(lifecycles.all);
    }).not.toThrow();
  });

  test('given a definition that was changed without its digest, then nothing starts, and the error names the definition', () => {
    const { definition } = current;
    const { identity } = statechartOf({ ...definition, version: 2 });
    expect(() => {
      assertDigests([current, { identity, reference: current.reference }]);
    }).toThrow(
      new RegExp(
        `^inspection-recommendation v1 has the digest [0-9a-f]{64}, but declares ${current.reference.digest}\\. Nothing was opened`,
      ),
    );
  });

  test('given a different digest of the same definition, then nothing starts', () => {
    const reference = { ...current.reference, digest: 'f'.repeat(64) };
    expect(() => {
      assertDigests([{ ...current, reference }]);
    }).toThrow(`has the digest ${current.reference.digest}, but declares ${reference.digest}`);
  });
});
