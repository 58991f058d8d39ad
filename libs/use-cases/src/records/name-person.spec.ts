import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { INSPECTOR, NOON, ServiceParts, viewer } from '#test/support/use-cases';
import { listRecords, seeStatistics } from '../register/lists.ts';

const parts = new ServiceParts();
const LEAD = viewer('force-lead', 'avon');

const assign = (owner: string, who = INSPECTOR) => parts.sendCommand(who, 'r-1', 'assign-owner', { owner });

const owners = async () =>
  (await parts.stream('r-1')).filter(({ type }) => type === 'OwnerAssigned').map(({ data }) => data['owner']);

const expectRefused = async (owner: string, who = INSPECTOR) => {
  const before = await parts.store.lastPosition();
  const error: unknown = await assign(owner, who).catch((thrown: unknown) => thrown);
  expect(await owners()).toEqual([]);
  // Only the refusal is recorded, without its texts.
  const events = await parts.store.readAll({ after: before, limit: 10 });
  expect(events.map(({ type }) => type)).toEqual(['CommandRefused']);
  expect(JSON.stringify(events)).not.toContain(owner);
  return error;
};

beforeEach(async () => {
  await parts.issue('r-1', 'avon');
  await parts.enter({ 's-1': 'Tom Hale', 's-2': 'Ann Lee', 's-3': 'Ann Lee' }, 'avon');
  await parts.enter({ 's-4': 'Kate Kent' }, 'kent');
});

describe('the owner that is named', () => {
  test.each([
    ['a subject', 's-1', 's-1'],
    ['a name that one person has, in other capitals', ' tom  HALE', 's-1'],
    ['the one who names', INSPECTOR.subject, INSPECTOR.subject],
  ])('given %s, then the subject is recorded', async (_, typed, subject) => {
    await assign(typed);
    expect(await owners()).toEqual([subject]);
  });

  test('given an unknown name, then it is refused with the nearest names', async () => {
    expect(await expectRefused('Tom Hail')).toMatchObject({
      kind: 'rule',
      code: 'owner-unknown',
      message: expect.stringContaining('Tom Hale (s-1)') as unknown,
      details: {
        suggestions: [{ subject: 's-1', name: 'Tom Hale' }],
        errors: [{ pointer: '/owner' }],
      },
    });
  });

  test('given several have the name, then it is refused with their subjects', async () => {
    expect(await expectRefused('ann lee')).toMatchObject({
      code: 'owner-ambiguous',
      message: expect.stringContaining('s-2, s-3') as unknown,
    });
  });

  test('given a user of one body who names a user of another body, then the answer does not reveal that person', async () => {
    for (const typed of ['s-4', 'Kate Kent']) {
      const error = await expectRefused(typed, LEAD);
      expect(error).toMatchObject({ code: 'owner-unknown' });
      const { details } = error as { readonly details: { readonly suggestions: { subject: string }[] } };
      expect(details.suggestions.map(({ subject }) => subject)).not.toContain('s-4');
    }
    await assign('Tom Hale', LEAD);
    expect(await owners()).toEqual(['s-1']);
  });

  test('given the command is refused anyway, then for that, and not for its owner', async () => {
    expect(await expectRefused('Nobody Here', viewer('auditor'))).toMatchObject({
      code: 'role-not-permitted',
    });
  });

  test('given the same request again after the name was erased, then it has its answer again', async () => {
    const request = { method: 'POST', path: '/', payload: { owner: 'Tom Hale' } };
    const key = { commandId: randomUUID(), request };
    const assign = () => parts.sendCommand(INSPECTOR, 'r-1', 'assign-owner', { owner: 'Tom Hale' }, key);
    const first = await assign();
    await parts.people.eraseName('s-1', {
      actor: { subject: 'root', roles: [] },
      now: NOON,
      correlationId: 'spec',
    });
    expect((await assign()).answer).toEqual(first.answer);
  });
});

test('given an owner, then lists are narrowed by their subject and by their name', async () => {
  await parts.issue('r-2', 'avon');
  await assign('s-2');
  await parts.fold();
  const listed = async (...owner: string[]) =>
    (await listRecords(parts, LEAD, { owner }, NOON)).items.map(({ id }) => id);
  expect(await listed('s-2')).toEqual(['r-1']);
  expect(await listed('ANN lee')).toEqual(['r-1']);
  expect(await listed('Tom Hale')).toEqual([]);
  expect(await listed('Tom Hale', 'Ann Lee')).toEqual(['r-1']);
  expect((await seeStatistics(parts, LEAD, { owner: ['Ann Lee'] }, NOON)).total).toBe(1);
});
