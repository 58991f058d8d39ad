import 'reflect-metadata';
import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { commandContext, INSPECTOR, NOON, ServiceParts, viewer } from '#test/support/use-cases';
import { importRecord } from '../register-files/import-record.ts';
import { problemOf } from '../problems.ts';
import { attemptIssue } from './issue-records.ts';
import { compareRecord, compareRecords, parsePoint } from './compare-points.ts';
import type { Point } from './record-at.ts';
import { seeRecord } from './see-record.ts';
import { importCall } from '#test/support/register-imports';
import { recordOf } from '#state-machines/record-streams';
import { recommendation } from '#state-machines/inspection-recommendation/kind';

const parts = new ServiceParts();
const approver = viewer('approver');
const forceLead = viewer('force-lead', 'avon');

const at = (day: string) => Date.parse(`${day}T12:00:00Z`);
const send = (who: typeof INSPECTOR, command: string, body: object, day: string) =>
  parts.sendCommand(who, 'r-1', command, body as never, { now: at(day) });

const issue = (more: object = {}) =>
  attemptIssue(parts, commandContext(INSPECTOR, { now: at('2026-01-05') }), recommendation, {
    ...{ id: 'r-1', title: 'Title of r-1', text: 'The force should act.', recipients: ['avon'] },
    report: { name: 'PEEL 2026', publishedOn: '2026-01-05' },
    ...more,
  });

const compare = (from: string, to: string, who = INSPECTOR, id = 'r-1') =>
  compareRecord(parts, who, recordOf(id), {
    from: parsePoint(from, NOON) as Point,
    to: parsePoint(to, NOON) as Point,
    now: NOON,
  });

/** Returns the changes by their path. */
const changes = async (from: string, to: string, who = INSPECTOR) =>
  Object.fromEntries(
    (await compare(from, to, who)).changes.map(({ path, before, after }) => [path, [before, after]]),
  );
const types = async (from: string, to: string) => (await compare(from, to)).events.map(({ type }) => type);

const refusalOf = async (command: Promise<unknown>) => {
  const thrown: unknown = await command.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  const { code, members } = problemOf(thrown) ?? {};
  return { code, errors: members?.errors };
};

describe('a record whose closure was recorded late', () => {
  beforeEach(async () => {
    await issue();
    await send(INSPECTOR, 'start-progress', { effectiveOn: '2026-02-01' }, '2026-02-01');
    await send(INSPECTOR, 'request-closure', { statement: 'Done.', effectiveOn: '2026-03-02' }, '2026-03-02');
    await send(approver, 'approve-closure', { statement: 'Yes.', effectiveOn: '2026-03-10' }, '2026-03-20');
    await parts.fold();
  });

  test('changed between two instants by facts that became known in between', async () => {
    const [from, to] = ['2026-03-15T12:00:00Z', '2026-03-21T12:00:00Z'];
    expect(await changes(from, to)).toMatchObject({
      status: ['being-progressed', 'complete'],
      'state.progress': ['being-progressed', 'complete'],
      'state.closure': ['requested', 'none'],
      version: [3, 4],
    });
    expect((await compare(from, to)).events).toEqual([
      { version: 4, type: 'RecommendationCompleted', effectiveOn: '2026-03-10' },
    ]);
  });

  test('is compared with the current knowledge of a day', async () => {
    expect(await types('2026-03-02T13:00:00Z', '2026-03-12')).toEqual(['RecommendationCompleted']);
    expect(await types('2026-03-15T12:00:00Z', '2026-03-15')).toEqual(['RecommendationCompleted']);
  });

  test('changed between two days by facts that became effective after the one and by the other', async () => {
    expect(await types('2026-03-02', '2026-03-10')).toEqual(['RecommendationCompleted']);
    expect(await types('2026-03-01', '2026-03-09')).toEqual(['ClosureRequested']);
    expect(await compare('2026-03-10', '2026-03-10')).toEqual({ changes: [], events: [] });
  });

  test('changed between two versions by the events in between, in stream order', async () => {
    await send(INSPECTOR, 'add-comment', { text: 'x', effectiveOn: '2026-02-15' }, '2026-04-01');
    expect(await types('v2', 'v5')).toEqual(['ClosureRequested', 'RecommendationCompleted', 'CommentAdded']);
    expect(await types('2026-02-01', '2026-03-10')).toEqual([
      'CommentAdded',
      'ClosureRequested',
      'RecommendationCompleted',
    ]);
    expect(await types('v2', '2026-03-10')).toEqual([
      'CommentAdded',
      'ClosureRequested',
      'RecommendationCompleted',
    ]);
    expect(await changes('v4', 'v5')).toEqual({ version: [4, 5] });
    expect(await compare('v5', 'v5')).toEqual({ changes: [], events: [] });
  });

  test('returns for each point the same as reading it there', async () => {
    const read = async (effectiveOn: string | null, knownAt: string | null) =>
      (await seeRecord(parts, INSPECTOR, recordOf('r-1'), { view: { effectiveOn, knownAt }, now: NOON }))
        .record;
    const [before, after] = [await read('2026-03-01', null), await read('2026-03-12', null)];
    const valueAt = (record: object, path: string) =>
      path
        .split('.')
        .reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name], record);
    const { changes: found } = await compare('2026-03-01', '2026-03-12');
    expect(found.length).toBeGreaterThan(2);
    for (const change of found) {
      expect([change.path, change.before, change.after]).toEqual([
        change.path,
        valueAt(before, change.path) ?? null,
        valueAt(after, change.path) ?? null,
      ]);
    }
  });

  test('is all new from before it existed', async () => {
    for (const from of ['2026-01-04', 'v0', '2025-12-01T00:00:00Z']) {
      const { changes: found, events } = await compare(from, '2026-03-12');
      expect(found.every(({ before }) => before === null)).toBe(true);
      expect(found).toContainEqual({ path: 'title', before: null, after: 'Title of r-1' });
      expect(events.map(({ version }) => version)).toEqual([1, 2, 3, 4]);
    }
  });

  test.each([
    ['2026-01-03', '2026-01-04'],
    ['v0', 'v0'],
    ['2025-12-01T00:00:00Z', '2025-12-02T00:00:00Z'],
  ])('did not exist at the later point: from %s to %s', async (from, to) => {
    expect(await refusalOf(compare(from, to))).toMatchObject({ code: 'not-found' });
  });

  test.each([
    ['2026-03-11', '2026-03-10'],
    ['v3', 'v2'],
    ['2026-03-21T12:00:00Z', '2026-03-15T12:00:00Z'],
    ['2026-03-21T12:00:00Z', '2026-03-12'],
    ['2026-03-15', '2026-03-15T12:00:00Z'],
    ['v4', '2026-03-05'],
    ['2026-03-12', 'v2'],
  ])('is not compared backwards: from %s to %s', async (from, to) => {
    const errors = [{ pointer: '/from', detail: 'is after to' }];
    expect(await refusalOf(compare(from, to))).toEqual({ code: 'invalid-parameter', errors });
  });

  test.each([
    ['v5', 'v5', '/from'],
    ['v1', 'v999999999', '/to'],
  ])('has no version that it has not reached: from %s to %s', async (from, to, pointer) => {
    const detail = 'is not a version of the record; the latest is v4';
    expect(await refusalOf(compare(from, to))).toEqual({
      code: 'invalid-parameter',
      errors: [{ pointer, detail }],
    });
  });

  test('is absent for a user who does not see it, whatever is requested', async () => {
    const other = viewer('force-lead', 'kent');
    expect(await refusalOf(compare('v4', 'v1', other))).toMatchObject({ code: 'not-found' });
    expect(await refusalOf(compare('v4', 'v1', INSPECTOR, 'r-2'))).toMatchObject({ code: 'not-found' });
  });
});

describe('a record with a deadline', () => {
  beforeEach(async () => {
    await issue({ deadlines: [{ dueOn: '2026-03-31' }] });
    const extension = { dueOn: '2026-06-30', reason: 'Late.' };
    await send(forceLead, 'request-extension', extension, '2026-04-09');
    await send(INSPECTOR, 'grant-extension', {}, '2026-04-10');
    await parts.fold();
  });

  test('that was extended changed by its date, and by its state, also of days before that were viewed then', async () => {
    expect(await changes('2026-04-09', '2026-04-10')).toMatchObject({
      'deadlines.d1.dueOn': ['2026-03-31', '2026-06-30'],
      'deadlines.d1.state': ['overdue', 'on-track'],
      'state.deadline': ['overdue', 'on-track'],
    });
    expect(await changes('2026-03-31', '2026-04-05')).toMatchObject({
      'state.deadline': ['approaching', 'overdue'],
    });
    expect(await types('2026-03-31', '2026-04-05')).toEqual(['DeadlinePassed']);
  });

  test('is shown after a version as its command was answered', async () => {
    // The thresholds due before the request were recorded first.
    const [requested = ''] = (await compare('v4', 'v5')).events.map(({ type }) => type);
    expect(requested).toBe('ExtensionRequested');
    const found = await changes('v4', 'v5');
    expect(Object.keys(found).some((path) => /^pending\.extensions\.[0-9a-f-]{36}\.dueOn$/.test(path))).toBe(
      true,
    );
    expect((await changes('v5', 'v6'))['deadlines.d1.state']).toEqual(['overdue', 'on-track']);
  });

  test('that is reopened after it was closed', async () => {
    await send(INSPECTOR, 'request-closure', { statement: 'Done.', effectiveOn: '2026-04-11' }, '2026-07-01');
    await send(approver, 'approve-closure', { statement: 'Yes.', effectiveOn: '2026-04-12' }, '2026-07-01');
    await send(approver, 'reopen', { reason: 'No.', effectiveOn: '2026-08-10' }, '2026-08-10');
    expect(await changes('2026-04-11', '2026-04-12')).toMatchObject({
      'state.deadline': ['on-track', 'settled'],
    });
    expect(await changes('2026-04-12', '2026-08-10')).toMatchObject({
      'state.deadline': ['settled', 'escalated'],
      status: ['complete', 'being-progressed'],
    });
  });
});

test('a proposed date is a change once, by its waiting decision', async () => {
  await issue({ text: 'The force should act within three months.' });
  const paths = Object.keys(await changes('v0', 'v2')).filter((path) => /propos/i.test(path));
  expect(paths).toContain('pending.proposals.d1.source.from');
  expect(paths.filter((path) => !path.startsWith('pending.proposals.d1.'))).toEqual([]);
});

test('evidence that waits for a decision is named by its items, as long as it waits', async () => {
  const item = (name: string) => ({ name, sha256: 'a'.repeat(64) });
  await issue();
  await send(forceLead, 'submit-evidence', { items: [item('plan.pdf'), item('rota.csv')] }, '2026-02-01');
  await send(forceLead, 'submit-evidence', { items: [item('map.png')] }, '2026-02-02');
  const named = async (from: string, to: string) => (await changes(from, to))['pending.evidence.items'];
  expect(await named('v1', 'v2')).toEqual([null, ['plan.pdf', 'rota.csv']]);
  expect(await named('v2', 'v3')).toEqual([
    ['plan.pdf', 'rota.csv'],
    ['plan.pdf', 'rota.csv', 'map.png'],
  ]);
  await send(INSPECTOR, 'accept-evidence', {}, '2026-02-03');
  expect(await named('v3', 'v4')).toEqual([['plan.pdf', 'rota.csv', 'map.png'], null]);
});

describe('texts', () => {
  beforeEach(() => issue());

  test('of internal comments are shown to no one else, and of a public statement to everyone', async () => {
    await send(INSPECTOR, 'add-comment', { text: 'Ann is ill.', visibility: 'internal' }, '2026-02-01');
    await parts.fold();
    const found = await compare('v1', 'v2', forceLead);
    expect(JSON.stringify(found)).not.toContain('Ann is ill.');
    expect(found).toEqual(await compare('v1', 'v2'));
  });

  test('that were redacted are gone, and are a change all the same', async () => {
    const body = { text: 'The force must act.', reason: 'Clearer.' };
    await send(INSPECTOR, 'amend-text', body, '2026-11-23');
    const [issued] = await parts.stream('r-1');
    await parts.follow();
    const redaction = { eventId: issued?.eventId as string, pointers: ['/data/text'], reason: 'asked for' };
    await send(approver, 'redact-comment', redaction, '2026-11-24');
    await parts.fold();
    expect(await changes('v1', 'v2')).toMatchObject({ text: [null, 'The force must act.'] });
    expect(JSON.stringify(await compare('v0', 'v3'))).not.toContain('The force should act.');
  });
});

test('an imported record, from one day to another', async () => {
  const source = readFileSync(new URL('../../../../test/fixtures/730.txt', import.meta.url));
  const call = importCall(source, { actor: { subject: 'i', roles: ['inspector'] }, recipient: 'avon' });
  await importRecord(parts.store, parts.lifecycles, call);
  await parts.fold();
  const on = async (from: string, to: string) => (await compare(from, to, INSPECTOR, '730')).changes;
  expect(await on('2016-06-30', '2016-07-01')).toEqual([
    { path: 'state.deadline', before: 'approaching', after: 'overdue' },
    { path: 'deadlines.d1.state', before: 'approaching', after: 'overdue' },
  ]);
  expect(await on('2016-09-29', '2016-09-30')).toContainEqual({
    path: 'status',
    before: 'awaiting-review',
    after: 'being-progressed',
  });
  expect(await refusalOf(compare('2015-11-28', '2015-11-29', INSPECTOR, '730'))).toMatchObject({
    code: 'not-found',
  });
});

test('two records differ in their values, and the caller must see both', async () => {
  await issue();
  await parts.issue('r-2', 'kent', { text: 'The force should publish.' });
  await parts.fold();
  expect(await compareRecords(parts, INSPECTOR, [recordOf('r-1'), recordOf('r-2')], NOON)).toEqual(
    expect.arrayContaining([
      { path: 'text', before: 'The force should act.', after: 'The force should publish.' },
      { path: 'recipient', before: 'avon', after: 'kent' },
    ]),
  );
  expect(await compareRecords(parts, forceLead, [recordOf('r-1'), recordOf('r-1')], NOON)).toEqual([]);
  expect(
    await refusalOf(compareRecords(parts, forceLead, [recordOf('r-1'), recordOf('r-2')], NOON)),
  ).toMatchObject({
    code: 'not-found',
  });
});

test.each(['2026-02-30', 'v', 'v-1', 'v1.5', 'v1234567890', '3', '', 'today'])(
  '%j names no point',
  (text) => {
    expect(parsePoint(text, NOON)).toBe('no-instant');
  },
);

test('a future instant is invalid', () => {
  expect(parsePoint('2026-11-25T00:00:00Z', NOON)).toBe('in-future');
});
