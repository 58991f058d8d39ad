import 'reflect-metadata';
import { describe, expect, test } from '@jest/globals';
import type { Viewer } from '#state-machines/access';
import { importCall } from '#test/support/register-imports';
import { commandContext, INSPECTOR, NOON, ServiceParts, viewer } from '#test/support/use-cases';
import { executeCommand } from './execute-command.ts';
import { importRecord } from '../register-files/import-record.ts';
import type { RecordsAccess } from './records-access.ts';
import { seeCommands } from './see-record.ts';
import { recordOf } from '#state-machines/record-streams';

const parts = new ServiceParts();
/** Redacts text that another person wrote. */
const SECOND = viewer('approver');
const comment = { text: 'All forces were asked.', visibility: 'public' };

/** Runs a command and asserts its refusal: nothing was appended to the record's stream. */
async function refusalOf(id: string, execution: Promise<unknown>, error: object): Promise<void> {
  const before = await parts.stream(id);
  await expect(execution).rejects.toMatchObject(error);
  expect(await parts.stream(id)).toEqual(before);
}

describe('a command on a record that the viewer sees', () => {
  test('is executed, and its effect is returned with the record after it', async () => {
    await parts.issue('r-1', 'avon');
    const context = commandContext(viewer('force-lead', 'avon'));
    const call = { record: recordOf('r-1'), command: 'add-comment', body: comment, expectedVersions: [1] };

    const { answer, day } = await executeCommand(parts, context, call);

    const [, added] = await parts.stream('r-1');
    expect(added).toMatchObject({
      type: 'CommentAdded',
      actor: { subject: 'a-force-lead', roles: ['force-lead'] },
      command: { id: context.commandId, name: 'add-comment' },
      correlationId: 'spec',
      data: comment,
    });
    expect(answer).toEqual({
      id: 'r-1',
      version: 2,
      position: added?.position,
      status: 'awaiting-review',
      state: expect.objectContaining({ progress: 'awaiting-review', deadline: 'none' }),
      events: [{ eventId: added?.eventId, type: 'CommentAdded', version: 2 }],
    });
    expect(day).toBe('2026-11-24');
    expect(await parts.refused()).toEqual([]);
  });
});

test("a user of the inspectorate's own organisations decides on a record for no body, and of a body does not", async () => {
  const { id } = await importRecord(parts.store, parts.lifecycles, importCall('Bodies (8)\n\nDo it.\n'));
  await parts.fold();
  const named = { ...INSPECTOR, organisations: ['hmi'] };
  const allowed = async (who: Viewer) =>
    (await seeCommands(parts, who, recordOf(id), NOON)).find(({ command }) => command === 'set-deadline')
      ?.allowed;
  const body = { dueOn: '2027-06-30' };
  for (const who of [named, { ...named, bodies: ['hmi'] }]) {
    expect(await allowed(who)).toBe(false);
    await refusalOf(id, parts.sendCommand(who, id, 'set-deadline', body), { code: 'own-body-decides' });
  }
  const own = { ...named, bodies: [] };
  expect(await allowed(own)).toBe(true);
  await parts.sendCommand(own, id, 'set-deadline', body);
});

test('the author of the successor is not offered the decision on the succession', async () => {
  const maker = { ...INSPECTOR, roles: ['inspector', 'approver'] as const };
  await parts.issue('r-1', 'avon');
  await parts.issue('r-2', 'avon');
  const closing = { outcome: 'superseded', supersededBy: 'r-2', statement: 'Said anew.' };
  await parts.sendCommand({ ...INSPECTOR, subject: 'another' }, 'r-1', 'request-closure', closing);
  const offered = async (who: Viewer) =>
    (await seeCommands(parts, who, recordOf('r-1'), NOON)).find(({ command }) => command === 'supersede');
  const guard = 'not-the-maker-of-the-successor';
  expect(await offered(viewer('approver'))).toMatchObject({ allowed: true, because: [] });
  const { allowed, because } = (await offered(maker))!;
  expect([allowed, because]).toEqual([false, [expect.objectContaining({ guard })]]);
  const [reason] = because;
  const refused = parts.sendCommand(maker, 'r-1', 'supersede', { by: 'r-2', statement: 'Said anew.' });
  await refusalOf('r-1', refused, { code: reason?.code, message: reason?.detail, details: { guard } });
});

test('a decision that the record or its successor refuses for any payload is not offered', async () => {
  const [bob, cat] = [viewer('approver'), { ...viewer('approver'), subject: 'cat' }];
  const offered = async (who: Viewer, command: string) =>
    (await seeCommands(parts, who, recordOf('r-1'), NOON)).find((each) => each.command === command)!;
  for (const id of ['r-1', 'r-2']) await parts.issue(id, 'avon');
  const statement = { statement: 'Said anew.' };
  const another = { ...INSPECTOR, subject: 'another' };
  const superseded = { outcome: 'superseded', supersededBy: 'r-2', ...statement };
  await parts.sendCommand(another, 'r-1', 'request-closure', superseded);
  await parts.sendCommand(another, 'r-2', 'amend-text', { text: 'Another text.', reason: 'r' });
  // The change since the request can be listed.
  expect(await offered(bob, 'supersede')).toMatchObject({ allowed: true });
  await parts.sendCommand(another, 'r-2', 'request-closure', statement);
  await parts.sendCommand(cat, 'r-2', 'approve-closure', statement);
  const { allowed, because } = await offered(bob, 'supersede');
  expect([allowed, because]).toMatchObject([false, [{ code: 'successor-closed' }]]);
  expect(await offered(bob, 'refuse-closure')).toMatchObject({ allowed: true });
});

test('a decision on a closure is offered with what is still open', async () => {
  await parts.issue('r-1', 'avon');
  await parts.sendCommand(INSPECTOR, 'r-1', 'request-correction', {
    ...{ eventId: (await parts.stream('r-1'))[0]!.eventId, recipient: 'kent', reason: 'r' },
  });
  await parts.sendCommand(INSPECTOR, 'r-1', 'request-closure', { statement: 'Done.' });
  const seen = await seeCommands(parts, viewer('approver'), recordOf('r-1'), NOON);
  expect(seen.find(({ command }) => command === 'approve-closure')).toMatchObject({
    allowed: true,
    stillOpen: [
      'No evidence was submitted.',
      '1 correction not yet decided. The closure ends such requests.',
    ],
  });
  expect(seen.find(({ command }) => command === 'add-comment')).not.toHaveProperty('stillOpen');
});

describe('a command that is refused', () => {
  test.each([
    ['of another body', 'r-1', viewer('force-lead', 'kent')],
    ['of another body, before the payload is looked at', 'r-1', viewer('force-lead', 'kent'), {}],
    ['of a body, to who belongs to none', 'r-1', viewer('commissioner')],
    ['that is not there', 'r-2', viewer('force-lead', 'kent')],
  ])(
    'on a record %s: it is not found, is recorded, and nothing is appended',
    async (_, id, who, body = comment) => {
      await parts.issue('r-1', 'avon');
      const absent = { code: 'not-found', message: 'There is no such record', details: {}, seen: null };
      await refusalOf(id, parts.sendCommand(who, id, 'add-comment', body), absent);
      expect(await parts.refused()).toEqual([
        expect.objectContaining({
          command: 'add-comment',
          code: 'not-found',
          // The id of a record that does not exist can be any text.
          record: id === 'r-1' ? id : null,
          seenVersion: null,
          by: who.subject,
        }),
      ]);
    },
  );

  test.each([
    ['that there is not', viewer('force-lead', 'kent'), 'burn', 'unknown-command'],
    ['of another role', viewer('auditor'), 'add-comment', 'role-not-permitted'],
    [
      'of their own role on their own body',
      { ...INSPECTOR, organisations: ['avon'] },
      'add-comment',
      'role-not-permitted',
    ],
    ['that the state does not allow', INSPECTOR, 'accept-evidence', 'command-not-allowed'],
  ])('for a command %s: it is recorded, and nothing is appended', async (_, who, command, code) => {
    await parts.issue('r-1', 'avon');
    await refusalOf('r-1', parts.sendCommand(who, 'r-1', command, command === 'add-comment' ? comment : {}), {
      code,
    });
    expect(await parts.refused()).toMatchObject([{ code, record: 'r-1', by: who.subject }]);
  });

  test('reads the log as often for a record of another body as for no record', async () => {
    await parts.issue('r-1', 'avon');
    await parts.fold();
    const reads: string[] = [];
    const read = parts.store.readStream.bind(parts.store);
    parts.store.readStream = (...args) => {
      reads.push(args[0]);
      return read(...args);
    };
    const readsFor = async (id: string): Promise<number> => {
      reads.length = 0;
      await parts
        .sendCommand(viewer('force-lead', 'kent'), id, 'add-comment', comment)
        .catch(() => undefined);
      return reads.filter((stream) => stream.startsWith('recommendation-')).length;
    };
    expect([await readsFor('r-1'), await readsFor('r-2')]).toEqual([2, 2]);
  });

  test('for another version: it is recorded, with the version that it was decided on', async () => {
    await parts.issue('r-1', 'avon');
    const call = { record: recordOf('r-1'), command: 'add-comment', body: comment, expectedVersions: [7] };
    const code = 'version-mismatch';
    await refusalOf('r-1', executeCommand(parts, commandContext(INSPECTOR), call), { code });
    expect(await parts.refused()).toMatchObject([{ code, seenVersion: 1 }]);
  });
});

describe('a redaction', () => {
  /** Creates a record with a comment to redact. */
  async function addComment() {
    await parts.issue('r-1', 'avon');
    const { answer } = await parts.sendCommand(INSPECTOR, 'r-1', 'add-comment', comment);
    return { eventId: answer.events[0]?.eventId as string, pointers: ['/data/text'], reason: 'A slip.' };
  }

  test('is answered when the eraser has carried it out', async () => {
    const body = await addComment();
    await parts.follow();
    const redacted = await parts.sendCommand(SECOND, 'r-1', 'redact-comment', body);
    expect(redacted.answer.erased).toEqual({ remains: parts.store.erasedRemains });
    expect(await parts.eraser.pending()).toEqual([]);
    expect(JSON.stringify(await parts.stream('r-1'))).not.toContain(comment.text);
  });

  test('is answered as pending when that takes longer; a repeated request waits less', async () => {
    const body = await addComment();
    const waits: number[] = [];
    const eraser: RecordsAccess['eraser'] = {
      pending: () => parts.eraser.pending(),
      whenHandled: (_, timeoutMs) => {
        waits.push(timeoutMs);
        return Promise.resolve(false);
      },
    };
    const { store, random, readModels, past, commands, lifecycles, histories, accesses, people } = parts;
    const late = {
      ...{ store, random, readModels, past, commands, lifecycles, histories, eraser, accesses, people },
      attempt: parts.attempt,
      projections: parts.projections,
    };
    const request = { method: 'POST', path: '/', payload: body };
    const context = commandContext(SECOND, { request });
    const call = { record: recordOf('r-1'), command: 'redact-comment', body, expectedVersions: null };
    const first = await executeCommand(late, context, call);
    expect(first.answer.erased).toMatchObject({ remains: 'pending' });
    expect((await executeCommand(late, context, call)).answer).toEqual(first.answer);
    const [long, short] = waits as [number, number];
    expect(short).toBeLessThan(long);
    expect(waits).toHaveLength(2);
  });
});
