import { describe, expect, test } from '@jest/globals';
import { combineCapabilities } from '#lifecycle/capability';
import { small, smallRecord } from '#test/support/small-record';
import { comments } from './comments.ts';
import { deadlines } from './dated-work.ts';
import { recipients } from './recipients.ts';

const addressing = recipients({ kind: small, first: 'SmallBegun' });
const capability = combineCapabilities(addressing, comments({ kind: small, imported: {} }));
const begun = (data = {}) => smallRecord(capability, { text: 'A text.', ...data });
const dating = deadlines({
  ...{ kind: small, first: 'SmallBegun', open: { region: 'work', in: ['open'] } },
  regions: { work: { initial: 'open', states: { open: { on: { SmallDone: 'done' } }, done: {} } } },
  roles: { decide: ['inspector'], request: ['inspector'] },
});
const forceLead = { by: 'lea', as: 'force-lead', organisations: ['kent'] };

describe('the body of a record', () => {
  test('given the first event names it, then its people act on the record, and none of them decides', async () => {
    const record = await begun({ recipient: 'kent' });
    expect(await record.sendCommand('add-comment', { text: 'x' }, forceLead)).toEqual(['CommentAdded']);
    expect(
      await record.sendCommand('add-comment', { text: 'x' }, { ...forceLead, organisations: ['avon'] }),
    ).toBe('role-not-permitted');
    expect(await record.sendCommand('done', {}, { organisations: ['kent'] })).toBe('role-not-permitted');
  });

  test('given none, then it is named without a reason, and once', async () => {
    const record = await begun();
    expect(await record.sendCommand('assign-recipient', { recipient: 'kent' })).toEqual([
      'RecipientAssigned',
    ]);
    expect(await record.facts()).toMatchObject({ recipient: 'kent', recipientOn: '2026-11-02' });
    expect(await record.sendCommand('assign-recipient', { recipient: 'kent', reason: 'x' })).toBe(
      'another-recipient',
    );
    expect(await record.sendCommand('assign-recipient', { recipient: 'avon' })).toBe(
      'reason-for-a-recipient',
    );
  });

  test('given its people have acted, then an approver alone names another one', async () => {
    const record = await begun({ recipient: 'kent' });
    await record.sendCommand('add-comment', { text: 'x' }, forceLead);
    const body = { recipient: 'avon', reason: 'They merged.' };
    expect(await record.sendCommand('assign-recipient', body)).toBe('recipient-may-change');
    expect(await record.sendCommand('assign-recipient', body, { by: 'zoe', as: 'approver' })).toEqual([
      'RecipientAssigned',
    ]);
    expect(await record.facts()).toMatchObject({ recipient: 'avon', recipientActed: false });
  });

  test('given it has deadlines and one has passed, then an approver alone names another one', async () => {
    const record = await smallRecord(
      combineCapabilities(addressing, dating),
      { text: 'A text.', recipient: 'kent' },
      { due: dating.due, dates: dating.dates },
    );
    await record.sendCommand('set-deadline', { dueOn: '2026-11-20' });
    const body = { recipient: 'avon', reason: 'A slip.' };
    const late = { on: '2026-11-21' };
    expect(await record.sendCommand('assign-recipient', body, late)).toBe('no-deadline-passed');
    expect(
      await record.sendCommand('assign-recipient', body, { ...late, by: 'zoe', as: 'approver' }),
    ).toEqual([...['DeadlineApproaching', 'DeadlinePassed', 'RecipientAssigned']]);
  });

  test('given it has deadlines and none has passed, or it ended in time, then a slip is mended', async () => {
    const record = await smallRecord(
      combineCapabilities(addressing, dating),
      { text: 'A text.', recipient: 'kent' },
      { due: dating.due, dates: dating.dates },
    );
    await record.sendCommand('set-deadline', { dueOn: '2026-11-20' });
    expect(await record.sendCommand('assign-recipient', { recipient: 'avon', reason: 'A slip.' })).toEqual([
      'RecipientAssigned',
    ]);
    await record.sendCommand('done');
    const body = { recipient: 'kent', reason: 'A slip.' };
    expect(await record.sendCommand('assign-recipient', body, { on: '2026-11-21' })).toEqual([
      'RecipientAssigned',
    ]);
  });

  test.each([
    ['their own body', { recipient: 'kent' }, { organisations: ['kent'] }, 'not-their-own-body'],
    [
      'another body, and belongs to one',
      { recipient: 'avon' },
      { organisations: ['kent'] },
      'own-body-decides',
    ],
    ['no short name', { recipient: 'Kent Police' }, {}, 'invalid-payload'],
    ['it as another role', { recipient: 'kent' }, { as: 'auditor' }, 'role-not-permitted'],
  ])('given a command that names %s, then it is refused', async (_, body, call, code) => {
    const record = await begun();
    expect(await record.sendCommand('assign-recipient', body, call)).toBe(code);
  });

  test('given an event, then a summary knows the body as the facts do', () => {
    const none = { body: null, event: null };
    const event = { type: 'SmallBegun', eventId: 'e', data: { recipient: 'kent' } };
    expect(addressing.bodyAfter(none, event)).toEqual({ body: 'kent', event: 'e' });
    expect(addressing.bodyAfter(none, { ...event, type: 'CommentAdded' })).toBe(none);
  });
});
