import { readFileSync } from 'node:fs';
import { beforeEach, expect, test } from '@jest/globals';
import type { JsonObject } from '#event-sourcing/envelope';
import { Lifecycles } from '#lifecycle/lifecycles';
import { lifecycles } from '#state-machines/lifecycles';
import { attemptIssue } from '#use-cases/records/attempt-issue';
import { giveCommand } from '#use-cases/records/give-command';
import { seeCommands } from '#use-cases/records/see-commands';
import { verifyStore } from '#use-cases/log/verify-store';
import { digestOf } from '../support/digest-of.ts';
import { askedBy, INSPECTOR, NOON, ServiceParts, viewer } from '../support/use-cases.ts';
import { complaint, complaints } from './complaints.ts';

const both = new Lifecycles(...lifecycles.all, complaints);
const FIRST = { kind: complaint, id: '1' };
const APPROVER = viewer('approver');
const SECOND = { ...INSPECTOR, subject: 'another-inspector' };
const parts = new ServiceParts(both);

beforeEach(async () => {
  const body = { id: '1', text: 'Nobody came.', recipient: 'kent' };
  await attemptIssue(parts, askedBy(INSPECTOR), complaint, body);
});

test('a complaint, which has an owner, has the queues of owners without declaring them', () => {
  expect(Object.keys(complaints.queues)).toEqual(['without-owner', 'mine']);
});

const give = (who: typeof INSPECTOR, command: string, body: JsonObject = {}) =>
  giveCommand(parts, askedBy(who), { record: FIRST, command, body, expectedVersions: null });
const recorded = async () => (await parts.store.readStream('complaint-1')).map(({ type }) => type);

test('given a complaint, then its commands are carried out in their order, and the log verifies', async () => {
  await give(APPROVER, 'add-comment', { text: 'We look into it.' });
  await give(INSPECTOR, 'assign-owner', { owner: INSPECTOR.subject });
  await give(SECOND, 'answer-complaint', { answer: 'Somebody came late.' });
  await give(INSPECTOR, 'reopen-complaint');
  expect(await recorded()).toEqual([
    ...['ComplaintReceived', 'CommentAdded', 'OwnerAssigned', 'ComplaintAnswered', 'ComplaintReopened'],
  ]);
  expect(await verifyStore(parts.store, both, [])).toMatchObject({ ok: true });
});

test.each([
  ['of another role', APPROVER, 'answer-complaint', { answer: 'x' }, 'role-not-permitted'],
  ['in another state', INSPECTOR, 'reopen-complaint', {}, 'command-not-allowed'],
  ['without an answer', INSPECTOR, 'answer-complaint', {}, 'invalid-payload'],
])('given a command %s, then it is refused, and nothing is recorded', async (_, who, command, body, code) => {
  await expect(give(who, command, body)).rejects.toMatchObject({ code });
  expect(await recorded()).toEqual(['ComplaintReceived']);
});

test('given who answered, then another person reopens the complaint', async () => {
  await give(INSPECTOR, 'answer-complaint', { answer: 'Done.' });
  await expect(give(INSPECTOR, 'reopen-complaint')).rejects.toMatchObject({ code: 'separation-of-duties' });
  expect(await seeCommands(parts, INSPECTOR, FIRST, NOON)).toContainEqual(
    expect.objectContaining({ command: 'reopen-complaint', allowed: false }),
  );
});

test('is named by the digest of its definition', () => {
  expect(complaints.reference.digest).toBe(digestOf(complaints));
});

test('is the example of docs/lifecycles.md', () => {
  const page = readFileSync(new URL('../../docs/lifecycles.md', import.meta.url), 'utf8');
  const code = readFileSync(new URL('./complaints.ts', import.meta.url), 'utf8');
  const inItsPlace = code.replaceAll(/'#state-machines\/([^']+)'/g, "'../$1.ts'");
  expect(page).toContain(`\`\`\`ts\n${inItsPlace}\`\`\``);
});
