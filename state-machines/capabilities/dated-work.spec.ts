import { describe, expect, test } from '@jest/globals';
import { combined, summaryOf } from '#lifecycle/capability';
import { small, smallRecord } from '#test/support/small-record';
import { sharedView } from './shared-view.ts';
import { deadlines } from './dated-work.ts';
import { recipients } from './recipients.ts';

const WORK = {
  initial: 'open',
  states: { open: { on: { SmallDone: 'done' } }, done: { on: { SmallReopened: 'open' } } },
};
const dating = deadlines({
  ...{ kind: small, first: 'SmallBegun', regions: { work: WORK }, open: { region: 'work', in: ['open'] } },
  roles: { decide: ['inspector'], request: ['inspector', 'force-lead'] },
});
const capability = combined(recipients({ kind: small, first: 'SmallBegun' }), dating);
const begun = () =>
  smallRecord(capability, { text: 'A text.', recipient: 'kent' }, { due: dating.due, notYet: dating.notYet });
const lead = { by: 'lea', as: 'force-lead', organisations: ['kent'] };

test('what dates are called stays with them where capabilities are combined', () => {
  expect(capability.words.headlineMembers).toEqual(['deadlineId', 'dateVersion']);
  expect(capability.words.sweepEvents).toContain('DeadlinePassed');
});

describe('a deadline', () => {
  test('given one is set, then it is due, and what it passes by then is recorded before the next command', async () => {
    const record = await begun();
    expect(await record.give('set-deadline', { dueOn: '2026-11-20' })).toEqual(['DeadlineSet']);
    expect(await record.facts()).toMatchObject({ deadlines: [{ id: 'd1', dueOn: '2026-11-20' }] });
    expect(await record.give('done', {}, { on: '2026-11-22' })).toEqual([
      ...['DeadlineApproaching', 'DeadlinePassed', 'SmallDone'],
    ]);
    expect(await record.facts()).toMatchObject({ deadlines: [{ passed: true }], isClosed: true });
    expect(dating.due(await record.facts(), '2027-12-31')).toEqual([]);
  });

  test('given the work is opened again, then its deadlines go on', async () => {
    const record = await begun();
    await record.give('set-deadline', { dueOn: '2027-01-20' });
    await record.give('done');
    expect(await record.give('set-deadline', { dueOn: '2027-02-20' })).toBe('command-not-allowed');
    expect(dating.due(await record.facts(), '2027-12-31')).toEqual([]);
    await record.give('reopen');
    expect(dating.due(await record.facts(), '2027-01-21').map(({ type }) => type)).toEqual([
      ...['DeadlineApproaching', 'DeadlinePassed'],
    ]);
  });

  test('given it is extended, then by two people, and the first date is kept', async () => {
    const record = await begun();
    await record.give('set-deadline', { dueOn: '2026-12-20' });
    const body = { dueOn: '2027-01-20', reason: 'More time.' };
    expect(await record.give('request-extension', body, lead)).toEqual(['ExtensionRequested']);
    expect(await record.give('request-extension', body)).toBe('no-extension-pending');
    expect(await record.give('grant-extension')).toEqual(['DeadlineExtended']);
    expect(await record.facts()).toMatchObject({
      deadlines: [{ dueOn: '2027-01-20', firstDueOn: '2026-12-20' }],
      extensions: [],
    });
  });

  test.each([
    ['a date that has passed', 'set-deadline', { dueOn: '2026-11-01' }, {}, 'due-in-past'],
    ['as a role that sets none', 'set-deadline', { dueOn: '2026-12-01' }, lead, 'role-not-permitted'],
    [
      'an extension to an earlier date',
      'request-extension',
      { dueOn: '2026-12-01', reason: 'x' },
      {},
      'deadline-not-later',
    ],
    ['a decision that nobody asked for', 'grant-extension', {}, {}, 'extension-pending'],
    [
      'a withdrawal by the body',
      'withdraw-deadline',
      { deadlineId: 'd1', reason: 'x' },
      lead,
      'role-not-permitted',
    ],
    ['a withdrawal of none', 'withdraw-deadline', { deadlineId: 'd9', reason: 'x' }, {}, 'deadline-unknown'],
  ])('given %s, then it is refused', async (_, command, body, call, code) => {
    const record = await begun();
    await record.give('set-deadline', { dueOn: '2026-12-20' });
    expect(await record.give(command, body, call)).toBe(code);
  });

  test('given the one who asked for it, then they neither grant nor lose it to another who takes it back', async () => {
    const record = await begun();
    await record.give('set-deadline', { dueOn: '2026-12-20' });
    await record.give('request-extension', { dueOn: '2027-01-20', reason: 'x' });
    expect(await record.give('grant-extension')).toBe('not-the-requester');
    expect(await record.give('withdraw-extension', {}, lead)).toBe('the-requester');
    expect(await record.give('withdraw-extension')).toEqual(['ExtensionWithdrawn']);
  });

  test('given it has passed, then nobody alone ends the work on a day before that', async () => {
    const record = await begun();
    await record.give('set-deadline', { dueOn: '2026-11-20' });
    expect(await record.give('done', { effectiveOn: '2026-11-10' }, { on: '2026-11-22' })).toBe(
      'effective-date-before-threshold',
    );
  });
});

test('given events, then lists know the dates and what waits, also from what a row kept', async () => {
  const record = await begun();
  await record.give('set-deadline', { dueOn: '2026-12-20' });
  await record.give('request-extension', { dueOn: '2027-01-20', reason: 'x' }, lead);
  const { value } = await record.state();
  const summary = summaryOf(capability, { isClosed: ({ work }) => work === 'done' });
  const folded = (await record.stored()).reduce(
    (before, event) => summary.after(before, event, value),
    summary.initial,
  );
  const kept = summary.from(summary.kept(folded));
  for (const each of [folded, kept]) {
    expect(summary.dates?.(each)).toMatchObject([{ id: 'd1', kind: 'action', dueOn: '2026-12-20' }]);
    expect(summary.waits?.['extension']?.persons(each, value)).toEqual(['lea']);
  }
});

test('given a view of it, then a record shows its deadlines and what was asked', async () => {
  const record = await begun();
  await record.give('set-deadline', { dueOn: '2026-12-20' });
  await record.give('request-extension', { dueOn: '2027-01-20', reason: 'x' }, lead);
  const [state, stored] = [await record.state(), await record.stored()];
  const view = dating.view(sharedView);
  const head = { id: '1', status: 'open', state: {}, version: 3, issuedOn: '2026-11-01' };
  const shown = view.show(
    { ...head, lifecycle: { name: small.name, version: 1 } },
    state,
    stored,
    '2026-12-10',
  );
  expect(shown.deadlines).toMatchObject([{ id: 'd1', state: 'approaching' }]);
  expect(shown.pending?.extensions).toMatchObject([{ deadlineId: 'd1', requester: 'lea' }]);
  expect(view.stateOn(state, '2026-12-10')).toMatchObject({ work: 'open', deadline: 'approaching' });
});
