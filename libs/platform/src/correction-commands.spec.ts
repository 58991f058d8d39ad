import 'reflect-metadata';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { systemRandom } from '#event-sourcing/random';
import type { JsonObject } from '#event-sourcing/envelope';
import { ProjectionRunner } from '#projections/runner';
import { openSqliteReadModels } from '#projections/sqlite/open-read-models';
import { registerProjection } from '#read-models/register/register-projection';
import { queryWork } from '#read-models/register/work-query';
import { lifecycles } from '#state-machines/lifecycles';
import { noonOf, OneRecord } from '#test/support/one-record';
import { importCall } from '#test/support/register-imports';
import { sweepDeadlines } from '#use-cases/records/sweep-deadlines';
import { importRecord } from '#use-cases/register-files/import-record';

const one = OneRecord.forEachTest();
const { callBy, sendCommand, stream, record, refusal } = one;
const issue = (more: JsonObject = {}) =>
  one.issue({ report: { name: 'A report', publishedOn: '2026-11-01' }, ...more });

let readModels: ReturnType<typeof openSqliteReadModels>;
beforeEach(() => {
  readModels = openSqliteReadModels(':memory:', [registerProjection]);
});
afterEach(() => readModels.close());

/** Sets the clock to a day and runs sweeps until the deadlines that have passed by then are recorded. */
async function sweepOn(day: string): Promise<void> {
  one.now = noonOf(day);
  await new ProjectionRunner({ store: one.store, database: readModels }).catchUp();
  await sweepDeadlines(one.store, readModels, lifecycles, {
    asOf: day,
    actor: { subject: 'a-sweeper', roles: ['scheduler'] },
    correlationId: systemRandom.uuid,
    now: () => one.now,
  });
}

/** Returns the number of records in a queue of an inspector. */
async function counted(queue: string, subject: string): Promise<number> {
  await new ProjectionRunner({ store: one.store, database: readModels }).catchUp();
  const of = { subject, roles: ['inspector'], organisations: [] };
  const { queues } = await queryWork(readModels, { today: '2027-01-15', recipients: null, viewer: of });
  return queues.find(({ name }) => name === queue)?.count ?? 0;
}

/** Returns what an approver of the closure sees as still open. */
async function openPoints(): Promise<readonly string[]> {
  const { state } = (await one.handler.states.load(one.streamId))!;
  const { commands } = lifecycles.current('inspection-recommendation');
  return commands['approve-closure']?.stillOpen?.(state, '2027-01-15') ?? [];
}

const idOf = async (type: string): Promise<string> =>
  (await stream()).findLast((event) => event.type === type)?.eventId ?? '';
const passings = async () =>
  (await stream())
    .filter(({ type }) => type === 'DeadlinePassed')
    .map(({ effectiveOn, data }) => ({ effectiveOn, ...data }));

const reason = { reason: 'a slip of the pen' };
const correct = async (type: string, correction: JsonObject, subject = 'ann') => {
  const eventId = await idOf(type);
  return sendCommand(subject, 'request-correction', { eventId, ...correction, ...reason });
};

describe('a mistyped deadline that was recorded as passed', () => {
  beforeEach(async () => {
    await issue({ deadlines: [{ dueOn: '2026-12-10' }] });
    await sweepOn('2027-01-15');
    await correct('DeadlineSet', { dueOn: '2027-02-10' });
  });

  test('given a second person, then it is corrected from its own date on, and history keeps both', async () => {
    const eventId = await idOf('DeadlineSet');
    const request = await idOf('CorrectionRequested');
    expect((await record()).pending.corrections).toEqual([
      {
        ...{ corrects: eventId, dueOn: '2027-02-10', eventId: request },
        ...{ requester: 'ann', requestedOn: '2027-01-15', decides: [request] },
      },
    ]);
    await sendCommand('ida', 'approve-correction', {});
    expect((await stream()).at(-1)).toMatchObject({
      type: 'CorrectionApproved',
      effectiveOn: '2026-11-01',
      data: {
        ...{ eventId, dueOn: '2027-02-10', insteadOf: '2026-12-10', deadlineId: 'd1' },
        decides: [request],
      },
    });
    expect(await record()).toMatchObject({
      deadlines: [{ id: 'd1', dueOn: '2027-02-10', firstDueOn: '2027-02-10', state: 'on-track' }],
      pending: { corrections: [] },
    });
    expect(await record('2026-12-20')).toMatchObject({ deadlines: [{ dueOn: '2027-02-10' }] });
    expect(await record('2026-12-20', '2027-01-01T00:00:00.000Z').then(({ deadlines }) => deadlines)).toEqual(
      [expect.objectContaining({ dueOn: '2026-12-10' })],
    );
    // A correction effective on an earlier day is not pending on any later day.
    expect((await record('2027-01-15')).pending.corrections).toEqual([]);
  });

  test('given its correction, then the thresholds of the right date are recorded anew', async () => {
    await sendCommand('bob', 'approve-correction', {});
    await sweepOn('2027-03-01');
    expect(await passings()).toMatchObject([
      { effectiveOn: '2026-12-11', dateVersion: 1, dueOn: '2026-12-10' },
      { effectiveOn: '2027-02-11', dateVersion: 2, dueOn: '2027-02-10' },
    ]);
  });

  test('given the requester, under any name, then they do not decide', async () => {
    expect(await refusal(sendCommand('ann', 'approve-correction', {}))).toBe('separation-of-duties');
    expect(await refusal(sendCommand('cli:ann', 'refuse-correction', reason))).toBe('separation-of-duties');
    expect(await refusal(sendCommand('lea', 'approve-correction', {}))).toBe('role-not-permitted');
  });

  test('given a refusal, then it stays, and can be requested again', async () => {
    const eventId = await idOf('DeadlineSet');
    await sendCommand('bob', 'refuse-correction', { eventId, ...reason });
    expect(await record()).toMatchObject({
      deadlines: [{ dueOn: '2026-12-10' }],
      pending: { corrections: [] },
    });
    expect(await refusal(sendCommand('bob', 'approve-correction', {}))).toBe('command-not-allowed');
    await correct('DeadlineSet', { dueOn: '2027-02-11' });
  });

  test('given a later extension, then the extension stays, and the first date is corrected', async () => {
    await sendCommand('lea', 'request-extension', { dueOn: '2027-03-10', reason: 'more time' });
    await sendCommand('ida', 'grant-extension', {});
    expect(await refusal(sendCommand('ida', 'approve-correction', {}))).toBe('decides-outdated');
    const { pending } = await record();
    const decides = { decides: [...(pending.corrections[0]?.decides ?? [])] };
    expect(await refusal(sendCommand('ida', 'approve-correction', decides))).toBe('separation-of-duties');
    await sendCommand('bob', 'approve-correction', decides);
    expect(await record()).toMatchObject({
      deadlines: [{ dueOn: '2027-03-10', firstDueOn: '2027-02-10' }],
    });
    const correction = correct('DeadlineExtended', { dueOn: '2027-02-10' });
    expect(await refusal(correction)).toBe('deadline-not-later');
    await correct('DeadlineExtended', { dueOn: '2027-03-11' });
    await sendCommand('ida', 'approve-correction', {});
    expect(await record()).toMatchObject({
      deadlines: [{ dueOn: '2027-03-11', firstDueOn: '2027-02-10' }],
    });
  });

  test('given a closed record, then the pending correction is gone, and a new one corrects the deadline', async () => {
    await sendCommand('ann', 'request-closure', { statement: 'Done.' });
    await sendCommand('bob', 'approve-closure', { statement: 'Done.' });
    expect((await record()).pending.corrections).toEqual([]);
    expect(await refusal(sendCommand('ida', 'approve-correction', {}))).toBe('command-not-allowed');
    await correct('DeadlineSet', { dueOn: '2027-02-10' });
    await sendCommand('ida', 'approve-correction', {});
    expect(await record()).toMatchObject({ deadlines: [{ dueOn: '2027-02-10' }] });
  });

  test('given an effective date, then it must be that of the corrected event', async () => {
    const other = { effectiveOn: '2027-01-02' };
    expect(await refusal(sendCommand('ida', 'approve-correction', other))).toBe(
      'effective-date-of-correction',
    );
    await sendCommand('ida', 'approve-correction', { effectiveOn: '2026-11-01' });
  });
});

describe('a correction', () => {
  beforeEach(() => issue({ deadlines: [{ dueOn: '2026-12-10' }], responseRequired: true }));

  test.each([
    ['of nothing', {}, 'invalid-payload'],
    ['of two things at once', { dueOn: '2027-01-31', recipient: 'kent' }, 'invalid-payload'],
    ['that denies a claim', { confirms: false }, 'invalid-payload'],
    ['to a date before its effective day', { dueOn: '2026-10-31' }, 'due-in-past'],
    ['of a member that the event does not have', { recipient: 'kent' }, 'not-correctable'],
    ['of what is not a claim', { confirms: true }, 'not-correctable'],
    ['to what it says already', { dueOn: '2026-12-10' }, 'command-not-allowed'],
  ])('%s is refused', async (_, correction, code) => {
    const events = await stream();
    const action = events.find(({ type, data }) => type === 'DeadlineSet' && data.kind === 'action');
    const body = { eventId: action?.eventId ?? '', ...reason, ...correction };
    expect(await refusal(sendCommand('ann', 'request-correction', body))).toBe(code);
  });

  test('can be requested only by inspectors, and one at a time for each event', async () => {
    const eventId = await idOf('RecommendationIssued');
    const body = { eventId, recipient: 'kent', ...reason };
    expect(await refusal(sendCommand('bob', 'request-correction', body))).toBe('role-not-permitted');
    await sendCommand('ann', 'request-correction', body);
    expect(await refusal(sendCommand('ida', 'request-correction', { ...body, recipient: 'avon' }))).toBe(
      'command-not-allowed',
    );
  });

  test('is selected from several by the corrected event or by its request', async () => {
    await correct('RecommendationIssued', { recipient: 'kent' });
    const events = await stream();
    const action = events.find(({ type, data }) => type === 'DeadlineSet' && data.kind === 'action');
    await sendCommand('ida', 'request-correction', {
      ...{ eventId: action?.eventId ?? '', dueOn: '2027-02-10' },
      ...reason,
    });
    expect(await refusal(sendCommand('bob', 'approve-correction', {}))).toBe('correction-ambiguous');
    // Each requester may decide only the other's request, and so need not name it.
    expect(await refusal(sendCommand('bob', 'refuse-correction', reason))).toBe('correction-ambiguous');
    const own = { eventId: await idOf('CorrectionRequested') };
    expect(await refusal(sendCommand('ida', 'refuse-correction', { ...own, ...reason }))).toBe(
      'separation-of-duties',
    );
    await sendCommand('ida', 'refuse-correction', reason);
    expect((await record()).pending.corrections).toMatchObject([{ requester: 'ida' }]);
    await correct('RecommendationIssued', { recipient: 'kent' });
    await sendCommand('bob', 'approve-correction', { eventId: await idOf('CorrectionRequested') });
    await sendCommand('bob', 'approve-correction', {});
    expect(await record()).toMatchObject({ recipient: 'kent', pending: { corrections: [] } });
  });

  test('of the date of publication moves the date of the response, and obeys the same rules as on entry', async () => {
    for (const publishedOn of ['1899-12-31', '2027-02-23']) {
      expect(await refusal(correct('RecommendationIssued', { publishedOn }))).toBe(
        'publication-out-of-range',
      );
    }
    await correct('RecommendationIssued', { publishedOn: '2026-11-11' });
    await sendCommand('ida', 'approve-correction', {});
    expect(await record()).toMatchObject({
      report: { publishedOn: '2026-11-11' },
      deadlines: [
        { dueOn: '2026-12-10' },
        { kind: 'response', dueOn: '2027-01-05', firstDueOn: '2027-01-05' },
      ],
    });
    await sweepOn('2027-01-07');
    expect(await passings()).toMatchObject([
      { kind: 'action', dueOn: '2026-12-10' },
      { kind: 'response', dateVersion: 2, dueOn: '2027-01-05' },
    ]);
  });
});

test('a date from the text says that it was found with a different date of publication, until that date is correct again', async () => {
  await issue({ text: 'Within six months it should publish a plan.' });
  const proposal = async () => (await record()).pending.proposals[0];
  expect(await proposal()).toMatchObject({ suggestedOn: '2027-05-01' });
  expect(await proposal()).not.toHaveProperty('countedFrom');
  for (const publishedOn of ['2026-11-11', '2026-11-12']) {
    await correct('RecommendationIssued', { publishedOn });
    await sendCommand('ida', 'approve-correction', {});
    expect(await proposal()).toMatchObject({ suggestedOn: '2027-05-01', countedFrom: '2026-11-01' });
  }
  const deadlineId = (await proposal())!.id;
  const confirmed = (dueOn: string) => sendCommand('ida', 'confirm-deadline', { deadlineId, dueOn });
  // Eleven days later, and at most three for months of other lengths.
  expect(await refusal(confirmed('2027-05-16'))).toBe('separation-of-duties');
  await correct('RecommendationIssued', { publishedOn: '2026-11-01' });
  await sendCommand('ida', 'approve-correction', {});
  expect(await proposal()).not.toHaveProperty('countedFrom');
});

describe('a record that names the wrong body', () => {
  beforeEach(() => issue());

  test('given a correction, then the record was for the right body from the beginning', async () => {
    await correct('RecommendationIssued', { recipient: 'kent' });
    await sendCommand('ida', 'approve-correction', {});
    expect(await record()).toMatchObject({ recipient: 'kent' });
    expect(await record('2026-11-01')).toMatchObject({ recipient: 'kent' });
  });

  test('given a later recipient, then that body keeps the record, even if the wrong body is named again', async () => {
    await sendCommand('bob', 'assign-recipient', { recipient: 'kent', ...reason });
    await sendCommand('bob', 'assign-recipient', { recipient: 'wiltshire', ...reason });
    await correct('RecommendationIssued', { recipient: 'avon' });
    one.now = noonOf('2026-11-30');
    await sendCommand('ida', 'approve-correction', {});
    expect(await record()).toMatchObject({ recipient: 'wiltshire' });
    expect(await record('2026-11-20')).toMatchObject({ recipient: 'avon' });
  });

  test('given a person of the right body, then they neither request nor approve the correction', async () => {
    const eventId = await idOf('RecommendationIssued');
    const body = { eventId, recipient: 'kent', ...reason };
    expect(await refusal(sendCommand('ann', 'request-correction', body, ['kent']))).toBe(
      'role-not-permitted',
    );
    await sendCommand('ann', 'request-correction', body);
    expect(await refusal(sendCommand('ida', 'approve-correction', {}, ['kent']))).toBe('role-not-permitted');
  });
});

describe('a claim that is dated before a deadline was recorded as passed', () => {
  test('given a response published elsewhere, then a person other than its recorder confirms it', async () => {
    await issue({ responseRequired: true });
    await sweepOn('2027-01-15');
    await sendCommand('ida', 'publish-response', {
      ...{ position: 'action-taken', text: 'We did.', publishedElsewhere: 'Their website' },
      effectiveOn: '2026-12-01',
    });
    const eventId = await idOf('ResponsePublished');
    expect((await record()).pending.claims).toEqual([{ eventId, kind: 'response', claimant: 'ida' }]);
    expect(await openPoints()).toContain(
      'The response, due on 26 December 2026, was published, but the claim that it was in time awaits confirmation.',
    );
    expect(await counted('claims-to-confirm', 'bob')).toBe(1);
    await correct('ResponsePublished', { confirms: true });
    expect(await counted('claims-to-confirm', 'bob')).toBe(0);
    expect(await counted('corrections-to-decide', 'bob')).toBe(1);
    // The check before execution reports it too.
    const loaded = (await one.handler.states.load(one.streamId))!;
    for (const command of ['approve-correction', 'refuse-correction'])
      expect(one.handler.allowed.reasonsAgainst(command, loaded, one.callBy('ida'))).toMatchObject([
        { kind: 'people', reason: { guard: 'not-the-claimant' } },
      ]);
    expect(await refusal(sendCommand('ida', 'approve-correction', {}))).toBe('separation-of-duties');
    await sendCommand('bob', 'approve-correction', {});
    expect((await stream()).at(-1)).toMatchObject({
      type: 'CorrectionApproved',
      effectiveOn: '2026-12-01',
      data: { confirms: true },
    });
    expect((await record()).pending).not.toHaveProperty('claims');
    expect(await refusal(correct('ResponsePublished', { confirms: true }))).toBe('command-not-allowed');
  });

  const ours = { position: 'action-taken', text: 'We did.' };
  const claim = () =>
    sendCommand('ida', 'publish-response', {
      ...{ ...ours, publishedElsewhere: 'Their website' },
      effectiveOn: '2026-12-01',
    });

  test.each(['pending', 'refused'])(
    'given that its confirmation is %s, then the body publishes its response, late, and the claim is never confirmed',
    async (how) => {
      await issue({ responseRequired: true });
      await sweepOn('2027-01-15');
      await claim();
      const eventId = await idOf('ResponsePublished');
      await correct('ResponsePublished', { confirms: true });
      if (how === 'refused') await sendCommand('bob', 'refuse-correction', reason);

      await sendCommand('pam', 'publish-response', ours);

      expect((await stream()).at(-1)).toMatchObject({
        type: 'ResponsePublished',
        effectiveOn: '2027-01-15',
        data: { late: true },
      });
      expect((await stream()).at(-1)?.data).not.toHaveProperty('claim');
      expect(await record()).toMatchObject({
        deadlines: [{ state: 'settled' }],
        state: { response: 'published' },
      });
      const confirms = { eventId, confirms: true, ...reason };
      const confirming =
        how === 'pending'
          ? sendCommand('bob', 'approve-correction', {})
          : sendCommand('ann', 'request-correction', confirms);
      expect(await refusal(confirming)).toBe('command-not-allowed');
      expect(await refusal(sendCommand('pam', 'publish-response', ours))).toBe('command-not-allowed');
      expect(await refusal(claim())).toBe('command-not-allowed');
    },
  );

  test('given a confirmed claim, or a response without a claim, then no one publishes the response again', async () => {
    await issue({ responseRequired: true });
    await sweepOn('2027-01-15');
    await claim();
    await correct('ResponsePublished', { confirms: true });
    await sendCommand('bob', 'approve-correction', {});
    expect(await refusal(sendCommand('pam', 'publish-response', ours))).toBe('command-not-allowed');
  });

  test('given a status from a file, then a person other than its importer confirms it', async () => {
    const bring = (more: string) => {
      const source = `A title (r-1)\n\nBy 10 December 2026 do it.\n\n[on]1st November 2026 [status]awaiting review[/status][/on]\n${more}`;
      const call = importCall(source, { ...callBy('ann'), recipient: 'wiltshire' });
      return importRecord(one.store, lifecycles, call);
    };
    await bring('');
    await sweepOn('2027-01-15');
    await bring('[on]1st December 2026 [status]complete[/status][/on]\n');
    expect((await record()).pending.claims).toMatchObject([{ kind: 'action', claimant: 'ann' }]);
    await correct('RecommendationCompleted', { confirms: true }, 'ida');
    expect(await refusal(sendCommand('ann', 'approve-correction', {}))).toBe('separation-of-duties');
    await sendCommand('bob', 'approve-correction', {});
  });
});
