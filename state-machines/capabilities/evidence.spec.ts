import { expect, test } from '@jest/globals';
import type { JsonObject } from '#event-sourcing/envelope';
import { summaryOf } from '#lifecycle/capability';
import { small, smallRecord } from '#test/support/small-record';
import { evidence } from './evidence.ts';

const proving = evidence({
  ...{ kind: small, open: 'open', reopenedBy: ['SmallReopened'] },
  roles: { submit: ['inspector'], decide: ['inspector', 'approver'] },
});
const ITEMS = { items: [{ name: 'plan.pdf', sha256: 'a'.repeat(64) }] };
const bob = { by: 'bob' };

/** Returns a record on which Ann has submitted evidence. */
async function submitted() {
  const record = await smallRecord(proving);
  expect(await record.sendCommand('submit-evidence', ITEMS)).toEqual(['EvidenceSubmitted']);
  return { record, eventId: (await record.stored()).at(-1)?.eventId ?? '' };
}

test('given one person submits evidence, then another person accepts it, and that names it', async () => {
  const { record, eventId } = await submitted();
  expect(proving.pending(await record.state())).toEqual({ evidence: { decides: [eventId] } });
  const body = { note: 'Seen.', decides: [eventId] };
  expect(await record.sendCommand('accept-evidence', body, bob)).toEqual(['EvidenceAccepted']);
  expect((await record.stored()).at(-1)?.data).toEqual(body);
  const state = await record.state();
  expect(state.value).toMatchObject({ evidence: 'accepted' });
  expect(proving.pending(state)).toEqual({});
  expect(await record.sendCommand('reject-evidence', { reason: 'No.' }, bob)).toBe('command-not-allowed');
});

test.each([
  ['who submitted it accepts it', 'accept-evidence', {}, {}, 'not-a-submitter'],
  ['they reject it', 'reject-evidence', { reason: 'No.' }, { as: 'approver' }, 'not-a-submitter'],
  ['no reason is given', 'reject-evidence', {}, bob, 'invalid-payload'],
  ['another role submits', 'submit-evidence', ITEMS, { as: 'approver' }, 'role-not-permitted'],
  ['no item is given', 'submit-evidence', { items: [] }, {}, 'invalid-payload'],
  [
    'something else is named',
    'accept-evidence',
    { decides: [crypto.randomUUID()] },
    bob,
    'decides-what-stands',
  ],
])('given %s, then it is refused', async (_, command, body, call, code) => {
  const { record } = await submitted();
  expect(await record.sendCommand(command, body, call)).toBe(code);
});

test('given several submissions, then a decision names exactly those since the last one', async () => {
  const { record, eventId: first } = await submitted();
  await record.sendCommand('reject-evidence', { reason: 'Too old.' }, bob);
  const submit = async () => {
    await record.sendCommand('submit-evidence', ITEMS);
    return (await record.stored()).at(-1)?.eventId ?? '';
  };
  const [second, third] = [await submit(), await submit()];
  for (const decides of [[second], [], [first, second, third]])
    expect(await record.sendCommand('accept-evidence', { decides }, bob)).toBe('decides-what-stands');
  expect(await record.sendCommand('accept-evidence', { decides: [third, second, third] }, bob)).toEqual([
    'EvidenceAccepted',
  ]);
  expect((await record.stored()).at(-1)?.data).toEqual({ decides: [second, third] });
});

test('given it is rejected, then more can be submitted, and only the submitters of what waits are known', async () => {
  const { record } = await submitted();
  expect(await record.sendCommand('reject-evidence', { reason: 'Too old.' }, bob)).toEqual([
    'EvidenceRejected',
  ]);
  await record.sendCommand('submit-evidence', ITEMS, bob);
  await record.sendCommand('submit-evidence', ITEMS, bob);
  const summary = summaryOf(proving, { isClosed: () => false });
  const state = await record.state();
  const row = JSON.stringify(summary.kept(state.facts));
  expect(row).toBe('{"submitters":["bob"]}');
  const { evidence: wait } = proving.summary.waits;
  expect(wait.persons(summary.from(JSON.parse(row) as JsonObject), state.value)).toEqual(['bob']);
});

test('given the work is done, then none is submitted or decided on, and none remains once it is opened again', async () => {
  const { record } = await submitted();
  await record.sendCommand('done');
  expect(await record.sendCommand('submit-evidence', ITEMS)).toBe('command-not-allowed');
  expect(await record.sendCommand('accept-evidence', {}, bob)).toBe('command-not-allowed');
  await record.sendCommand('reopen');
  expect((await record.state()).value).toMatchObject({ evidence: 'none' });
  expect(await record.facts()).toEqual({ submissions: [], submitted: [] });
});
