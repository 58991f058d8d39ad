import { describe, expect, test } from '@jest/globals';
import type { JsonObject } from '#event-sourcing/envelope';
import { mergeAnswers } from '#lifecycle/answers';
import { combineCapabilities, summaryOf } from '#lifecycle/capability';
import { small, smallRecord } from '#test/support/small-record';
import { closure } from './closure.ts';
import { DEADLINE_ANSWERS } from './deadline-words.ts';
import { evidence } from './evidence.ts';
import { sharedView } from './shared-view.ts';

const options = {
  ...{ kind: small, open: 'open', closes: { type: 'SmallClosed', region: 'work' } },
  roles: { request: ['inspector'], decide: ['approver'] },
} as const;
const work = {
  initial: 'open',
  states: {
    open: { on: { SmallDone: 'done', SmallClosed: 'done' } },
    done: { on: { SmallReopened: 'open' } },
  },
};
const closing = closure(options);
const alone = { ...closing, regions: { ...closing.regions, work } };
const bob = { by: 'bob', as: 'approver' };
const ann = { by: 'ann', as: 'approver' };
const REQUEST = { statement: 'It is done.' };
const FOUND = { statement: 'So it is.' };

/** Returns a record on which Ann has requested closure. */
async function requested() {
  const record = await smallRecord(alone);
  expect(await record.sendCommand('request-closure', REQUEST)).toEqual(['ClosureRequested']);
  return record;
}

describe('a closure', () => {
  test('another person can approve a closure request; the event references the request', async () => {
    const record = await requested();
    const { eventId = '' } = (await record.stored()).at(-1) ?? {};
    expect(closing.pending(await record.state())).toEqual({
      closure: { eventId, requester: 'ann', requestedOn: '2026-11-02', decides: [eventId] },
    });
    expect(await record.sendCommand('approve-closure', { ...FOUND, decides: [eventId] }, bob)).toEqual([
      'SmallClosed',
    ]);
    expect((await record.stored()).at(-1)?.data).toEqual({ ...FOUND, decides: [eventId] });
    const state = await record.state();
    expect(state.value).toMatchObject({ work: 'done', closure: 'none' });
    expect(closing.pending(state)).toEqual({});
  });

  test.each([
    ['the requester approves it', 'approve-closure', FOUND, ann, 'not-the-requester'],
    ['the requester refuses it', 'refuse-closure', { reason: 'No.' }, ann, 'not-the-requester'],
    ['another person withdraws it', 'withdraw-closure', {}, { by: 'zoe' }, 'the-requester'],
    ['it is requested again', 'request-closure', REQUEST, { by: 'zoe' }, 'command-not-allowed'],
    ['another role decides', 'approve-closure', FOUND, { by: 'zoe' }, 'role-not-permitted'],
    ['nothing is stated', 'approve-closure', {}, bob, 'invalid-payload'],
    [
      'something else is named',
      'approve-closure',
      { ...FOUND, decides: [crypto.randomUUID()] },
      bob,
      'decides-what-stands',
    ],
  ])('given %s, then it is refused', async (_, command, body, call, code) => {
    const record = await requested();
    expect(await record.sendCommand(command, body, call)).toBe(code);
  });

  test.each([
    ['refused', 'refuse-closure', { reason: 'Not yet.' }, bob, 'ClosureRefused'],
    ['withdrawn', 'withdraw-closure', {}, {}, 'ClosureWithdrawn'],
  ])('given it is %s, then it can be requested again', async (_, command, body, call, type) => {
    const record = await requested();
    expect(await record.sendCommand(command, body, call)).toEqual([type]);
    expect(await record.sendCommand('approve-closure', FOUND, bob)).toBe('command-not-allowed');
    expect(await record.sendCommand('request-closure', REQUEST)).toEqual(['ClosureRequested']);
  });

  test('cannot be requested once the work is done', async () => {
    const record = await smallRecord(alone);
    await record.sendCommand('done');
    expect(await record.sendCommand('request-closure', REQUEST)).toBe('command-not-allowed');
  });

  test('a view shows the pending closure, and no parts of other capabilities', async () => {
    const record = await requested();
    const [state, stored] = [await record.state(), await record.stored()];
    const head = { id: '1', status: 'open', state: {}, version: 2, issuedOn: '2026-11-01' };
    const lifecycle = { name: small.name, version: 1 };
    const view = closing.view(sharedView);
    const { pending, says } = view.show({ ...head, lifecycle }, state, stored, '2026-11-02');
    expect(pending).toEqual(closing.pending(state));
    // The record's content does not include the closure's texts.
    expect(says).not.toHaveProperty('statement');
    expect(view.details(stored).says).toEqual(says);
    const { currentData: standing } = mergeAnswers(DEADLINE_ANSWERS, closing.answers);
    expect(standing['pending']).toMatchObject({ members: { extensions: {}, closure: { optional: true } } });
    expect(Object.keys(closing.answers.currentData.pending.members.closure.members)).toEqual([
      ...['eventId', 'requester', 'requestedOn', 'decides'],
    ]);
  });

  test('the requester survives a round trip through a summary row', async () => {
    const summary = summaryOf(closing, { isClosed: () => false });
    const { closure: wait } = closing.summary.waits;
    const row = JSON.stringify(summary.kept(await (await requested()).facts()));
    expect(wait.persons(summary.from(JSON.parse(row) as JsonObject))).toEqual(['ann']);
    expect(wait.persons(summary.from(summary.kept(closing.initial)))).toBeNull();
  });
});

describe('a closure where records have evidence', () => {
  const proving = evidence({
    kind: small,
    open: 'open',
    roles: { submit: ['inspector'], decide: ['inspector'] },
  });
  const closed = closure({ ...options, evidence: true });
  const both = combineCapabilities(proving, closed);
  const capability = { ...both, regions: { ...both.regions, work } };
  const ITEMS = { items: [{ name: 'plan.pdf', sha256: 'a'.repeat(64) }] };

  async function submitted() {
    const record = await smallRecord(capability);
    const submit = async () => {
      await record.sendCommand('submit-evidence', ITEMS, { by: 'zoe' });
      return (await record.stored()).at(-1)?.eventId ?? '';
    };
    return { record, submit, first: await submit() };
  }

  test('given undecided evidence, then it must be named, or decided on', async () => {
    const { record, first } = await submitted();
    expect(await record.sendCommand('request-closure', REQUEST)).toBe('evidence-decided');
    const other = { ...REQUEST, decides: [crypto.randomUUID()] };
    expect(await record.sendCommand('request-closure', other)).toBe('evidence-considered');
    expect(await record.sendCommand('request-closure', { ...REQUEST, decides: [first] })).toEqual([
      'ClosureRequested',
    ]);
    expect((await record.stored()).at(-1)?.data).toEqual({ ...REQUEST, considers: [first] });
  });

  test('given evidence after the last considered one, then an approval ignores it, and says so', async () => {
    const { record, first, submit } = await submitted();
    const second = await submit();
    expect(await record.sendCommand('request-closure', { ...REQUEST, decides: [second] })).toBe(
      'decides-outdated',
    );
    await record.sendCommand('request-closure', { ...REQUEST, decides: [first] });
    const request = (await record.stored()).at(-1)?.eventId;
    expect(await record.sendCommand('approve-closure', FOUND, bob)).toEqual(['SmallClosed']);
    expect((await record.stored()).at(-1)?.data).toEqual({
      ...{ ...FOUND, decides: [request, first], notConsidered: [second] },
    });
  });

  test('given evidence that the request did not name, then the forms of its decision show it', async () => {
    const { record, first } = await submitted();
    await record.sendCommand('request-closure', { ...REQUEST, decides: [] });
    const subject = {
      ...{ state: await record.state(), title: null, text: null, person: 'bob', roles: ['approver'] },
      ...{ today: '2026-11-02', chosen: () => null, events: [], history: [], other: null },
    };
    for (const command of ['approve-closure', 'refuse-closure'] as const) {
      const { about = [] } = closed.words.forms[command].form(subject);
      expect(about.slice(1)).toMatchObject([
        { heading: 'The evidence', eventIds: [], none: 'No evidence was considered.' },
        { heading: 'Evidence that the request did not consider', eventIds: [first] },
      ]);
    }
  });

  test('given evidence that the approval names or that was decided meanwhile, then it is considered', async () => {
    const { record, first, submit } = await submitted();
    await record.sendCommand('request-closure', { ...REQUEST, decides: [] });
    const request = (await record.stored()).at(-1)?.eventId ?? '';
    await record.sendCommand('accept-evidence');
    const second = await submit();
    expect(
      await record.sendCommand('approve-closure', { ...FOUND, decides: [request, second] }, bob),
    ).toEqual(['SmallClosed']);
    expect((await record.stored()).at(-1)?.data).toEqual({ ...FOUND, decides: [request, first, second] });
  });

  test('a refusal may list only the request, not evidence', async () => {
    const { record, first } = await submitted();
    await record.sendCommand('request-closure', { ...REQUEST, decides: [first] });
    const request = (await record.stored()).at(-1)?.eventId ?? '';
    const body = { reason: 'Not yet.' };
    expect(await record.sendCommand('refuse-closure', { ...body, decides: [first] }, bob)).toBe(
      'decides-what-stands',
    );
    expect(await record.sendCommand('refuse-closure', body, bob)).toEqual(['ClosureRefused']);
    expect((await record.stored()).at(-1)?.data).toEqual({ ...body, decides: [request] });
  });

  test('accepted evidence does not block a request, but the request cannot be dated earlier', async () => {
    const { record, first } = await submitted();
    await record.sendCommand('accept-evidence');
    const early = { ...REQUEST, effectiveOn: '2026-11-01' };
    expect(await record.sendCommand('request-closure', early)).toBe('effective-date-out-of-order');
    expect(await record.sendCommand('request-closure', REQUEST)).toEqual(['ClosureRequested']);
    expect((await record.stored()).at(-1)?.data).toMatchObject({ considers: [first] });
  });

  test('without the evidence capability, a request that lists evidence is refused', async () => {
    const record = await smallRecord(alone);
    const body = { ...REQUEST, decides: [crypto.randomUUID()] };
    expect(await record.sendCommand('request-closure', body)).toBe('invalid-payload');
  });
});
