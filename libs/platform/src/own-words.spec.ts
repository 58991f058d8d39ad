import 'reflect-metadata';
import { describe, expect, test } from '@jest/globals';
import type { JsonObject } from '#event-sourcing/envelope';
import type { pendingOn } from '#state-machines/inspection-recommendation/v1/record';
import { OneRecord } from '#test/support/one-record';

const one = OneRecord.forEachTest();
const { callBy, sendCommand, issue, record, refusal } = one;
const reason = { reason: 'a reason' };
const statement = { statement: 'Done.' };

/** What a person with both roles writes, and its command. */
const WRITES: readonly (readonly [what: string, command: string, body: JsonObject])[] = [
  ['amends the text', 'amend-text', { text: 'A shorter text.', ...reason }],
  ['amends the title', 'amend-text', { title: 'Another title', ...reason }],
  ['changes the body', 'assign-recipient', { recipient: 'kent', ...reason }],
  ['sets a deadline', 'set-deadline', { dueOn: '2027-06-30' }],
  ['confirms a date', 'confirm-deadline', { deadlineId: 'd2', dueOn: '2026-07-01' }],
  ['dismisses a date', 'dismiss-deadline', { deadlineId: 'd2' }],
  ['withdraws a deadline', 'withdraw-deadline', { deadlineId: 'd1', ...reason }],
];

const CLOSURES: readonly (readonly [command: string, request: JsonObject, body: JsonObject])[] = [
  ['approve-closure', {}, {}],
  ['decide-no-further-action', { outcome: 'no-further-action', reason: 'merged' }, { reason: 'merged' }],
];

const issued = { text: 'Within six months, forces should plan.', deadlines: [{ dueOn: '2027-03-31' }] };

/** Returns the ids that a decision on the pending closure lists. */
async function decidesNow(): Promise<{ decides: string[] }> {
  const pending = (await record()).pending as ReturnType<typeof pendingOn>;
  return { decides: [...(pending.closure?.decides ?? [])] };
}

const allows = async (subject: string, command: string): Promise<boolean> => {
  const loaded = (await one.handler.states.load(one.streamId))!;
  const caller = { ...callBy(subject), streamId: one.streamId, mayTouch: () => true };
  return (await one.handler.allowed.allowedCommands(loaded, caller)).includes(command);
};

describe.each(WRITES)('a person who %s', (_, write, written) => {
  test.each(CLOSURES)(
    'does not then send %s, before or after the request',
    async (command, request, body) => {
      for (const isBefore of [true, false]) {
        one.open();
        await issue(issued);
        if (isBefore) await sendCommand('cat', write, written);
        await sendCommand('ida', 'request-closure', { ...statement, ...request });
        if (!isBefore) await sendCommand('cat', write, written);
        const decision = { ...statement, ...body, ...(await decidesNow()) };
        expect(await allows('cat', command)).toBe(false);
        expect(await refusal(sendCommand('cli:cat', command, decision))).toBe('separation-of-duties');
        expect(await allows('bob', command)).toBe(true);
        // A refusal changes nothing.
        expect(await allows('cat', 'refuse-closure')).toBe(true);
        await sendCommand('bob', command, decision);
      }
    },
  );
});

describe('a person who amended the text', () => {
  test('does not accept evidence for it, and may reject it', async () => {
    await issue();
    await sendCommand('ann', 'amend-text', { text: 'A shorter text.', ...reason });
    await sendCommand('lea', 'submit-evidence', { items: [{ name: 'a plan', sha256: 'a'.repeat(64) }] });
    expect(await allows('ann', 'accept-evidence')).toBe(false);
    expect(await refusal(sendCommand('ann', 'accept-evidence'))).toBe('separation-of-duties');
    expect(await allows('ann', 'reject-evidence')).toBe(true);
    await sendCommand('ida', 'accept-evidence');
  });

  test('does not grant an extension; the person who set the deadline does', async () => {
    await issue();
    await sendCommand('ann', 'set-deadline', { dueOn: '2027-06-30' });
    await sendCommand('ida', 'amend-text', { text: 'A shorter text.', ...reason });
    await sendCommand('lea', 'request-extension', { dueOn: '2027-12-31', ...reason });
    expect(await allows('ida', 'grant-extension')).toBe(false);
    expect(await refusal(sendCommand('ida', 'grant-extension'))).toBe('separation-of-duties');
    await sendCommand('ann', 'grant-extension');
  });
});

describe('a person who set a date that is later than the one in the text', () => {
  const text = 'By 30 June 2027, forces should plan.';
  const proposed = async () => (await record()).pending.proposals[0]!;

  test('does not dismiss that one, and does not set it after withdrawing the one from the text', async () => {
    await issue();
    await sendCommand('ida', 'amend-text', { text, ...reason });
    const { id: deadlineId, suggestedOn } = await proposed();
    await sendCommand('ann', 'set-deadline', { dueOn: '2035-01-01' });
    const dismissal = { deadlineId, ...reason };
    expect(await refusal(sendCommand('ann', 'dismiss-deadline', dismissal))).toBe('separation-of-duties');
    await sendCommand('ida', 'confirm-deadline', { deadlineId, dueOn: suggestedOn! });
    await sendCommand('ida', 'withdraw-deadline', { deadlineId, ...reason });
    const later = { dueOn: '2036-01-01' };
    expect(await refusal(sendCommand('ida', 'set-deadline', later))).toBe('separation-of-duties');
    await sendCommand('ann', 'set-deadline', later);
  });
});

describe('a person who redacted what is decided', () => {
  const item = { items: [{ name: 'a plan', sha256: 'a'.repeat(64) }] };
  const redact = async (type: string) => {
    const { eventId } = (await one.stream()).findLast((event) => event.type === type)!;
    await sendCommand('cat', 'redact-comment', { eventId, ...reason });
  };

  test('does not approve the closure, or accept the evidence; another person lists the redaction', async () => {
    await issue(issued);
    await sendCommand('lea', 'submit-evidence', item);
    await redact('EvidenceSubmitted');
    const ids = (type: string) =>
      one.stream().then((all) => all.filter((each) => each.type === type).map(({ eventId }) => eventId));
    const decides = [...(await ids('EvidenceSubmitted')), ...(await ids('CommentRedacted'))];
    expect(await refusal(sendCommand('cat', 'accept-evidence', { decides }))).toBe('separation-of-duties');
    await sendCommand('ida', 'reject-evidence', reason);
    await sendCommand('ida', 'request-closure', statement);
    const before = await decidesNow();
    await redact('RecommendationIssued');
    expect((await decidesNow()).decides).toHaveLength(before.decides.length + 1);
    const decision = { ...statement, ...(await decidesNow()) };
    expect(await refusal(sendCommand('cat', 'approve-closure', decision))).toBe('separation-of-duties');
    await sendCommand('bob', 'approve-closure', decision);
  });
});

describe('a person who closed the record', () => {
  test('does not change what was closed; after reopening they may', async () => {
    await issue(issued);
    await sendCommand('ida', 'request-closure', statement);
    await sendCommand('cat', 'approve-closure', statement);
    const change = ['amend-text', { text: 'A shorter text.', ...reason }] as const;
    expect(await allows('cat', 'amend-text')).toBe(false);
    expect(await refusal(sendCommand('cat', ...change))).toBe('separation-of-duties');
    const withdrawal = { deadlineId: 'd1', ...reason };
    expect(await refusal(sendCommand('cat', 'withdraw-deadline', withdrawal))).toBe('separation-of-duties');
    await sendCommand('bob', 'reopen', reason);
    await sendCommand('cat', ...change);
  });
});

describe('a person who submitted evidence', () => {
  test.each([true, false])(
    'does not approve the closure that considers it (accepted before: %s)',
    async (before) => {
      await issue();
      const submitted = async () => {
        await sendCommand('cat', 'submit-evidence', { items: [{ name: 'a plan', sha256: 'a'.repeat(64) }] });
        await sendCommand('ida', 'accept-evidence');
      };
      if (before) await submitted();
      await sendCommand('ann', 'request-closure', statement);
      if (!before) await submitted();
      expect(await allows('cat', 'approve-closure')).toBe(false);
      expect(await refusal(sendCommand('cat', 'approve-closure', statement))).toBe('separation-of-duties');
      await sendCommand('bob', 'approve-closure', statement);
    },
  );
});

describe('issuing', () => {
  test('bars nobody from the decision, with the dates of the issue', async () => {
    one.open();
    const both = new OneRecord({ ann: ['inspector', 'approver'] });
    await both.issue({ ...issued, responseRequired: true });
    await both.sendCommand('ida', 'request-closure', statement);
    await both.sendCommand('ann', 'approve-closure', statement);
  });
});

describe('a person who acted for the body', () => {
  const ACTS: readonly (readonly [command: string, body: JsonObject])[] = [
    ['add-comment', { text: 'We planned.', visibility: 'public' }],
    ['submit-evidence', { items: [{ name: 'a plan', sha256: 'a'.repeat(64) }] }],
    ['request-extension', { dueOn: '2027-12-31', ...reason }],
    ['assign-owner', { owner: 'lou' }],
  ];

  test.each(ACTS)('with %s does not judge the record later in another role', async (command, body) => {
    const two = new OneRecord({ lea: ['force-lead', 'inspector', 'approver'] });
    await two.issue(issued);
    const acted = (name: string, payload: JsonObject, organisations: readonly string[]) =>
      two.sendCommand('lea', name, payload, organisations);
    await acted(command, body, ['wiltshire']);
    const judged: readonly (readonly [string, JsonObject])[] = [
      ['start-progress', {}],
      ['request-closure', { ...statement, decides: [] }],
      ['amend-text', { text: 'A shorter text.', ...reason }],
      ['set-deadline', { dueOn: '2027-06-30' }],
      ['dismiss-deadline', { deadlineId: 'd2' }],
    ];
    for (const organisations of [[], ['kent']])
      for (const [name, payload] of judged)
        expect(await two.refusal(acted(name, payload, organisations))).toBe('own-body-decides');
    await two.sendCommand('ida', 'request-closure', { ...statement, decides: [] });
    expect(await two.refusal(acted('approve-closure', statement, []))).toBe('own-body-decides');
    expect(await two.refusal(acted('refuse-closure', reason, []))).toBe('own-body-decides');
    // They still act for the body.
    await acted('add-comment', { text: 'More.', visibility: 'public' }, ['wiltshire']);
  });

  test('is nobody who was only named as the owner', async () => {
    const two = new OneRecord({ lou: ['inspector'] });
    await two.issue(issued);
    await two.sendCommand('lea', 'assign-owner', { owner: 'lou' });
    await two.sendCommand('lou', 'request-closure', statement);
  });
});
