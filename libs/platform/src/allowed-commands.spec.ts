import 'reflect-metadata';
import { describe, expect, test } from '@jest/globals';
import { addDays } from '#lifecycle/plain-date';
import { noonOf, OneRecord } from '#test/support/one-record';
import { commandHandler } from './docket.ts';

const LATER = '2027-06-30';
const reason = 'a reason';
const one = OneRecord.forEachTest();
const { callBy, sendCommand, issue } = one;

/** Returns the reasons against a command before it is executed: each reason's code, with its guard if it has one. */
async function against(subject: string, command: string): Promise<string[]> {
  const loaded = (await one.handler.states.load(one.streamId))!;
  const caller = { ...callBy(subject), streamId: one.streamId, mayTouch: () => true };
  const allowed = await one.handler.allowed.allowedCommands(loaded, caller);
  const reasons = await one.handler.allowed.allReasonsAgainst(command, loaded, caller);
  expect(allowed.includes(command)).toBe(reasons.length === 0);
  return reasons.map(({ code, guard }) => (guard === undefined ? code : `${code} ${guard}`));
}

/** Returns the refusal of an executed command: its code, with its guard if it has one. */
async function refusal(execution: Promise<unknown>): Promise<string[]> {
  const { code, details } = await one.refused(execution);
  return [details.guard === undefined ? code : `${code} ${details.guard}`];
}

describe('a command that is refused with any payload is not listed as allowed', () => {
  test('given a deadline that has passed, then an inspector names no other recipient', async () => {
    await issue({ deadlines: [{ dueOn: '2026-11-24' }] });
    const body = { recipient: 'kent', reason };
    expect(await against('ann', 'assign-recipient')).toEqual([]);

    one.now = noonOf('2026-11-25');
    const passed = ['command-not-allowed no-deadline-passed'];
    expect(await against('ann', 'assign-recipient')).toEqual(passed);
    expect(await refusal(sendCommand('ann', 'assign-recipient', body))).toEqual(passed);
    expect(await against('bob', 'assign-recipient')).toEqual([]);
    expect(await against('cat', 'assign-recipient')).toEqual([]);
  });

  test('given a request for each deadline, then no further request is possible; given one for the first of two deadlines, then one more is', async () => {
    await issue({ deadlines: [{ dueOn: '2026-12-01' }, { dueOn: '2026-12-02' }] });
    const request = (deadlineId: string) =>
      sendCommand('lea', 'request-extension', { deadlineId, dueOn: LATER, reason });
    await request('d1');
    expect(await against('lea', 'request-extension')).toEqual([]);
    await request('d2');
    const pending = ['command-not-allowed no-extension-pending'];
    expect(await against('lea', 'request-extension')).toEqual(pending);
    expect(await refusal(request('d1'))).toEqual(pending);
  });

  test('given one person who requested all extensions, then that person decides on none', async () => {
    await issue({ deadlines: [{ dueOn: '2026-12-01' }, { dueOn: '2026-12-02' }] });
    for (const deadlineId of ['d1', 'd2'])
      await sendCommand('ann', 'request-extension', { deadlineId, dueOn: LATER, reason });
    const theirs = ['separation-of-duties not-the-requester'];
    for (const command of ['grant-extension', 'refuse-extension']) {
      expect(await against('ann', command)).toEqual(theirs);
      expect(
        await refusal(
          sendCommand('ann', command, { deadlineId: 'd1', ...(command[0] === 'r' && { reason }) }),
        ),
      ).toEqual(theirs);
      expect(await against('ida', command)).toEqual([]);
    }
  });

  test('given deadlines of other people, then an inspector withdraws none, and an approver none of their own', async () => {
    await issue();
    await sendCommand('cat', 'set-deadline', { dueOn: LATER });
    const theirs = ['separation-of-duties not-the-setter'];
    const withdrawn = { deadlineId: 'd1', reason };
    expect(await against('ida', 'withdraw-deadline')).toEqual(theirs);
    expect(await refusal(sendCommand('ida', 'withdraw-deadline', withdrawn))).toEqual(theirs);
    expect(await against('bob', 'withdraw-deadline')).toEqual([]);
    // On that day, as an inspector.
    expect(await against('cat', 'withdraw-deadline')).toEqual([]);
    one.now = noonOf('2026-11-25');
    expect(await against('cat', 'withdraw-deadline')).toEqual(theirs);
    expect(await refusal(sendCommand('cat', 'withdraw-deadline', withdrawn))).toEqual(theirs);
  });

  test('given no text that an approver recorded or decided on, then an inspector redacts none', async () => {
    await issue();
    await sendCommand('lea', 'add-comment', { text: 'a comment', visibility: 'public' });
    const theirs = ['separation-of-duties not-its-author'];
    const redact = async (subject: string, version: number) => {
      const { eventId } = (await one.stream())[version - 1]!;
      return sendCommand(subject, 'redact-comment', { eventId, reason });
    };
    expect(await against('ida', 'redact-comment')).toEqual(theirs);
    for (const version of [1, 2]) expect(await refusal(redact('ida', version))).toEqual(theirs);
    expect(await against('bob', 'redact-comment')).toEqual([]);
    expect(await against('cat', 'redact-comment')).toEqual([]);

    // So may an approver, since the only such text is their own.
    await sendCommand('cat', 'add-comment', { text: 'another', visibility: 'public' });
    expect(await against('ida', 'redact-comment')).toEqual([]);
    await redact('ida', 3);
  });

  test('given a text that an approver decided on, then an inspector who did not record it redacts it', async () => {
    await issue();
    await sendCommand('ann', 'request-closure', { statement: 'Done.' });
    const theirs = ['separation-of-duties not-its-author'];
    expect(await against('ida', 'redact-comment')).toEqual(theirs);
    await sendCommand('bob', 'refuse-closure', { reason });
    expect(await against('ida', 'redact-comment')).toEqual([]);
    const request = (await one.stream()).findLast(({ type }) => type === 'ClosureRequested')!;
    await sendCommand('ida', 'redact-comment', { eventId: request.eventId, reason });
    // Neither of them wrote the decision's own text.
    expect(await against('ann', 'redact-comment')).toEqual([]);
  });

  test('given a hundred deadlines, then none is set', async () => {
    const deadlines = Array.from({ length: 100 }, (_, index) => ({ dueOn: addDays('2027-01-01', index) }));
    await issue({ deadlines, text: 'Within six months.' });
    const many = ['too-many-deadlines'];
    expect(await against('ann', 'set-deadline')).toEqual(many);
    expect(await refusal(sendCommand('ann', 'set-deadline', { dueOn: LATER }))).toEqual(many);
    expect(await against('ann', 'confirm-deadline')).toEqual(many);
    expect(
      await refusal(sendCommand('ann', 'confirm-deadline', { deadlineId: 'd101', dueOn: '2026-07-01' })),
    ).toEqual(many);
    await sendCommand('bob', 'withdraw-deadline', { deadlineId: 'd1', reason });
    expect(await against('ann', 'set-deadline')).toEqual([]);
  });

  test('given a full record, then only the commands that it still accepts are listed', async () => {
    one.handler = commandHandler(one.store, { limits: { events: 4, bytes: 1_000 } });
    await issue();
    const full = ['record-full'];
    const addComment = (subject: string) =>
      sendCommand(subject, 'add-comment', { text: 'a comment', visibility: 'public' });
    await addComment('lea');
    await addComment('lea');
    // The body's people wrote half of it.
    expect(await against('lea', 'add-comment')).toEqual(full);
    expect(await refusal(addComment('lea'))).toEqual(full);
    expect(await against('ann', 'add-comment')).toEqual([]);
    await addComment('ann');
    expect(await against('ann', 'add-comment')).toEqual(full);
    expect(await refusal(addComment('ann'))).toEqual(full);
    expect(await against('ann', 'start-progress')).toEqual(full);
    expect(await against('ann', 'request-closure')).toEqual([]);
  });

  test('given a date of an amended text that has passed, or an extension to a date that is no longer later, then neither decision is listed', async () => {
    await issue();
    await sendCommand('ann', 'amend-text', { text: 'By 30 June 2026, forces should plan.', reason });
    expect(await against('ida', 'confirm-deadline')).toEqual(['due-in-past']);
    expect(await against('ida', 'dismiss-deadline')).toEqual([]);

    await sendCommand('ann', 'set-deadline', { dueOn: '2026-12-31' });
    await sendCommand('lea', 'request-extension', { dueOn: '2027-01-31', reason });
    expect(await against('ida', 'grant-extension')).toEqual([]);
    const { eventId } = (await one.stream()).findLast(({ type }) => type === 'DeadlineSet')!;
    await sendCommand('ann', 'request-correction', { eventId, dueOn: LATER, reason });
    expect(await against('bob', 'approve-correction')).toEqual([]);
    await sendCommand('bob', 'approve-correction');
    // The correction can be listed, but not the date be granted.
    expect(await against('ida', 'grant-extension')).toEqual(['deadline-not-later']);
    expect(await against('ida', 'refuse-extension')).toEqual([]);
    const { details } = await one.refused(sendCommand('ida', 'reopen', { reason }));
    expect(details.allowedCommands).toContain('refuse-extension');
    expect(details.allowedCommands).not.toContain('grant-extension');
  });
});
