import { beforeEach, expect, test } from '@jest/globals';
import type { Identity } from '#identity/identity';
import { NOON, ServiceParts, viewer } from '#test/support/use-cases';
import { findPeople } from './find-people.ts';

const parts = new ServiceParts();
const AUDITOR = viewer('auditor');

const see = (subject: string, name: string): Promise<void> => {
  const identity: Identity = {
    ...{ subject, name, roles: ['inspector'], organisations: [] },
    ...{ expiresAt: NOON + 3_600_000, issuedAt: NOON },
  };
  return parts.people.see(identity, { actor: { subject, roles: [] }, now: NOON, correlationId: 'c-1' });
};

const meantBy = async (typed: string): Promise<readonly string[]> =>
  (await findPeople(parts, AUDITOR, typed)).subjects;

beforeEach(async () => {
  await see('s-1', 'Tom Hale');
  await see('s-2', 'Ann Lee');
  await see('s-3', 'Ann Lee');
  await see('Tom Hale 2', 'Jo');
  await parts.fold();
});

test('given a subject or a name, then it finds that person, and all with one name', async () => {
  expect(await meantBy('s-1')).toEqual(['s-1']);
  expect(await meantBy(' tom  HALE')).toEqual(['s-1']);
  expect(await meantBy('Tom Hale 2')).toEqual(['Tom Hale 2']);
  expect((await meantBy('Ann Lee')).toSorted()).toEqual(['s-2', 's-3']);
  expect(await meantBy('Tom')).toEqual([]);
});

test('given a name that was erased, then no search finds it', async () => {
  await parts.people.eraseName('s-1', {
    actor: { subject: 'root', roles: [] },
    now: NOON,
    correlationId: 'c-2',
  });
  expect(await meantBy('Tom Hale')).toEqual([]);
});

test('given a user who may not read the log, then they get no names', async () => {
  const found = findPeople(parts, viewer('inspector'), 'Tom Hale');
  await expect(found).rejects.toMatchObject({ code: 'role-not-permitted' });
});
