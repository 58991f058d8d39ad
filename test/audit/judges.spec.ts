import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { judgedCases } from './judged-cases.ts';

test('signed and proved values are those that others judged: .ci/run has them judge again', async () => {
  const recorded = new URL('./recorded/cases.json', import.meta.url);
  expect(JSON.parse(readFileSync(recorded, 'utf8'))).toEqual(await judgedCases());
});
