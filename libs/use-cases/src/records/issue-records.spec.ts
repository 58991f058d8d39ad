import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, jest, test } from '@jest/globals';
import { atOnce } from '#event-sourcing/folding';
import { collectLog } from '#test/support/event-streams';
import { recordStream, recommendation } from '#state-machines/inspection-recommendation/kind';
import { createSealer } from '#audit/seal';
import { MemoryEventStore } from '#event-store/memory-event-store';
import { CommandRefusedError } from '#lifecycle/refused';
import { importRecord } from '../register-files/import-record.ts';
import { issueRecords } from './issue-records.ts';
import type { IssueCall } from './issue-records.ts';
import { readRecord } from './read-record.ts';
import { verifyStore } from '../log/verify-store.ts';
import { todaysEvents } from '#test/support/todays-events';
import { lifecycles } from '#state-machines/lifecycles';
import { importCall } from '#test/support/register-imports';

const reference = lifecycles.current('inspection-recommendation').reference;
const inspector = { subject: 'an-inspector', roles: ['inspector'] };
const TODAY = '2026-11-24';
const NOW = Date.parse(`${TODAY}T12:00:00Z`);
const NOW_VIEW = { effectiveOn: null, knownAt: null };
const COMMAND_ID = '5f0d6c2e-2b0a-5f43-9c56-0d4f3f7c9a11';

let store: MemoryEventStore;
beforeEach(() => {
  store = new MemoryEventStore(createSealer());
});

const payload = {
  id: 'rec-1',
  title: 'Units',
  text: 'Do it.',
  recipients: ['avon'],
  report: { name: 'A report', publishedOn: '2026-03-01' },
};

const issue = (body: object = {}, more: Partial<IssueCall> = {}) =>
  issueRecords(store, lifecycles, recommendation, {
    organisations: [],
    body: { ...payload, ...body },
    actor: inspector,
    now: NOW,
    commandId: randomUUID(),
    request: null,
    correlationId: 'a-correlation',
    ...more,
  });

const stream = async (id = 'rec-1') => todaysEvents(await store.readStream(recordStream(id)));
const read = async (id = 'rec-1') => atOnce(readRecord(lifecycles, await stream(id), NOW_VIEW, TODAY));
const typesOf = async (id = 'rec-1') => (await stream(id)).map(({ type }) => type);
const forces = (count: number): string[] => Array.from({ length: count }, (_, index) => `force-${index + 1}`);

/** Runs an action that must be refused, asserts that it appends nothing, and returns the refusal. */
async function refusalOf(act: () => Promise<unknown>) {
  const before = await collectLog(store);
  const error = await act().catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(CommandRefusedError);
  expect(await collectLog(store)).toEqual(before);
  return error;
}

describe('the search of its text for deadlines', () => {
  /** Returns the number of regular expressions tested during an action. */
  async function patternsTried(act: () => Promise<unknown>): Promise<number> {
    const tried = jest.spyOn(RegExp.prototype, 'exec');
    try {
      await act();
      return tried.mock.calls.length;
    } finally {
      tried.mockRestore();
    }
  }

  test('is made once, to however many bodies it goes', async () => {
    const text = 'Within six months, forces should plan. By 30 June 2027 they should act. '.repeat(40);
    const one = await patternsTried(() => issue({ id: 'one', text, recipients: forces(1) }));
    const hundred = await patternsTried(() => issue({ id: 'hundred', text, recipients: forces(100) }));
    expect(one).toBeGreaterThan(80);
    expect(hundred).toBeLessThan(3 * one);
    for (const id of ['one', 'hundred.force-100']) {
      expect(await typesOf(id)).toEqual(['RecommendationIssued', 'DeadlineProposed', 'DeadlineSet']);
    }
  });
});

describe('to one body', () => {
  test('given an unused id, then the record has it', async () => {
    expect(await issue()).toEqual({
      records: [{ id: 'rec-1', version: 1, status: 'awaiting-review' }],
      position: '1',
      location: '/api/recommendations/rec-1',
    });
    expect(await read()).toMatchObject({
      title: 'Units',
      text: 'Do it.',
      recipient: 'avon',
      reference: null,
      issue: null,
      report: payload.report,
      status: 'awaiting-review',
      issuedOn: '2026-03-01',
    });
  });

  test('given an unused id, then the event names the issuer and the role', async () => {
    const actor = { subject: 'two-hats', roles: ['approver', 'inspector'] };
    await issue({}, { actor });

    expect(await stream()).toMatchObject([
      {
        type: 'RecommendationIssued',
        version: 1,
        effectiveOn: '2026-03-01',
        recordedAt: new Date(NOW).toISOString(),
        actor,
        origin: 'command',
        command: { name: 'issue', digest: null },
        decision: { role: 'inspector', guards: ['id-unused'] },
        lifecycle: reference,
        state: {
          progress: 'awaiting-review',
          closure: 'none',
          evidence: 'none',
          response: 'not-required',
        },
      },
    ]);
    expect(Object.keys((await stream())[0]!.commitments)).toEqual([
      '/data/report/name',
      '/data/text',
      '/data/title',
    ]);
  });

  test('given no id, then one is made', async () => {
    const { records, location } = await issue({ id: undefined }, { commandId: COMMAND_ID });

    expect(records).toMatchObject([{ id: 'r-0d4f3f7c9a11' }]);
    expect(location).toBe('/api/recommendations/r-0d4f3f7c9a11');
    expect(await typesOf('r-0d4f3f7c9a11')).toEqual(['RecommendationIssued']);
  });

  test.each([
    ['2026-11-23', '2026-11-23'],
    [TODAY, TODAY],
    ['2026-11-25', TODAY],
  ])('given publication on %s, then the issue is effective on %s', async (publishedOn, effectiveOn) => {
    await issue({ report: { name: 'A report', publishedOn }, deadlines: [{ dueOn: '2027-01-01' }] });

    expect((await stream()).map((event) => event.effectiveOn)).toEqual([effectiveOn, effectiveOn]);
    expect(await read()).toMatchObject({ report: { publishedOn } });
  });

  test('given publication today in London while it is still yesterday in UTC, then it is effective today', async () => {
    await issue(
      { report: { name: 'A report', publishedOn: '2026-07-01' } },
      { now: Date.parse('2026-06-30T23:30:00Z') },
    );

    expect(await stream()).toMatchObject([{ effectiveOn: '2026-07-01' }]);
  });
});

describe('deadlines', () => {
  test('given dates, then each is a deadline in their order, and a repeated one is one', async () => {
    await issue({ deadlines: [{ dueOn: '2027-06-30' }, { dueOn: '2027-01-31' }, { dueOn: '2027-06-30' }] });

    expect(await typesOf()).toEqual(['RecommendationIssued', 'DeadlineSet', 'DeadlineSet']);
    expect(await read()).toMatchObject({
      deadlines: [
        { id: 'd1', kind: 'action', dueOn: '2027-06-30', firstDueOn: '2027-06-30' },
        { id: 'd2', kind: 'action', dueOn: '2027-01-31', firstDueOn: '2027-01-31' },
      ],
    });
  });

  test('given a response is required, then it is due 55 days after publication and is not an action deadline', async () => {
    await issue({ responseRequired: true, deadlines: [{ dueOn: '2027-06-30' }] });

    expect(await typesOf()).toEqual([
      'RecommendationIssued',
      'ResponseRequired',
      'DeadlineSet',
      'DeadlineSet',
    ]);
    expect(await read()).toMatchObject({
      state: { response: 'due', deadline: 'on-track' },
      deadlines: [
        { id: 'd1', kind: 'action', dueOn: '2027-06-30' },
        { id: 'd2', kind: 'response', dueOn: '2026-04-25' },
      ],
    });
  });

  test('given a response is required for a report that is not out yet, then it counts from its publication', async () => {
    await issue({ responseRequired: true, report: { name: 'A report', publishedOn: '2026-12-01' } });

    expect(await read()).toMatchObject({
      issuedOn: TODAY,
      deadlines: [{ id: 'd1', kind: 'response', dueOn: '2027-01-25' }],
    });
  });

  test('given no dates, or no response, then it has no deadline', async () => {
    await issue({ deadlines: [], responseRequired: false });

    expect(await read()).toMatchObject({
      deadlines: [],
      state: { deadline: 'none', response: 'not-required' },
    });
  });
});

describe('to several bodies', () => {
  test('given 43 forces, then each has a record of its own', async () => {
    const recipients = forces(43);
    const { records, location, position } = await issue({
      recipients,
      deadlines: [{ dueOn: '2027-06-30' }],
      responseRequired: true,
    });

    expect(records).toEqual(
      recipients.map((recipient) => ({ id: `rec-1.${recipient}`, version: 4, status: 'awaiting-review' })),
    );
    expect(location).toBe('/api/recommendations?issue=rec-1');
    expect(position).toBe(await store.lastPosition());
    for (const recipient of recipients) {
      expect(await read(`rec-1.${recipient}`)).toMatchObject({ recipient, issue: 'rec-1', version: 4 });
    }
    expect(await verifyStore(store, lifecycles, [])).toMatchObject({ ok: true, streams: 44 });
  });

  test('given one of 43 ids is used, then nothing is appended anywhere', async () => {
    await issue({ id: 'rec-1.force-22' });

    const refusal = await refusalOf(() => issue({ recipients: forces(43) }));

    expect(refusal).toMatchObject({
      kind: 'state',
      code: 'id-already-used',
      details: { location: '/api/recommendations/rec-1.force-22' },
    });
    expect(await stream('rec-1.force-1')).toEqual([]);
  });

  test('given the id went to several bodies, then it is used, for one and for several', async () => {
    await issue({ recipients: ['avon', 'kent'] });

    const used = {
      kind: 'state',
      code: 'id-already-used',
      details: { location: '/api/recommendations?issue=rec-1' },
    };
    expect(await refusalOf(() => issue())).toMatchObject(used);
    expect(await refusalOf(() => issue({ recipients: ['essex', 'surrey'] }))).toMatchObject(used);
    expect(await stream()).toEqual([]);
  });

  test('given the id went to several bodies, then each record has its own id', async () => {
    await issue({ recipients: ['avon', 'kent'] });

    expect(await refusalOf(() => issue({ id: 'rec-1.kent' }))).toMatchObject({
      code: 'id-already-used',
      details: { location: '/api/recommendations/rec-1.kent' },
    });
  });
});

describe('an id that is used', () => {
  const used = {
    kind: 'state',
    code: 'id-already-used',
    details: { location: '/api/recommendations/rec-1' },
  };

  test('given a record, then neither one nor several are issued under its id', async () => {
    await issue();

    expect(await refusalOf(() => issue())).toMatchObject(used);
    expect(await refusalOf(() => issue({ recipients: ['avon', 'kent'] }))).toMatchObject(used);
  });

  test('given an imported record, then nothing is issued under its id', async () => {
    await importRecord(
      store,
      lifecycles,
      importCall('Units (rec-1)\n\nDo it.', { actor: inspector, now: NOW }),
    );

    expect(await refusalOf(() => issue())).toMatchObject(used);
  });

  test('given two at the same time, then one is issued', async () => {
    const outcomes = await Promise.allSettled([issue(), issue({ recipients: ['avon', 'kent'] })]);

    expect(outcomes).toMatchObject([{ status: 'fulfilled' }, { status: 'rejected', reason: used }]);
    expect(await collectLog(store)).toHaveLength(1);
  });
});

describe('the permitted users', () => {
  test.each([
    [['approver']],
    [['force-lead']],
    [['commissioner']],
    [['auditor']],
    [['scheduler']],
    [['administrator']],
    [['approver', 'force-lead', 'commissioner', 'auditor', 'scheduler', 'administrator']],
    [[]],
  ])('given the roles %j, then it is refused', async (roles) => {
    const refusal = await refusalOf(() => issue({}, { actor: { subject: 'somebody', roles } }));

    expect(refusal).toMatchObject({ kind: 'role', code: 'role-not-permitted' });
  });

  test('given neither a valid payload nor the role, then the payload is named first', async () => {
    const refusal = await refusalOf(() => issue({ title: '' }, { actor: { subject: 'a', roles: [] } }));

    expect(refusal).toMatchObject({ code: 'invalid-payload' });
  });
});

describe('the payload', () => {
  test.each<[string, string, object]>([
    ['a blank title', '/title', { title: ' \t' }],
    ['a title of two lines', '/title', { title: 'a\nb' }],
    ['a title that is too long', '/title', { title: 'a'.repeat(501) }],
    ['no title', '/title', { title: undefined }],
    ['a blank text', '/text', { text: '\u0085\u00a0' }],
    ['a text that is too long', '/text', { text: 'a'.repeat(50_001) }],
    ['half a character', '/text', { text: 'a\ud83d' }],
    ['no recipients', '/recipients', { recipients: [] }],
    ['one recipient as a text', '/recipients', { recipients: 'avon' }],
    ['a recipient that is not a slug', '/recipients', { recipients: ['Avon'] }],
    ['a recipient twice', '/recipients', { recipients: ['avon', 'kent', 'avon'] }],
    ['no report', '/report', { report: undefined }],
    [
      'a day that does not exist',
      '/report/publishedOn',
      { report: { name: 'A', publishedOn: '2026-02-30' } },
    ],
    ['an instant', '/report/publishedOn', { report: { name: 'A', publishedOn: '2026-02-03T00:00:00Z' } }],
    ['a report without a name', '/report/name', { report: { publishedOn: '2026-02-03' } }],
    ['a deadline without a day', '/deadlines/1/dueOn', { deadlines: [{ dueOn: '2027-01-01' }, {}] }],
    ['deadlines as null', '/deadlines', { deadlines: null }],
    ['a text for a flag', '/responseRequired', { responseRequired: 'true' }],
    ['an id with a slash', '/id', { id: 'a/b' }],
    ['an id that is null', '/id', { id: null }],
    ['another lifecycle', '/lifecycle', { lifecycle: 'another' }],
    ['an unknown member', '/urgent', { urgent: true }],
  ])('given %s, then it is refused at %s', async (_, pointer, body) => {
    const refusal = await refusalOf(() => issue(body));

    expect(refusal).toMatchObject({
      kind: 'invalid',
      code: 'invalid-payload',
      details: { errors: [{ pointer }] },
    });
  });

  test('given several problems, then each is named', async () => {
    const refusal = await refusalOf(() => issue({ title: '', text: '' }));

    expect(refusal).toMatchObject({ details: { errors: [{ pointer: '/title' }, { pointer: '/text' }] } });
  });

  test.each([[null], [[]], ['a text'], [7]])('given %j as the body, then it is refused', async (body) => {
    expect(await refusalOf(() => issue({}, { body }))).toMatchObject({ code: 'invalid-payload' });
  });
});

describe('an idempotency key', () => {
  const keyed = (path = '/api/recommendations') => ({
    commandId: COMMAND_ID,
    request: { method: 'POST', path, payload: {} },
  });

  test.each([
    ['one body', { recipients: ['avon'] }],
    ['several bodies', { recipients: forces(3), responseRequired: true }],
    ['an id that is made', { id: undefined }],
  ])('given it was issued to %s, when it is repeated, then it is the first answer', async (_, body) => {
    const first = await issue(body, keyed());
    const log = await collectLog(store);

    expect(await issue(body, keyed())).toEqual(first);
    expect(await collectLog(store)).toEqual(log);
  });

  test('given another request under the key, then it is refused', async () => {
    await issue({}, keyed());

    const refusal = await refusalOf(() => issue({ id: 'rec-2' }, keyed('/elsewhere')));

    expect(refusal).toMatchObject({ kind: 'key-reused', code: 'idempotency-key-reused' });
  });

  test('given the role is gone, when it is repeated, then the role comes first', async () => {
    await issue({}, keyed());

    const refusal = await refusalOf(() =>
      issue({}, { ...keyed(), actor: { subject: 'an-inspector', roles: ['auditor'] } }),
    );

    expect(refusal).toMatchObject({ code: 'role-not-permitted' });
  });
});
