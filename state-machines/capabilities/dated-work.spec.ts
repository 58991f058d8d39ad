import { describe, expect, test } from '@jest/globals';
import type { StateValue } from '#event-sourcing/envelope';
import type { DecidedEvent } from '#lifecycle/decide';
import type { FoldedEvent } from '#lifecycle/folded-event';
import { small, smallRecord, smallSummary } from '#test/support/small-record';
import { deadlines } from './dated-work.ts';
import { listedDate } from './deadlines.ts';
import { recipients } from './recipients.ts';
import type { RecipientFacts } from './recipients.ts';
import type { DeadlineFacts } from './deadline-facts.ts';

const WORK = {
  initial: 'open',
  states: { open: { on: { SmallDone: 'done' } }, done: { on: { SmallReopened: 'open' } } },
};
const dating = deadlines({
  ...{ kind: small, first: 'SmallBegun', regions: { work: WORK }, open: { region: 'work', in: ['open'] } },
  roles: { decide: ['inspector'], request: ['inspector', 'force-lead'] },
});
type DatedFacts = RecipientFacts & DeadlineFacts;
const body = recipients({ kind: small, first: 'SmallBegun' });

/** Returns a capability of deadlines, on records of a body. */
const ofBody = (dated: typeof dating) => ({
  ...dated,
  events: { ...body.events, ...dated.events },
  initial: { ...body.initial, ...dated.initial },
  fold: (facts: DatedFacts, event: FoldedEvent) => dated.fold(body.fold(facts, event), event),
  commands: { ...body.commands, ...dated.commands },
});
const begun = () =>
  smallRecord<DatedFacts>(
    ofBody(dating),
    { text: 'A text.', recipient: 'kent' },
    { due: dating.due, dates: dating.dates, notYet: dating.notYet },
  );
const forceLead = { by: 'lea', as: 'force-lead', organisations: ['kent'] };

/** Returns the capability of deadlines with other options. */
const datedWith = (further: Partial<Parameters<typeof deadlines>[0]>) =>
  deadlines({
    ...{ kind: small, first: 'SmallBegun', regions: { work: WORK }, open: { region: 'work', in: ['open'] } },
    ...{ roles: { decide: ['inspector'], request: ['inspector', 'force-lead'] }, ...further },
  });
const recordWith = (dated: ReturnType<typeof datedWith>, further: readonly DecidedEvent[] = []) =>
  smallRecord<DatedFacts>(
    ofBody(dated),
    { text: 'A text.', recipient: 'kent' },
    { due: dated.due, dates: dated.dates, notYet: dated.notYet },
    further,
  );
const extension = { dueOn: '2027-02-20', reason: 'More time.' };

describe('a deadline', () => {
  test('given one is set, then it is due, and its crossings by then are recorded before the next command', async () => {
    const record = await begun();
    expect(await record.sendCommand('set-deadline', { dueOn: '2026-11-20' })).toEqual(['DeadlineSet']);
    expect(await record.facts()).toMatchObject({ deadlines: [{ id: 'd1', dueOn: '2026-11-20' }] });
    expect(await record.sendCommand('done', {}, { on: '2026-11-22' })).toEqual([
      ...['DeadlineApproaching', 'DeadlinePassed', 'SmallDone'],
    ]);
    expect(await record.facts()).toMatchObject({ deadlines: [{ passed: true }], isClosed: true });
    expect(dating.due(await record.facts(), '2027-12-31')).toEqual([]);
  });

  test('given the work is opened again, then its deadlines continue', async () => {
    const record = await begun();
    await record.sendCommand('set-deadline', { dueOn: '2027-01-20' });
    await record.sendCommand('done');
    expect(await record.sendCommand('set-deadline', { dueOn: '2027-02-20' })).toBe('command-not-allowed');
    expect(dating.due(await record.facts(), '2027-12-31')).toEqual([]);
    await record.sendCommand('reopen');
    expect(dating.due(await record.facts(), '2027-01-21').map(({ type }) => type)).toEqual([
      ...['DeadlineApproaching', 'DeadlinePassed'],
    ]);
  });

  test('given it is extended, then by two people, and the first date is kept', async () => {
    const record = await begun();
    await record.sendCommand('set-deadline', { dueOn: '2026-12-20' });
    const body = { dueOn: '2027-01-20', reason: 'More time.' };
    expect(await record.sendCommand('request-extension', body, forceLead)).toEqual(['ExtensionRequested']);
    expect(await record.sendCommand('request-extension', body)).toBe('no-extension-pending');
    expect(await record.sendCommand('grant-extension')).toEqual(['DeadlineExtended']);
    expect(await record.facts()).toMatchObject({
      deadlines: [{ dueOn: '2027-01-20', firstDueOn: '2026-12-20' }],
      extensions: [],
    });
  });

  test.each([
    ['a date that has passed', 'set-deadline', { dueOn: '2026-11-01' }, {}, 'due-in-past'],
    ['as a role that sets none', 'set-deadline', { dueOn: '2026-12-01' }, forceLead, 'role-not-permitted'],
    [
      'an extension to an earlier date',
      'request-extension',
      { dueOn: '2026-12-01', reason: 'x' },
      {},
      'deadline-not-later',
    ],
    ['a decision without a request', 'grant-extension', {}, {}, 'extension-pending'],
    [
      'a withdrawal by the body',
      'withdraw-deadline',
      { deadlineId: 'd1', reason: 'x' },
      forceLead,
      'role-not-permitted',
    ],
    ['a withdrawal of none', 'withdraw-deadline', { deadlineId: 'd9', reason: 'x' }, {}, 'deadline-unknown'],
  ])('given %s, then it is refused', async (_, command, body, call, code) => {
    const record = await begun();
    await record.sendCommand('set-deadline', { dueOn: '2026-12-20' });
    expect(await record.sendCommand(command, body, call)).toBe(code);
  });

  test('given its requester, then they neither grant it nor lose it to another who withdraws it', async () => {
    const record = await begun();
    await record.sendCommand('set-deadline', { dueOn: '2026-12-20' });
    await record.sendCommand('request-extension', { dueOn: '2027-01-20', reason: 'x' });
    expect(await record.sendCommand('grant-extension')).toBe('not-the-requester');
    expect(await record.sendCommand('withdraw-extension', {}, forceLead)).toBe('the-requester');
    expect(await record.sendCommand('withdraw-extension')).toEqual(['ExtensionWithdrawn']);
  });

  test('given it has passed, then no one alone ends the work on a day before that', async () => {
    const record = await begun();
    await record.sendCommand('set-deadline', { dueOn: '2026-11-20' });
    expect(await record.sendCommand('done', { effectiveOn: '2026-11-10' }, { on: '2026-11-22' })).toBe(
      'effective-date-before-threshold',
    );
  });
});

describe('a move that ends the work and contains the response', () => {
  const answered = { region: 'work', in: ['done'] };
  const dated = datedWith({
    response: { due: { region: 'work', in: ['open'] }, answered, command: 'done' },
  });
  const response = { type: 'DeadlineSet', data: { deadlineId: 'd1', kind: 'response', dueOn: '2027-01-10' } };

  test('given it, then all deadlines are settled, and no request can be granted', async () => {
    const record = await recordWith(dated, [response]);
    await record.sendCommand('set-deadline', { dueOn: '2027-01-20' });
    await record.sendCommand('request-extension', extension, forceLead);
    await record.sendCommand('done');
    expect(await record.facts()).toMatchObject({ extensions: [], isClosed: true, isAnswered: true });
    expect(await record.sendCommand('grant-extension')).toBe('extension-pending');
    expect(dated.due(await record.facts(), '2027-12-31')).toEqual([]);
  });

  test('given it is withdrawn, then both are due again', async () => {
    const record = await recordWith(dated, [response]);
    await record.sendCommand('set-deadline', { dueOn: '2027-01-20' });
    await record.sendCommand('done');
    await record.sendCommand('reopen');
    const facts = await record.facts();
    expect(facts).toMatchObject({ isClosed: false, isAnswered: false });
    expect(
      dated.due(facts, '2027-01-21').map(({ type, data: { deadlineId } }) => [type, deadlineId]),
    ).toEqual([
      ['DeadlineApproaching', 'd1'],
      ['DeadlineApproaching', 'd2'],
      ['DeadlinePassed', 'd1'],
      ['DeadlinePassed', 'd2'],
    ]);
  });
});

test('given a record that begins outside of its work, then its deadlines are settled until it is opened', async () => {
  const dated = datedWith({ open: { region: 'work', in: ['done'] } });
  const record = await recordWith(dated, [
    { type: 'DeadlineSet', data: { deadlineId: 'd1', kind: 'action', dueOn: '2026-11-20' } },
  ]);
  expect(await record.facts()).toMatchObject({ isClosed: true });
  expect(dated.due(await record.facts(), '2026-11-22')).toEqual([]);
  await record.sendCommand('done');
  expect(dated.due(await record.facts(), '2026-11-22').map(({ type }) => type)).toContain('DeadlinePassed');
});

describe('a kind with only one deadline in force', () => {
  const dated = datedWith({ kinds: { action: { isSingle: true } } });

  test('given a new one, then the one before and its requests are replaced', async () => {
    const record = await recordWith(dated);
    await record.sendCommand('set-deadline', { dueOn: '2026-12-20' });
    await record.sendCommand('request-extension', { ...extension, dueOn: '2027-01-20' }, forceLead);
    expect(await record.sendCommand('set-deadline', { dueOn: '2027-03-01' }, { on: '2026-12-01' })).toEqual([
      'DeadlineSet',
    ]);
    const facts = await record.facts();
    expect(facts).toMatchObject({ deadlines: [{ id: 'd2', dueOn: '2027-03-01' }], extensions: [] });
    expect(
      dated.due(facts, '2027-03-02').map(({ type, data: { deadlineId } }) => [type, deadlineId]),
    ).toEqual([
      ['DeadlineApproaching', 'd2'],
      ['DeadlinePassed', 'd2'],
    ]);
    const set = (await record.stored()).at(-1)!;
    expect(dated.dates.news(set)).toEqual({
      ...{ is: 'set', id: 'd2', dueOn: '2027-03-01', replaces: 'action' },
    });
  });

  test('given a day before the one that it replaces was set, or passed, then it is refused', async () => {
    const record = await recordWith(dated);
    await record.sendCommand('set-deadline', { dueOn: '2026-12-20' }, { on: '2026-11-10' });
    const before = { dueOn: '2027-03-01', effectiveOn: '2026-11-09' };
    expect(await record.sendCommand('set-deadline', before, { on: '2026-11-12' })).toBe(
      'effective-date-out-of-order',
    );
    expect(
      await record.sendCommand(
        'set-deadline',
        { ...before, effectiveOn: '2026-12-20' },
        { on: '2026-12-23' },
      ),
    ).toBe('effective-date-before-threshold');
  });
});

test.each([
  ['a region', { region: 'wrok', in: ['open'] }, 'open.region: there is no region "wrok"; use "work"'],
  ['a state', { region: 'work', in: ['opne'] }, 'open.in: there is no state "opne"; use "open"'],
])('given %s that is misspelt in the options, then it is refused', (_, open, problem) => {
  expect(() => datedWith({ open })).toThrow(problem);
});

test.each([
  ['all kinds', {}, 'approaching'],
  ['no response', { response: { isListed: false } }, 'none'],
])(
  'given lists use %s, then a record with a response due has the state of that',
  async (_, kinds, expected) => {
    const dated = datedWith({ kinds });
    const record = await recordWith(dated, [
      { type: 'DeadlineSet', data: { deadlineId: 'd1', kind: 'response', dueOn: '2026-12-20' } },
    ]);
    expect(dated.stateOn(await record.state(), '2026-12-10')).toMatchObject({ deadline: expected });
  },
);

test('given deadlines of several kinds, then lists use the earliest of those that are not settled', () => {
  const code = {
    isClosed: ({ work }: StateValue) => work === 'done',
    answer: ({ response }: StateValue) => (response === 'given' ? ('given' as const) : null),
  };
  const dates = [
    { kind: 'response', dueOn: '2026-03-01' },
    { kind: 'action', dueOn: '2026-06-01' },
    { kind: 'action', dueOn: '2026-05-01' },
  ];
  const on = (work: string, response: string, of: Parameters<typeof listedDate>[2] = dates) =>
    listedDate(code, { work, response }, of);
  expect(on('open', 'due')).toEqual({ dueOn: '2026-03-01', isSettled: false });
  expect(on('open', 'given')).toEqual({ dueOn: '2026-05-01', isSettled: false });
  expect(on('done', 'due')).toEqual({ dueOn: '2026-03-01', isSettled: false });
  expect(on('done', 'given')).toEqual({ dueOn: '2026-03-01', isSettled: true });
  expect(on('done', 'given', [...dates, { ...dates[1]!, claimedBy: 'e' }])).toEqual({
    ...{ dueOn: '2026-05-01', isSettled: false },
  });
  expect(on('done', 'due', [])).toEqual({ dueOn: null, isSettled: true });
});

test('given events, then lists know the dates and open items, also from a kept row', async () => {
  const record = await begun();
  await record.sendCommand('set-deadline', { dueOn: '2026-12-20' });
  await record.sendCommand('request-extension', { dueOn: '2027-01-20', reason: 'x' }, forceLead);
  const { value } = await record.state();
  const summary = smallSummary<DatedFacts>(ofBody(dating));
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
