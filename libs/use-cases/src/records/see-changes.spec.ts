import 'reflect-metadata';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { INSPECTOR, ServiceParts, viewer } from '#test/support/use-cases';
import { CHANGES_COUNTED_MAX, seeChanges } from './see-record.ts';
import { recordOf } from '#state-machines/record-streams';

const parts = new ServiceParts();
const forceLead = viewer('force-lead', 'avon');
const comment = (visibility: string, text = 'A word.') =>
  parts.sendCommand(INSPECTOR, 'r-1', 'add-comment', { text, visibility });

beforeEach(async () => {
  await parts.issue('r-1', 'avon');
  await parts.fold();
});

describe('the changes of a record since a version', () => {
  test('are empty if it has not changed', async () => {
    expect(await seeChanges(parts, forceLead, recordOf('r-1'), 1)).toEqual({ version: 1, events: 0 });
  });

  test('are counted as the reader finds them in its history', async () => {
    await comment('public');
    await comment('internal');
    expect(await seeChanges(parts, INSPECTOR, recordOf('r-1'), 1)).toEqual({ version: 3, events: 2 });
    expect(await seeChanges(parts, forceLead, recordOf('r-1'), 1)).toEqual({ version: 3, events: 1 });
    expect(await seeChanges(parts, forceLead, recordOf('r-1'), 2)).toEqual({ version: 3, events: 0 });
  });

  test.each([
    ['public', 1],
    ['internal', 0],
  ])('count the redaction of an earlier %s comment for the body: %s', async (visibility, events) => {
    await comment(visibility);
    const [, said] = await parts.stream('r-1');
    await parts.follow();
    const body = { eventId: said?.eventId as string, reason: 'A slip.' };
    await parts.sendCommand(viewer('approver'), 'r-1', 'redact-comment', body);
    expect(await seeChanges(parts, forceLead, recordOf('r-1'), 2)).toEqual({ version: 3, events });
    expect(await seeChanges(parts, INSPECTOR, recordOf('r-1'), 2)).toEqual({ version: 3, events: 1 });
  });

  test('are counted up to a bound', async () => {
    for (let count = 0; count <= CHANGES_COUNTED_MAX; count += 1) await comment('public');
    const seen = await seeChanges(parts, forceLead, recordOf('r-1'), 1);
    expect(seen).toEqual({ version: CHANGES_COUNTED_MAX + 2, events: CHANGES_COUNTED_MAX });
  });
});
