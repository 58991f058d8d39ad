import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { judgedCases } from './judged-cases.ts';

test('what is signed and proved is what others judged: .ci/run has them judge it again', async () => {
  const recorded = new URL('./recorded/cases.json', import.meta.url);
  expect(JSON.parse(readFileSync(recorded, 'utf8'))).toEqual(await judgedCases());
});
