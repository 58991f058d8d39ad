import 'reflect-metadata';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { commandContext, INSPECTOR, ServiceParts, viewer } from '#test/support/use-cases';
import { attemptImport } from '../register-files/attempt-import.ts';
import { seeRedaction } from './see-redaction.ts';
import { fileToImport } from '#test/support/register-imports';
import { recordOf } from '#state-machines/record-streams';

const parts = new ServiceParts();
const APPROVER = viewer('approver');

const SOURCE = `Publish a plan (r-1)
Every force should publish one.

[on]1st May 2020 [comment]A name that stands here[/comment][/on]
[on]2nd May 2020 [comment]Another[/comment][/on]
`;

beforeEach(async () => {
  const file = fileToImport(SOURCE, { id: 'r-1', recipient: 'avon' });
  await attemptImport(parts, commandContext(INSPECTOR), file);
  await parts.sendCommand(INSPECTOR, 'r-1', 'add-comment', { text: 'Said here', visibility: 'public' });
});

describe('the values that a redaction erases', () => {
  test('are texts of events that have any, and still exist', async () => {
    await parts.follow();
    const { events } = await seeRedaction(parts, APPROVER, recordOf('r-1'), null);
    expect(events.map(({ type, pointers }) => [type, pointers])).toEqual([
      ['RecommendationIssued', expect.arrayContaining(['/data/title', '/data/text'])],
      ['CommentAdded', ['/data/text']],
      ['CommentAdded', ['/data/text']],
      ['RegisterRecordImported', expect.arrayContaining(['/data/source'])],
      ['CommentAdded', ['/data/text']],
    ]);
    const { eventId = '' } = events.at(-1) ?? {};
    await parts.sendCommand(APPROVER, 'r-1', 'redact-comment', { eventId, reason: 'A slip.' });
    const { events: left } = await seeRedaction(parts, APPROVER, recordOf('r-1'), null);
    expect(left.some((event) => event.eventId === eventId)).toBe(false);
  });

  test.each([0, 1, 2, 3, 4])('match the recorded redaction, of event %s', async (index) => {
    await parts.follow();
    const { events } = await seeRedaction(parts, APPROVER, recordOf('r-1'), null);
    const { eventId = '' } = events[index] ?? {};
    const { erasedWith } = await seeRedaction(parts, APPROVER, recordOf('r-1'), eventId);
    const { version: before } = (await parts.stream('r-1')).at(-1) ?? { version: 0 };
    await parts.sendCommand(APPROVER, 'r-1', 'redact-comment', { eventId, reason: 'A slip.' });
    const redacted = (await parts.stream('r-1'))
      .filter(({ version, type }) => version > before && type === 'CommentRedacted')
      .map(({ data }) => [data['eventId'], data['erased']])
      .filter(([of]) => of !== eventId);
    expect(erasedWith.map((event) => [event.eventId, event.pointers])).toEqual(redacted);
  });

  test('are none without such an event', async () => {
    const { erasedWith } = await seeRedaction(parts, APPROVER, recordOf('r-1'), 'of-no-event');
    expect(erasedWith).toEqual([]);
  });

  test('are for users who see the record', async () => {
    await parts.fold();
    await expect(
      seeRedaction(parts, viewer('force-lead', 'kent'), recordOf('r-1'), null),
    ).rejects.toMatchObject({
      code: 'not-found',
    });
  });
});
