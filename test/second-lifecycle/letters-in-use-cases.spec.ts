import { expect, test } from '@jest/globals';
import type { JsonObject } from '#event-sourcing/envelope';
import { attemptIssue } from '#use-cases/records/attempt-issue';
import { askedBy, INSPECTOR, ServiceParts, viewer } from '../support/use-cases.ts';
import { commandedWithLetters, letter } from './letters.ts';

const parts = new ServiceParts(commandedWithLetters);

const write = (who = INSPECTOR, body: JsonObject = { id: '1', text: 'Dear Kent' }) =>
  attemptIssue(parts, askedBy(who), letter, body);
const recorded = async () => (await parts.store.readStream('letter-1')).map(({ type }) => type);

test('given a letter to issue, then one record begins, under its own kind', async () => {
  await parts.issue('1', 'avon');
  expect(await write()).toMatchObject({
    records: [{ id: '1', version: 1, status: 'draft' }],
    location: '/api/letters/1',
  });
  expect(await recorded()).toEqual(['LetterWritten']);
});

test.each([
  ['by another role', () => write(viewer('auditor')), 'role-not-permitted'],
  ['without its text', () => write(INSPECTOR, { id: '1' }), 'invalid-payload'],
])('given a letter to issue %s, then it is refused, and nothing is recorded', async (_, act, code) => {
  await expect(act()).rejects.toMatchObject({ code });
  expect(await recorded()).toEqual([]);
});

test('given an id that a letter has, then another one is refused with where that is', async () => {
  await write();
  await expect(write()).rejects.toMatchObject({
    code: 'id-already-used',
    details: { location: '/api/letters/1' },
  });
  expect(await parts.refused()).toMatchObject([{ record: '1', kind: 'letter', seenVersion: 1 }]);
});
