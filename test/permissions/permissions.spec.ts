import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createSealer } from '../../libs/audit/src/seal.ts';
import { MemoryEventStore } from '../../libs/event-store/src/memory-event-store.ts';
import { ROLES } from '../../state-machines/inspection-recommendation/v1/policy.ts';
import { situationsOf, VARIANTS } from '../support/situations.ts';
import { askAll, cellsOf, MatrixBench } from './matrix.ts';
import type { Answered } from './matrix.ts';

describe('who may do what, on a store in memory', () => {
  let bench: MatrixBench;
  const answered: Answered[] = [];
  beforeAll(async () => {
    bench = new MatrixBench(new MemoryEventStore(createSealer()));
    await bench.prepare();
  });
  afterAll(() => bench.store.close());

  test.each(VARIANTS)('$name, in every state', async (variant) => {
    const { name, ...facts } = variant;
    for (const situation of situationsOf(variant)) {
      const cells = cellsOf(situation, ROLES, name === VARIANTS[0]!.name);
      const { answers, differences } = await askAll(bench, cells, facts);
      expect(differences).toEqual([]);
      answered.push(...answers);
    }
    console.log(name, answered.length);
  });
});
