import 'reflect-metadata';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { INSPECTOR, NOON, ServiceParts, viewer } from '#test/support/use-cases';
import { seePossibleOwners } from './see-possible-owners.ts';
import { recordOf } from '#state-machines/record-streams';

const parts = new ServiceParts();
const forceLead = viewer('force-lead', 'avon');
const approver = viewer('approver');

const see = (who = INSPECTOR) => seePossibleOwners(parts, who, recordOf('r-1'), NOON);

beforeEach(async () => {
  await parts.issue('r-1', 'avon');
  await parts.issue('r-2', 'avon');
  await parts.issue('r-3', 'kent');
});

describe('the possible owners of a record', () => {
  test('include people who acted on the record in a role that can own it, the last one first', async () => {
    await parts.sendCommand(forceLead, 'r-1', 'add-comment', { text: 'Begun.', visibility: 'public' });
    await parts.sendCommand(approver, 'r-1', 'add-comment', { text: 'Seen.', visibility: 'public' });
    await parts.fold();
    expect(await see()).toEqual([forceLead.subject, INSPECTOR.subject]);
  });

  test('include the owners of other records of its body, and of no other body', async () => {
    await parts.enter({ smith: 'Sgt Smith', kentish: 'Sgt of Kent' });
    await parts.sendCommand(INSPECTOR, 'r-2', 'assign-owner', { owner: 'smith' });
    await parts.sendCommand(INSPECTOR, 'r-3', 'assign-owner', { owner: 'kentish' });
    await parts.fold();
    expect(await see(forceLead)).toEqual([INSPECTOR.subject, 'smith']);
  });

  test('exclude people whom only an internal comment names, for users who do not read those', async () => {
    const other = { ...INSPECTOR, subject: 'another' };
    await parts.sendCommand(other, 'r-1', 'add-comment', { text: 'Between us.', visibility: 'internal' });
    await parts.fold();
    expect(await see()).toContain('another');
    expect(await see(forceLead)).toEqual([INSPECTOR.subject]);
  });

  test('are refused to users who do not see the record', async () => {
    await expect(see(viewer('force-lead', 'kent'))).rejects.toMatchObject({ code: 'not-found' });
  });
});
