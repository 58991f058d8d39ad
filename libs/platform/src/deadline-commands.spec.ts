import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { JsonObject } from '#event-sourcing/envelope';
import { importRecord } from '#use-cases/register-files/import-record';
import { noonOf, OneRecord } from '#test/support/one-record';
import { importCall } from '#test/support/register-imports';
import { lifecycles } from '#state-machines/lifecycles';
import type { pendingOn } from '#state-machines/inspection-recommendation/v1/record';

const TODAY = '2026-11-24';
const one = OneRecord.forEachTest();
const { callBy, sendCommand, issue, stream, record, refusal } = one;
const eventsSince = async (version: number) =>
  (await stream()).slice(version).map(({ type, data }) => ({ type, ...data }));

const due = (dueOn: string, more: JsonObject = {}): JsonObject => ({ dueOn, ...more });
const reason = { reason: 'a slip' };

describe('a deadline that was set in error', () => {
  beforeEach(() => issue());

  test('given a different approver, then the deadline is withdrawn with a reason, and history keeps it', async () => {
    await sendCommand('ann', 'set-deadline', due('2027-06-30'));
    await sendCommand('bob', 'withdraw-deadline', { deadlineId: 'd1', ...reason });
    expect(await eventsSince(2)).toEqual([{ type: 'DeadlineWithdrawn', deadlineId: 'd1', ...reason }]);
    expect(await record()).toMatchObject({ deadlines: [], state: { deadline: 'none' } });
    expect(await refusal(sendCommand('bob', 'withdraw-deadline', { deadlineId: 'd1', ...reason }))).toBe(
      'command-not-allowed',
    );
  });

  test('given the person who set it, then as inspector on that day alone, and never as approver', async () => {
    await sendCommand('cat', 'set-deadline', due('2027-06-30'));
    await sendCommand('cat', 'set-deadline', due('2027-09-30'));
    expect(await refusal(sendCommand('ann', 'withdraw-deadline', { deadlineId: 'd1', ...reason }))).toBe(
      'separation-of-duties',
    );
    await sendCommand('cli:cat', 'withdraw-deadline', { deadlineId: 'd1', ...reason });
    one.now = noonOf('2026-11-25');
    expect(await refusal(sendCommand('cat', 'withdraw-deadline', { deadlineId: 'd2', ...reason }))).toBe(
      'separation-of-duties',
    );
    expect(await refusal(sendCommand('ann', 'withdraw-deadline', { deadlineId: 'd2', ...reason }))).toBe(
      'separation-of-duties',
    );
    expect((await stream()).at(-1)?.decision).toMatchObject({ role: 'inspector' });
    await sendCommand('bob', 'withdraw-deadline', { deadlineId: 'd2', ...reason });
  });

  test('given the person who withdrew it as approver, then they set no later one in its place as inspector', async () => {
    await sendCommand('ann', 'set-deadline', due('2027-06-30'));
    await sendCommand('cat', 'withdraw-deadline', { deadlineId: 'd1', ...reason });
    expect(await refusal(sendCommand('cat', 'set-deadline', due('2027-07-01')))).toBe('separation-of-duties');
    // An earlier date does not postpone the deadline. Withdrawing it as their own mistake does not help either.
    await sendCommand('cli:cat', 'set-deadline', due('2027-06-30'));
    await sendCommand('cat', 'withdraw-deadline', { deadlineId: 'd2', ...reason });
    expect(await refusal(sendCommand('cli:cat', 'set-deadline', due('2027-07-01')))).toBe(
      'separation-of-duties',
    );
    await sendCommand('ida', 'set-deadline', due('2027-12-31'));
    await sendCommand('cat', 'set-deadline', due('2028-12-31'));
  });

  test('given several deadlines that one person withdrew, then the earliest counts, and a different person sets a later one', async () => {
    for (const day of ['2027-06-30', '2027-03-31', '2027-09-30'])
      await sendCommand('ann', 'set-deadline', due(day));
    for (const deadlineId of ['d1', 'd2', 'd3'])
      await sendCommand('cat', 'withdraw-deadline', { deadlineId, ...reason });
    expect(await refusal(sendCommand('cat', 'set-deadline', due('2027-04-01')))).toBe('separation-of-duties');
    await sendCommand('ann', 'set-deadline', due('2027-04-01'));
  });

  test('given the person who set a later one before, then they do not withdraw it either', async () => {
    await sendCommand('ann', 'set-deadline', due('2027-06-30'));
    await sendCommand('cat', 'set-deadline', due('2027-03-31'));
    await sendCommand('cat', 'set-deadline', due('2027-12-31'));
    expect(await refusal(sendCommand('cat', 'withdraw-deadline', { deadlineId: 'd1', ...reason }))).toBe(
      'separation-of-duties',
    );
    await sendCommand('bob', 'withdraw-deadline', { deadlineId: 'd1', ...reason });
  });

  test('given a person who set or granted a later one, then they withdraw no earlier one of another person', async () => {
    await sendCommand('cat', 'set-deadline', due('2027-12-31'));
    await sendCommand('ann', 'set-deadline', due('2027-06-30'));
    const withdraw = (subject: string, deadlineId: string) =>
      sendCommand(subject, 'withdraw-deadline', { deadlineId, ...reason });
    expect(await refusal(withdraw('cat', 'd2'))).toBe('separation-of-duties');
    await sendCommand('bob', 'withdraw-deadline', { deadlineId: 'd1', ...reason });
    await sendCommand('ann', 'set-deadline', due('2027-03-31'));
    await sendCommand('lea', 'request-extension', { deadlineId: 'd3', ...due('2028-12-31'), ...reason });
    await sendCommand('cat', 'grant-extension', {});
    expect(await refusal(withdraw('cat', 'd2'))).toBe('separation-of-duties');
    // A later one than their own leaves the earlier date.
    await sendCommand('ann', 'set-deadline', due('2029-12-31'));
    await withdraw('cat', 'd4');
  });

  test('given a day in London, then it ends at midnight in London', async () => {
    one.now = Date.parse('2026-07-01T22:30:00Z');
    await sendCommand('ann', 'set-deadline', due('2027-06-30'));
    await sendCommand('ann', 'set-deadline', due('2027-06-30'));
    one.now = Date.parse('2026-07-01T22:59:59Z');
    await sendCommand('ann', 'withdraw-deadline', { deadlineId: 'd1', ...reason });
    one.now = Date.parse('2026-07-01T23:00:00Z');
    expect(await refusal(sendCommand('ann', 'withdraw-deadline', { deadlineId: 'd2', ...reason }))).toBe(
      'separation-of-duties',
    );
  });

  test('given a request to extend it, then the request lapses from the effective day on', async () => {
    await sendCommand('ann', 'set-deadline', due('2026-11-30', { effectiveOn: '2026-11-01' }));
    await sendCommand('lea', 'request-extension', { ...due('2027-01-31'), ...reason });
    expect((await record()).pending.extensions).toMatchObject([{ deadlineId: 'd1', requester: 'lea' }]);
    await sendCommand('bob', 'withdraw-deadline', { deadlineId: 'd1', effectiveOn: '2026-11-10', ...reason });
    expect((await record()).pending.extensions).toEqual([]);
    // By effective date, the request follows the withdrawal.
    expect((await record(TODAY)).pending.extensions).toEqual([]);
    expect(await record('2026-11-09')).toMatchObject({ deadlines: [{ id: 'd1' }] });
    expect(await record('2026-11-10')).toMatchObject({ deadlines: [], state: { deadline: 'none' } });
    expect(await refusal(sendCommand('ann', 'grant-extension', {}))).toBe('command-not-allowed');
  });

  test('given an imported one, then any approver withdraws it, also its importer, and no inspector', async () => {
    one.open();
    const source =
      'A title (r-1)\n\nBy 30 June 2027, forces should plan. They should act by 30 September 2027.\n\n' +
      '[on]1st June 2026 [status]awaiting-review[/status][/on]';
    await importRecord(one.store, lifecycles, importCall(source, callBy('cat')));
    expect((await record()).deadlines).toHaveLength(2);
    expect(await refusal(sendCommand('ann', 'withdraw-deadline', { deadlineId: 'd1', ...reason }))).toBe(
      'separation-of-duties',
    );
    await sendCommand('cat', 'withdraw-deadline', { deadlineId: 'd1', ...reason });
    expect(await record()).toMatchObject({ deadlines: [{ id: 'd2', source: { from: 53 } }] });
  });
});

describe('a new deadline', () => {
  beforeEach(() => issue());

  test('given a date before its effective day, then it is refused', async () => {
    expect(await refusal(sendCommand('ann', 'set-deadline', due('2026-11-23')))).toBe('due-in-past');
    await sendCommand('ann', 'set-deadline', due(TODAY));
    expect(
      await refusal(sendCommand('ann', 'set-deadline', due('2026-02-28', { effectiveOn: '2026-03-01' }))),
    ).toBe('due-in-past');
    // The date would be in the past on the day of entry. Only the issue may set such a date, as 55 days after publication.
    expect(
      await refusal(sendCommand('ann', 'set-deadline', due('2026-03-01', { effectiveOn: '2026-03-01' }))),
    ).toBe('due-in-past');
    await sendCommand('ann', 'set-deadline', due('2026-02-25'));
    expect((await record()).deadlines).toHaveLength(2);
  });

  test('given a date that has passed and that the text as issued names, in whatever sense, then it is accepted', async () => {
    const text =
      'The review of 1 October 2026 was bad, as that of 1 October 2025 and of 2 November had been.';
    one.open();
    await issue({ text, deadlines: [{ dueOn: '2026-10-01' }] });
    const set = (dueOn: string) => sendCommand('ann', 'set-deadline', due(dueOn));
    await set('2026-10-01');
    for (const dueOn of ['2026-10-02', '2026-11-02', '2025-10-01'])
      await expect(set(dueOn)).rejects.toMatchObject({
        code: 'due-in-past',
        message: expect.stringContaining('(2026-02-25, 2026-10-01)'),
      });
  });
});

describe('a deadline that is confirmed', () => {
  const confirm = (dueOn: string) => sendCommand('ann', 'confirm-deadline', { deadlineId: 'd1', dueOn });

  test('given a date that has passed, then it is accepted where the text as issued suggests it', async () => {
    await issue({ text: 'Within six months, forces should plan.' });
    expect(await refusal(confirm('2025-12-31'))).toBe('due-in-past');
    expect(await refusal(confirm('2026-01-01'))).toBe('due-in-past');
    await confirm('2026-07-01');
    expect((await record()).deadlines).toMatchObject([{ dueOn: '2026-07-01', source: { from: 0, to: 17 } }]);
  });

  test('given a later date than the text suggests, then two people agree on it', async () => {
    one.now = noonOf('2026-02-01');
    await issue({ text: 'Within six months, forces should plan.' });
    for (const subject of ['ann', 'ida'])
      expect(
        await refusal(sendCommand(subject, 'confirm-deadline', { deadlineId: 'd1', ...due('2026-07-02') })),
      ).toBe('separation-of-duties');
    await confirm('2026-07-01');
    await sendCommand('ann', 'request-extension', { ...due('2026-07-02'), ...reason });
    await sendCommand('ida', 'grant-extension');
  });

  test('given a dismissed date of the text, then only a second person sets a later one', async () => {
    await issue({ text: 'Within two years, forces should plan.' });
    await sendCommand('ann', 'dismiss-deadline', { deadlineId: 'd1' });
    expect(await refusal(sendCommand('ann', 'set-deadline', due('2028-01-02')))).toBe('separation-of-duties');
    await sendCommand('ann', 'set-deadline', due('2028-01-01'));
    await sendCommand('ida', 'set-deadline', due('2028-01-02'));
    await sendCommand('ann', 'set-deadline', due('2029-01-01'));
  });

  test('given a text that was amended, then its past dates are not those of the issue', async () => {
    await issue();
    await sendCommand('ann', 'amend-text', { text: 'By 30 June 2026, forces should plan.', ...reason });
    expect(await refusal(confirm('2026-06-30'))).toBe('due-in-past');
    expect(await refusal(confirm('2026-12-30'))).toBe('separation-of-duties');
    await sendCommand('ann', 'dismiss-deadline', { deadlineId: 'd1' });
    await sendCommand('ida', 'set-deadline', due('2026-12-30'));
    expect((await record()).deadlines).toMatchObject([{ dueOn: '2026-12-30' }]);
  });
});

describe('an issue', () => {
  test('given more than a hundred deadlines, or one before the publication, then nothing is issued', async () => {
    const deadlines = Array.from({ length: 101 }, (_, index) => ({
      dueOn: `20${27 + Math.floor(index / 10)}-01-${String(10 + (index % 10))}`,
    }));
    expect(await refusal(issue({ deadlines }))).toBe('too-many-deadlines');
    expect(await refusal(issue({ deadlines: deadlines.slice(1), responseRequired: true }))).toBe(
      'too-many-deadlines',
    );
    expect(await refusal(issue({ deadlines: [{ dueOn: '2025-12-31' }] }))).toBe('due-in-past');
    expect(await refusal(issue({ deadlines: [{ dueOn: '2026-01-01' }] }))).toBe('due-in-past');
    const text = 'By 30 June 2026, or within two months, forces should plan.';
    const passed = ['2026-06-30', '2026-02-25', '2026-03-01'];
    await issue({ text, deadlines: passed.map((dueOn) => ({ dueOn })) });
    expect(await refusal(issue({ deadlines: [{ dueOn: '2025-12-31' }] }))).toBe('id-already-used');
  });

  test.each(['1899-12-31', '2027-02-23'])(
    'given a report published on %s, then nothing is issued',
    async (publishedOn) => {
      const published = issue({ report: { name: 'A report', publishedOn } });
      expect(await refusal(published)).toBe('publication-out-of-range');
    },
  );

  test.each(['1900-01-01', '2027-02-22'])(
    'given a report published on %s, then it is issued',
    async (publishedOn) => {
      await issue({ report: { name: 'A report', publishedOn } });
      expect(await record()).toMatchObject({ report: { publishedOn } });
    },
  );

  test('given dates before the publication, then the refusal points to each of them', async () => {
    const past = { dueOn: '2025-12-31' };
    const deadlines = [past, { dueOn: '2027-01-01' }, past];
    const issued = issue({ deadlines, responseRequired: true, responseDueOn: '2025-12-30' });
    const messageFor = (day: string) =>
      `The deadline must be on or after the publication date, 2026-01-01; ${day} is earlier`;
    await expect(issued).rejects.toMatchObject({
      code: 'due-in-past',
      message: messageFor('2025-12-31'),
      details: {
        errors: [
          { pointer: '/deadlines/0/dueOn', detail: messageFor('2025-12-31') },
          { pointer: '/deadlines/2/dueOn', detail: messageFor('2025-12-31') },
          { pointer: '/responseDueOn', detail: messageFor('2025-12-30') },
        ],
      },
    });
    await issue();
    await expect(sendCommand('ann', 'set-deadline', past)).rejects.toMatchObject({
      code: 'due-in-past',
      details: { errors: [{ pointer: '/dueOn' }] },
    });
  });

  test('given a different day for the response than the statutory one, then that day is its deadline', async () => {
    const response = { responseRequired: true, responseDueOn: '2026-12-31' };
    expect(await refusal(issue({ responseDueOn: '2026-12-31' }))).toBe('invalid-payload');
    expect(await refusal(issue({ ...response, responseRequired: false }))).toBe('invalid-payload');
    expect(await refusal(issue({ ...response, responseDueOn: '2026-02-30' }))).toBe('invalid-payload');
    expect(await refusal(issue({ ...response, responseDueOn: '2025-12-31' }))).toBe('due-in-past');
    await issue(response);
    expect((await record()).deadlines).toMatchObject([{ kind: 'response', dueOn: '2026-12-31' }]);
  });
});

describe('a pending request', () => {
  test('is listed with its requester, its day and its event', async () => {
    await issue({ text: 'Within six months, forces should plan.' });
    await sendCommand('ann', 'set-deadline', due('2027-06-30'));
    await sendCommand('lea', 'request-extension', { dueOn: '2027-12-31', ...reason });
    await sendCommand('ida', 'request-closure', { statement: 'Done.' });
    const [, , , extension, closure] = await stream();
    const { pending } = await record();
    expect(pending).toEqual({
      closure: {
        ...{ eventId: closure!.eventId, requester: 'ida', requestedOn: TODAY },
        outcome: 'complete',
        decides: [closure!.eventId],
      },
      corrections: [],
      extensions: [
        {
          deadlineId: 'd2',
          dueOn: '2027-12-31',
          decides: [extension!.eventId],
          eventId: extension!.eventId,
          requester: 'lea',
          requestedOn: TODAY,
        },
      ],
      proposals: [
        {
          id: 'd1',
          suggestedOn: '2026-07-01',
          rule: 'after-publication',
          source: { eventId: (await stream())[0]!.eventId, from: 0, to: 17 },
        },
      ],
    });
    await sendCommand('bob', 'approve-closure', { statement: 'Done.' });
    expect((await record()).pending).toEqual({ extensions: [], proposals: [], corrections: [] });
  });
});

describe('a decision dated before later events', () => {
  const backdated = (subject: string, command: string, body: JsonObject, effectiveOn: string) =>
    sendCommand(subject, command, { ...body, effectiveOn });

  test('decides on nothing that is effective after it', async () => {
    await issue({ text: 'Within six months, forces should plan.' });
    const refused = 'effective-date-out-of-order';
    await sendCommand('ann', 'assign-owner', { owner: 'ann', effectiveOn: '2026-03-01' });
    expect(await refusal(backdated('ann', 'assign-owner', { owner: 'bob', ...reason }, '2026-02-28'))).toBe(
      refused,
    );
    await backdated('ann', 'amend-text', { text: 'Within a year.', ...reason }, '2026-03-01');
    expect(await refusal(backdated('ann', 'amend-text', { text: 'Soon.', ...reason }, '2026-02-28'))).toBe(
      refused,
    );
    await backdated('ann', 'amend-text', { title: 'Another', ...reason }, '2026-02-28');
    expect(await refusal(backdated('ann', 'amend-text', { title: 'A', ...reason }, '2026-02-27'))).toBe(
      refused,
    );
    // The amended text has its own date, which was proposed from 1 March on.
    for (const [command, body] of [
      ['confirm-deadline', { deadlineId: 'd2', dueOn: '2027-01-01' }],
      ['dismiss-deadline', { deadlineId: 'd2' }],
    ] as const) {
      expect(await refusal(backdated('ann', command, body, '2026-02-28'))).toBe(refused);
    }
    await backdated('ann', 'set-deadline', due('2027-06-30'), '2026-04-01');
    const extension = { deadlineId: 'd3', dueOn: '2027-12-31', ...reason };
    expect(await refusal(backdated('ann', 'request-extension', extension, '2026-03-31'))).toBe(refused);
    await backdated('ann', 'request-extension', extension, '2026-05-01');
    for (const [who, command] of [
      ['ida', 'grant-extension'],
      ['ida', 'refuse-extension'],
      ['ann', 'withdraw-extension'],
    ] as const) {
      const body = command === 'refuse-extension' ? reason : {};
      expect(await refusal(backdated(who, command, body, '2026-04-30'))).toBe(refused);
    }
    await backdated('ida', 'grant-extension', {}, '2026-05-02');
    expect(
      await refusal(backdated('bob', 'withdraw-deadline', { deadlineId: 'd3', ...reason }, '2026-05-01')),
    ).toBe(refused);
    await backdated('bob', 'withdraw-deadline', { deadlineId: 'd3', ...reason }, '2026-05-02');
  });
});

describe('a second request', () => {
  beforeEach(async () => {
    await issue({ deadlines: [{ dueOn: '2026-12-31' }] });
    await sendCommand('ann', 'request-extension', {
      dueOn: '2027-01-31',
      ...reason,
      effectiveOn: '2026-03-01',
    });
    await sendCommand('ida', 'refuse-extension', { ...reason, effectiveOn: '2026-05-01' });
  });

  test('is not effective before the first one was refused, which no view then shows as pending', async () => {
    const again = { dueOn: '2027-02-28', ...reason };
    expect(
      await refusal(sendCommand('ann', 'request-extension', { ...again, effectiveOn: '2026-04-30' })),
    ).toBe('effective-date-out-of-order');
    await sendCommand('ann', 'request-extension', { ...again, effectiveOn: '2026-05-01' });
    const second = (await stream()).at(-1)!.eventId;
    for (const day of ['2026-05-01', TODAY])
      expect((await record(day)).pending.extensions).toMatchObject([{ eventId: second }]);
    expect((await record('2026-04-30')).pending.extensions).toMatchObject([{ dueOn: '2027-01-31' }]);
  });
});

describe('the subject of a decision', () => {
  const evidence = { items: [{ name: 'a plan', sha256: 'a'.repeat(64) }] };
  const pending = async () => (await record()).pending as ReturnType<typeof pendingOn>;

  test('is the pending request of the record', async () => {
    await issue({ deadlines: [{ dueOn: '2026-12-31' }] });
    await sendCommand('ann', 'submit-evidence', evidence);
    await sendCommand('ann', 'submit-evidence', evidence);
    const decides = (await pending()).evidence!.decides;
    expect(decides).toHaveLength(2);
    await sendCommand('ann', 'submit-evidence', evidence);
    expect(await refusal(sendCommand('ida', 'accept-evidence', { decides }))).toBe('command-not-allowed');
    await sendCommand('ida', 'accept-evidence', { decides: (await pending()).evidence!.decides });
    expect((await pending()).evidence).toBeUndefined();
    await sendCommand('ann', 'request-extension', { dueOn: '2027-01-31', ...reason });
    const [extension] = (await pending()).extensions;
    await sendCommand('ida', 'refuse-extension', { decides: extension!.decides, ...reason });
    await sendCommand('ann', 'request-closure', { statement: 'Done.' });
    const closure = (await pending()).closure!;
    expect(closure.decides).toEqual([closure.eventId, ...decides, expect.any(String)]);
    await sendCommand('bob', 'approve-closure', { decides: closure.decides, statement: 'Done.' });
  });

  test('can be as much as a record can contain', async () => {
    await issue();
    await sendCommand('ann', 'submit-evidence', evidence);
    const decides = Array.from({ length: 10_000 }, () => randomUUID());
    expect(await refusal(sendCommand('ida', 'accept-evidence', { decides }))).toBe('command-not-allowed');
    expect(await refusal(sendCommand('ida', 'accept-evidence', { decides: [...decides, ...decides] }))).toBe(
      'invalid-payload',
    );
  });
});

describe('a proposal on a record that is closed', () => {
  test('is not open: it is not listed, and can be neither confirmed nor dismissed, until the record is reopened', async () => {
    await issue({ text: 'Within six months, forces should plan.' });
    await sendCommand('ann', 'request-closure', { statement: 'Done.' });
    await sendCommand('bob', 'approve-closure', { statement: 'Done.' });
    expect(await record()).toMatchObject({ proposedDeadlines: [], pending: { proposals: [] } });
    const confirm = { deadlineId: 'd1', dueOn: '2026-07-01' };
    expect(await refusal(sendCommand('ann', 'confirm-deadline', confirm))).toBe('command-not-allowed');
    expect(await refusal(sendCommand('ann', 'dismiss-deadline', { deadlineId: 'd1' }))).toBe(
      'command-not-allowed',
    );
    await sendCommand('bob', 'reopen', reason);
    const { proposedDeadlines, pending } = await record();
    expect(proposedDeadlines).toMatchObject([{ id: 'd1' }]);
    expect(pending.proposals).toEqual(proposedDeadlines);
    await sendCommand('ann', 'confirm-deadline', confirm);
  });
});

describe('an amended text', () => {
  const eventIds = async () => (await stream()).map(({ eventId }) => eventId);
  const amend = (text: string) => sendCommand('ann', 'amend-text', { text, ...reason });

  test('given a title, or title and text, then they are in effect from then on', async () => {
    await issue();
    await sendCommand('ann', 'amend-text', { title: 'Another title', ...reason });
    expect(await record()).toMatchObject({ title: 'Another title', text: 'A text.' });
    await sendCommand('ann', 'amend-text', { title: 'A third', text: 'Another text.', ...reason });
    expect(await record()).toMatchObject({ title: 'A third', text: 'Another text.' });
    for (const body of [reason, { text: 'x' }, { title: ' ', ...reason }, { title: 'a\nb', ...reason }]) {
      expect(await refusal(sendCommand('ann', 'amend-text', body))).toBe('invalid-payload');
    }
    const sensitive = (await stream()).map(({ commitments }) => Object.keys(commitments).sort());
    expect(sensitive.slice(1)).toEqual([
      ['/data/reason', '/data/title'],
      ['/data/reason', '/data/text', '/data/title'],
    ]);
  });

  test('given the current text, then there is nothing to amend', async () => {
    await issue({ title: 'A title', text: 'A text.' });
    const same: JsonObject[] = [
      { text: 'A text.' },
      { title: 'A title' },
      { title: 'A title', text: 'A text.' },
    ];
    for (const body of same) {
      expect(await refusal(sendCommand('ann', 'amend-text', { ...body, ...reason }))).toBe(
        'command-not-allowed',
      );
    }
    await sendCommand('ann', 'amend-text', { title: 'A title', text: 'Another.', ...reason });
    expect(await refusal(sendCommand('ann', 'amend-text', { text: 'Another.', ...reason }))).toBe(
      'command-not-allowed',
    );
    await sendCommand('ann', 'amend-text', { text: 'A text.', ...reason });
    // Redacted text cannot be recognised as equal.
    await sendCommand('bob', 'redact-comment', {
      eventId: (await eventIds()).at(-1)!,
      pointers: ['/data/text'],
      ...reason,
    });
    await sendCommand('ann', 'amend-text', { text: 'A text.', ...reason });
  });

  test('given a date that the old text did not have, then it is proposed, even if it is exact', async () => {
    await issue({ text: 'By 30 June 2027, forces should plan.' });
    await amend(
      'By 30 June 2027, forces should plan. They should act by 30 September 2027, and within a year.',
    );
    const id = (await eventIds()).at(2)!;
    expect(await eventsSince(3)).toEqual([
      {
        type: 'DeadlineProposed',
        deadlineId: 'd2',
        kind: 'action',
        suggestedOn: '2027-09-30',
        rule: 'amended-text',
        source: { eventId: id, from: 53, to: 73 },
      },
      expect.objectContaining({ deadlineId: 'd3', suggestedOn: '2027-01-01', rule: 'after-publication' }),
    ]);
    expect((await record()).deadlines).toMatchObject([{ id: 'd1', dueOn: '2027-06-30' }]);
    // The same text again proposes no new dates, even if some were dismissed in the meantime.
    await sendCommand('ann', 'dismiss-deadline', { deadlineId: 'd2' });
    const before = (await stream()).length;
    await amend(
      'By 30 June 2027, forces should plan. They should act by 30 September 2027, and within a year!',
    );
    expect((await eventsSince(before)).map(({ type }) => type)).toEqual(['TextAmended']);
  });

  test('given words that moved, then the deadline points to them in the new text', async () => {
    await issue({ text: 'By 30 June 2027, forces should plan. Within six months they should act.' });
    await amend('Forces should plan no later than 30 June 2027. Within six months, they should act.');
    const id = (await eventIds()).at(-1)!;
    expect(await record()).toMatchObject({
      deadlines: [{ id: 'd1', dueOn: '2027-06-30', source: { eventId: id, from: 19, to: 45 } }],
      proposedDeadlines: [{ id: 'd2', source: { eventId: id, from: 47, to: 64 } }],
    });
    expect((await record()).deadlines[0]).not.toHaveProperty('sourceGone');
  });

  test('given removed words, then the deadline stays in force, and is marked, until they are back', async () => {
    one.now = noonOf('2026-06-01');
    await issue({ text: 'By 30 June 2027, forces should plan. Within six months they should act.' });
    await amend('Forces should plan.');
    expect(await record()).toMatchObject({
      deadlines: [{ id: 'd1', dueOn: '2027-06-30', source: null, sourceGone: true }],
      pending: { proposals: [{ id: 'd2', source: null, sourceGone: true }] },
      state: { deadline: 'on-track' },
    });
    await sendCommand('ann', 'confirm-deadline', { deadlineId: 'd2', dueOn: '2026-07-01' });
    expect((await record()).deadlines[1]).toMatchObject({ id: 'd2', source: null, sourceGone: true });
    const before = (await stream()).length;
    await amend('By 30 June 2027, forces should plan.');
    expect((await eventsSince(before)).map(({ type }) => type)).toEqual(['TextAmended']);
    expect((await record()).deadlines).toMatchObject([
      { id: 'd1', source: { from: 0, to: 15 } },
      { id: 'd2', source: null, sourceGone: true },
    ]);
  });

  test('given a date that was set without words, then the words that state it are linked to it', async () => {
    await issue({ deadlines: [{ dueOn: '2027-06-30' }] });
    expect((await record()).deadlines[0]).not.toHaveProperty('source');
    await amend('By 30 June 2027, forces should plan.');
    expect(await record()).toMatchObject({
      deadlines: [{ id: 'd1', source: { from: 0, to: 15 } }],
      pending: { proposals: [] },
    });
  });

  test('given an old text that was redacted, then its deadline is found by its date', async () => {
    await issue({ text: 'By 30 June 2027, forces should plan.' });
    await sendCommand('bob', 'redact-comment', { eventId: (await eventIds())[0]!, ...reason });
    await amend('Forces should plan by 30 June 2027, and act by 30 September 2027.');
    expect(await record()).toMatchObject({
      deadlines: [{ id: 'd1', source: { from: 19, to: 34 } }],
      pending: { proposals: [{ suggestedOn: '2027-09-30' }] },
    });
  });
});

describe('a deadline that is recorded as passed', () => {
  const closing = { statement: 'Done.' };
  const response = { position: 'action-taken', text: 'Ours.', publishedElsewhere: 'https://a.example/b' };
  beforeEach(async () => {
    one.now = noonOf('2026-01-01');
    await issue({ deadlines: [{ dueOn: '2026-03-31' }], responseRequired: true });
    one.now = noonOf('2026-05-10');
  });

  test.each([
    ['is withdrawn', 'bob', 'withdraw-deadline', { deadlineId: 'd1', ...reason }, '2026-04-30'],
    ['goes to another body', 'bob', 'assign-recipient', { recipient: 'kent', ...reason }, '2026-04-30'],
  ] as const)('%s by one person from its last threshold on', async (_, who, command, body, earliest) => {
    const before = await stream();
    const early = sendCommand(who, command, { ...body, effectiveOn: '2026-03-15' });
    await expect(early).rejects.toMatchObject({
      code: 'effective-date-before-threshold',
      details: { earliest },
    });
    await expect(early).rejects.toThrow(`can take effect on ${earliest} or later`);
    expect(await stream()).toEqual(before);
    await sendCommand(who, command, { ...body, effectiveOn: earliest });
  });

  test('is settled earlier by two people', async () => {
    await sendCommand('ann', 'request-closure', { ...closing, effectiveOn: '2026-03-20' });
    await sendCommand('bob', 'approve-closure', { ...closing, effectiveOn: '2026-03-21' });
    expect((await record('2026-04-05')).state).toMatchObject({ deadline: 'settled' });
  });

  test('does not prevent commands that leave it unchanged', async () => {
    await sendCommand('ann', 'assign-owner', { owner: 'ann', effectiveOn: '2026-02-01' });
    await sendCommand('ann', 'start-progress', { effectiveOn: '2026-02-01' });
  });

  test('stays late where one person says that the response was published before, and is escalated later', async () => {
    one.now = noonOf('2026-03-01');
    await sendCommand('ann', 'publish-response', { ...response, effectiveOn: '2026-02-20' });
    const [published] = (await eventsSince(0)).slice(-1);
    expect(published).toMatchObject({ type: 'ResponsePublished', late: false, claim: true });
    const deadlineOf = (all: Awaited<ReturnType<typeof record>>) =>
      all.deadlines.find(({ kind }) => kind === 'response')?.state;
    expect(deadlineOf(await record('2026-03-01'))).toBe('overdue');
    one.now = noonOf('2026-05-10');
    await sendCommand('ann', 'add-comment', { text: 'A word.', visibility: 'public' });
    const response55 = (await eventsSince(0)).filter((each) => each.type === 'DeadlineEscalated');
    expect(response55.map((each) => 'kind' in each && each.kind)).toEqual(['response', 'action']);
    expect(deadlineOf(await record('2026-05-10'))).toBe('escalated');
  });
});
