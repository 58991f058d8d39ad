import 'reflect-metadata';
import { createHash, randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { inspectionRecommendation, ownState } from '#state-machines/inspection-recommendation/v1/lifecycle';
import { londonDate } from '#state-machines/london';
import { lifecycles } from '#state-machines/lifecycles';
import { rolesPolicy } from '#state-machines/access';
import { commandIds, createSealer, matchesRequest } from '#audit/seal';
import type { Actor, JsonObject } from '#event-sourcing/envelope';
import { StoreUnavailableError, VersionConflictError } from '#event-sourcing/errors';
import type { EventStore } from '#event-sourcing/event-store';
import { storeWith } from '#event-sourcing/store-with';
import { MemoryEventStore } from '#event-store/memory-event-store';
import { CommandHandler } from '#lifecycle/handle-command';
import type { CommandCall } from '#lifecycle/command-call';
import { RECORD_LIMITS } from '#lifecycle/record-limits';
import type { RecordLimits } from '#lifecycle/record-limits';
import { CommandRefusedError } from '#lifecycle/refused';
import { SWEEPER, thresholdRecorder } from '#use-cases/records/sweep-deadlines';

const STREAM = 'recommendation-r-1';
const NOW = Date.parse('2026-11-24T10:00:00.000Z');
const { reference } = inspectionRecommendation;
const inspector: Actor = { subject: 'ins-1', roles: ['inspector'] };
const approver: Actor = { subject: 'app-1', roles: ['approver'] };
const both: Actor = { subject: 'two-1', roles: ['inspector', 'approver'] };
const auditor: Actor = { subject: 'aud-1', roles: ['auditor'] };

let store: MemoryEventStore;
let handler: CommandHandler;

const handlerOn = (on: EventStore, limits: RecordLimits = RECORD_LIMITS): CommandHandler =>
  new CommandHandler({
    store: on,
    lifecycles,
    civilDay: londonDate,
    matchesRequest,
    commandIds,
    dueRecorder: thresholdRecorder(SWEEPER),
    services: {},
    roles: rolesPolicy,
    limits,
  });

/** Closes the record without further action, as two people. */
async function closeWithoutAction(on: CommandHandler): Promise<void> {
  const closing = { reason: 'merged', statement: 's' };
  await on.handle(call('request-closure', { outcome: 'no-further-action', ...closing }));
  await on.handle(call('decide-no-further-action', closing, approver));
}

/** Returns the store with another append method. */
const instead = (append: EventStore['append']): EventStore => storeWith(store, { append });

async function issue(streamId = STREAM): Promise<void> {
  await store.append({
    command: { id: randomUUID(), name: 'issue', request: null },
    actor: inspector,
    decision: null,
    correlationId: 'c-0',
    causationId: null,
    origin: 'command',
    lifecycle: reference,
    recordedAt: '2026-11-01T10:00:00.000Z',
    appends: [
      {
        streamId,
        expectedVersion: 0,
        events: [
          {
            type: 'RecommendationIssued',
            schemaVersion: 1,
            effectiveOn: '2026-11-01',
            data: { title: 'A title', text: 'A text', recipient: 'essex' },
            state: inspectionRecommendation.initial,
            sensitive: ['/data/title', '/data/text'],
          },
        ],
      },
    ],
  });
}

beforeEach(async () => {
  store = new MemoryEventStore(createSealer());
  handler = handlerOn(store);
  await issue();
});
afterEach(() => store.close());

const call = (
  command: string,
  body: JsonObject = {},
  actor = inspector,
  more: Partial<CommandCall> = {},
): CommandCall => ({
  streamId: STREAM,
  command,
  body,
  actor,
  organisations: [],
  now: NOW,
  commandId: randomUUID(),
  request: null,
  expectedVersions: null,
  correlationId: 'c-1',
  mayTouch: () => true,
  ...more,
});

const callerOf = (actor: Actor) => ({ actor, organisations: [], now: NOW });

/** Returns a UUID from subject and key, as the HTTP layer does. */
function idOf(subject: string, key: string): string {
  const hex = createHash('sha256').update(`${subject}\n${key}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** Returns a call with an idempotency key. */
const keyed = (
  key: string,
  command: string,
  body: JsonObject = {},
  actor = inspector,
  more: Partial<CommandCall> = {},
): CommandCall => ({
  ...call(command, body, actor, more),
  commandId: idOf(actor.subject, key),
  request: { method: 'POST', path: `/api/recommendations/r-1/commands/${command}`, payload: body },
  ...more,
});

const comment = (text = 'a comment') => call('add-comment', { text, visibility: 'public' });
const types = async (streamId = STREAM) => (await store.readStream(streamId)).map(({ type }) => type);

async function refusalOf(answer: Promise<unknown>): Promise<CommandRefusedError> {
  const error = await answer.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof CommandRefusedError)) throw new Error('was not refused', { cause: error });
  return error;
}

describe('a command that is allowed', () => {
  test('is recorded with its person, role, guards and outcome', async () => {
    const outcome = await handler.handle(call('request-closure', { statement: 'All is done' }, both));
    const event = (await store.readStream(STREAM)).at(-1)!;
    expect(event).toMatchObject({
      type: 'ClosureRequested',
      version: 2,
      streamId: STREAM,
      recordedAt: '2026-11-24T10:00:00.000Z',
      effectiveOn: '2026-11-24',
      actor: both,
      command: { name: 'request-closure', digest: null },
      decision: {
        role: 'inspector',
        guards: [
          ...['evidence-decided', 'evidence-considered', 'decides-outdated'],
          ...['successor-is-itself', 'successor-not-found', 'supersede-cycle', 'successor-closed'],
          ...['successor-of-another-body', 'own-body-decides'],
        ],
      },
      correlationId: 'c-1',
      causationId: null,
      origin: 'command',
      lifecycle: reference,
      state: {
        progress: 'awaiting-review',
        closure: 'requested',
        evidence: 'none',
        response: 'not-required',
      },
      data: { statement: 'All is done' },
    });
    expect(Object.keys(event.commitments)).toEqual(['/data/statement']);
    expect(outcome).toMatchObject({
      version: 2,
      position: event.position,
      recordedAt: event.recordedAt,
      state: {
        value: event.state,
        facts: { closure: { eventId: event.eventId, requester: 'two-1', on: '2026-11-24' } },
      },
      events: [{ eventId: event.eventId, type: 'ClosureRequested', version: 2 }],
      repeated: false,
    });
  });

  test('uses the effective date of the payload, and leaves it out of the data', async () => {
    await handler.handle(call('start-progress', { effectiveOn: '2026-11-10' }));
    expect((await store.readStream(STREAM)).at(-1)).toMatchObject({ effectiveOn: '2026-11-10', data: {} });
  });

  test("uses today's date in London, which at 23:30 UTC in summer is the next day", async () => {
    store = new MemoryEventStore(createSealer());
    await issue();
    const now = Date.parse('2027-06-30T23:30:00.000Z');
    await handlerOn(store).handle(call('start-progress', {}, inspector, { now }));
    expect((await store.readStream(STREAM)).at(-1)?.effectiveOn).toBe('2027-07-01');
  });

  test('is decided on the cached state after the previous command', async () => {
    for (const [command, body, actor] of [
      ['start-progress', {}, inspector],
      ['request-closure', { statement: 'x' }, inspector],
      ['approve-closure', { statement: 'y' }, approver],
      ['reopen', { reason: 'z' }, approver],
    ] as const) {
      await handler.handle(call(command, body, actor));
    }
    expect(await types()).toEqual([
      'RecommendationIssued',
      'ProgressStarted',
      'ClosureRequested',
      'RecommendationCompleted',
      'RecommendationReopened',
    ]);
  });
});

describe('the order of refusals', () => {
  /** A record with a pending closure, which the person with both roles requested under the key `used`. */
  beforeEach(async () => {
    await handler.handle(keyed('used', 'request-closure', { statement: 'x' }, both));
  });

  const future = '2026-11-25';
  test.each<[string, () => CommandCall, string, string]>([
    [
      'an unknown command, on a record that is not there',
      () => call('abolish', {}, auditor, { streamId: 'recommendation-x' }),
      'not-found',
      'unknown-command',
    ],
    [
      'a command named as a member of every object',
      () => call('constructor'),
      'not-found',
      'unknown-command',
    ],
    [
      'no such record, and a payload that is not valid',
      () => call('add-comment', {}, auditor, { streamId: 'recommendation-x' }),
      'not-found',
      'not-found',
    ],
    [
      'a record that may not be seen, and a payload that is not valid',
      () => call('add-comment', {}, auditor, { mayTouch: () => false }),
      'not-found',
      'not-found',
    ],
    [
      'a payload that is not valid, and a role that is not permitted',
      () => call('add-comment', { text: ' ', visibility: 'public' }, auditor),
      'invalid',
      'invalid-payload',
    ],
    [
      'a role that is not permitted, and a key that was used otherwise',
      () => ({ ...keyed('used', 'reopen', { reason: 'x' }, { ...both, roles: ['inspector'] }) }),
      'role',
      'role-not-permitted',
    ],
    [
      'a role that is not permitted for this payload',
      () =>
        call('add-comment', { text: 'x', visibility: 'internal' }, { subject: 'f', roles: ['force-lead'] }),
      'role',
      'role-not-permitted',
    ],
    [
      'a key that was used otherwise, and another version',
      () => keyed('used', 'request-closure', { statement: 'y' }, both, { expectedVersions: [1] }),
      'key-reused',
      'idempotency-key-reused',
    ],
    [
      'another version, and a state that does not allow it',
      () => call('start-progress', {}, inspector, { expectedVersions: [1] }),
      'version',
      'version-mismatch',
    ],
    [
      'no version that would do',
      () => call('start-progress', {}, inspector, { expectedVersions: [] }),
      'version',
      'version-mismatch',
    ],
    [
      'a state that does not allow it, and a date in the future',
      () => call('request-closure', { statement: 'x', effectiveOn: future }),
      'state',
      'command-not-allowed',
    ],
    [
      'the same person, and a date in the future',
      () => call('approve-closure', { statement: 'x', effectiveOn: future }, both),
      'people',
      'separation-of-duties',
    ],
    [
      'a date in the future',
      () => call('approve-closure', { statement: 'x', effectiveOn: future }, approver),
      'rule',
      'effective-date-in-future',
    ],
    [
      'a date out of order',
      () => call('approve-closure', { statement: 'x', effectiveOn: '2026-11-23' }, approver),
      'rule',
      'effective-date-out-of-order',
    ],
  ])('%s', async (_, refused, kind, code) => {
    const before = await store.lastPosition();
    expect(await refusalOf(handler.handle(refused()))).toMatchObject({ kind, code });
    expect(await store.lastPosition()).toBe(before);
  });

  test('checks a known key before the version and the state', async () => {
    const again = keyed('used', 'request-closure', { statement: 'x' }, both, { expectedVersions: [1] });
    expect(await handler.handle(again)).toMatchObject({ version: 2, repeated: true });
  });
});

describe('a refusal', () => {
  test('names the errors of the payload', async () => {
    const { details } = await refusalOf(
      handler.handle(call('add-comment', { text: '', visibility: 'public', other: 1 })),
    );
    expect(details.errors).toEqual([
      { pointer: '/other', detail: 'is not a member of this payload' },
      { pointer: '/text', detail: 'must not be blank' },
    ]);
  });

  test("names the states in which it is possible, the version, and the caller's allowed commands", async () => {
    const { details, message } = await refusalOf(handler.handle(call('return-to-review', { reason: 'x' })));
    expect(message).toBe(
      'The record must be being-progressed; it is awaiting-review; use start-progress first',
    );
    expect(details).toMatchObject({ currentVersion: 1 });
    expect(details.allowedCommands).toEqual(
      expect.arrayContaining(['start-progress', 'add-comment', 'request-closure']),
    );
    expect(details.allowedCommands).not.toContain('return-to-review');
    expect(details.allowedCommands).not.toContain('decide-no-further-action');
  });

  test("for a role names this caller's commands, and none of another role", async () => {
    const { details } = await refusalOf(handler.handle(call('reopen', { reason: 'x' }, auditor)));
    expect(details.allowedCommands).toEqual([]);
  });

  test("applies to the body's users in every role except those of its people, and names their organisations", async () => {
    const organisations = ['essex'];
    for (const [name, body] of [
      ['start-progress', {}],
      ['request-closure', { statement: 's' }],
      ['decide-no-further-action', { reason: 'merged', statement: 's' }],
      ['amend-text', { text: 't', reason: 'x' }],
    ] as const) {
      const refusal = await refusalOf(handler.handle(call(name, body, both, { organisations })));
      expect([refusal.code, refusal.message]).toEqual([
        'role-not-permitted',
        expect.stringMatching(
          /and act on this record as none of them: essex is one of your organisations; you cannot act on its records as (inspector|approver)/,
        ),
      ]);
      expect(refusal.details.allowedCommands).toEqual([]);
    }
    expect(await store.readStream(STREAM)).toHaveLength(1);
    const loaded = (await handler.states.load(STREAM))!;
    const allowedIn = (own: string[]) =>
      handler.allowed.allowedCommands(loaded, call('start-progress', {}, both, { organisations: own }));
    expect(await allowedIn(organisations)).toEqual([]);
    expect(await allowedIn(['kent'])).not.toEqual([]);
  });

  test('for an internal comment says that a public one is open to the caller', async () => {
    const forceLead = { subject: 'lea', roles: ['force-lead'] };
    const internal = call('add-comment', { text: 'x', visibility: 'internal' }, forceLead, {
      organisations: ['essex'],
    });
    const refusal = await refusalOf(handler.handle(internal));
    expect(refusal.message).toBe(
      'An internal comment is for inspector and approver; send "visibility": "public"',
    );
    expect(refusal.details.allowedCommands).toContain('add-comment');
  });

  test('for a version names the one that the record has', async () => {
    await handler.handle(comment());
    const stale = call('start-progress', {}, inspector, { expectedVersions: [1] });
    expect((await refusalOf(handler.handle(stale))).details.currentVersion).toBe(2);
  });

  test('is repeated for the same reasons as by the check beforehand, the role first', async () => {
    const loaded = (await handler.states.load(STREAM))!;
    const reasons = handler.allowed.reasonsAgainst('reopen', loaded, callerOf(inspector));
    expect(reasons.map(({ kind, reason }) => [kind, reason.code])).toEqual([
      ['role', 'role-not-permitted'],
      ['state', 'command-not-allowed'],
    ]);
    expect(handler.allowed.reasonsAgainst('start-progress', loaded, callerOf(inspector))).toEqual([]);
    expect(await handler.allowed.allowedCommands(loaded, call('reopen'))).toContain('start-progress');
    expect(() => handler.allowed.reasonsAgainst('abolish', loaded, callerOf(inspector))).toThrow(
      'There is no command "abolish"',
    );
  });
});

describe('an Idempotency-Key', () => {
  test('returns the first result again, unchanged, and appends nothing', async () => {
    const first = await handler.handle(keyed('k', 'start-progress'));
    await handler.handle(comment());
    await handler.handle(call('return-to-review', { reason: 'x' }));
    const again = await handler.handle(keyed('k', 'start-progress'));
    expect(again).toEqual({ ...first, repeated: true });
    expect(await types()).toHaveLength(4);
  });

  test('is remembered on another node, and after a restart', async () => {
    const first = await handler.handle(keyed('k', 'start-progress'));
    expect(await handlerOn(store).handle(keyed('k', 'start-progress'))).toEqual({ ...first, repeated: true });
  });

  test('is refused for another payload, another path, another command', async () => {
    await handler.handle(keyed('k', 'add-comment', { text: 'one', visibility: 'public' }));
    for (const other of [
      keyed('k', 'add-comment', { text: 'two', visibility: 'public' }),
      keyed('k', 'add-comment', { text: 'one', visibility: 'public', effectiveOn: '2026-11-24' }),
      keyed('k', 'start-progress'),
      keyed('k', 'add-comment', { text: 'one', visibility: 'public' }, inspector, {
        request: {
          method: 'POST',
          path: '/api/recommendations/r-2/commands/add-comment',
          payload: { text: 'one', visibility: 'public' },
        },
      }),
    ]) {
      expect(await refusalOf(handler.handle(other))).toMatchObject({
        kind: 'key-reused',
        code: 'idempotency-key-reused',
      });
    }
    expect(await types()).toHaveLength(2);
  });

  test('belongs to its subject', async () => {
    await handler.handle(keyed('k', 'add-comment', { text: 'one', visibility: 'public' }, inspector));
    const other = await handler.handle(
      keyed('k', 'add-comment', { text: 'two', visibility: 'public' }, approver),
    );
    expect(other).toMatchObject({ version: 3, repeated: false });
  });

  test('that was refused is not remembered', async () => {
    const reopen = keyed('k', 'reopen', { reason: 'x' }, approver);
    await refusalOf(handler.handle(reopen));
    await closeWithoutAction(handler);
    expect(await handler.handle(reopen)).toMatchObject({ version: 4, repeated: false });
  });

  test('sent sixty times at once appends once, and every caller gets the same result', async () => {
    const nodes = [handler, handlerOn(store)];
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, index) =>
        nodes[index % 2]!.handle(keyed('k', 'add-comment', { text: 'once', visibility: 'public' })),
      ),
    );
    expect(await types()).toHaveLength(2);
    expect(answers.filter(({ repeated }) => !repeated)).toHaveLength(1);
    expect(new Set(answers.map(({ version, events }) => `${version} ${events[0]!.eventId}`)).size).toBe(1);
  });

  test('used at once for two requests, on two nodes, executes one of them and refuses the other', async () => {
    const answers = await Promise.allSettled([
      handler.handle(keyed('k', 'add-comment', { text: 'one', visibility: 'public' })),
      handlerOn(store).handle(keyed('k', 'add-comment', { text: 'two', visibility: 'public' })),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const refused = answers.find((answer) => answer.status === 'rejected');
    expect(refused?.reason).toMatchObject({ code: 'idempotency-key-reused' });
    expect(await types()).toHaveLength(2);
  });

  test.each([
    ['the same request', 'secret', STREAM],
    ['another text', 'other', STREAM],
    ['another record', 'secret', 'recommendation-r-2'],
  ])(
    'whose request was erased is refused, for %s too, and nothing is appended',
    async (_, text, streamId) => {
      await issue('recommendation-r-2');
      const first = await handler.handle(keyed('k', 'add-comment', { text: 'secret', visibility: 'public' }));
      await store.erase(STREAM, first.version, ['/data/text']);
      const again = keyed('k', 'add-comment', { text, visibility: 'public' }, inspector, { streamId });
      const refusal = await refusalOf(handler.handle(again));
      expect(refusal).toMatchObject({ kind: 'key-reused', code: 'idempotency-key-reused' });
      expect(refusal.message).toContain(
        `event ${first.events[0]?.eventId}; a text of that command has been redacted`,
      );
      expect(await types()).toHaveLength(2);
      expect(await store.readStream('recommendation-r-2')).toHaveLength(1);
    },
  );

  test('that is absent makes two equal requests two commands', async () => {
    await handler.handle(comment('same'));
    await handler.handle(comment('same'));
    expect(await types()).toHaveLength(3);
  });
});

describe('If-Match', () => {
  test("accepts the record's version, alone or in a list", async () => {
    await handler.handle(call('start-progress', {}, inspector, { expectedVersions: [1] }));
    await handler.handle(
      call('add-comment', { text: 'x', visibility: 'public' }, inspector, { expectedVersions: [7, 2] }),
    );
    expect(await types()).toHaveLength(3);
  });

  test('of a version that another node made does not conflict', async () => {
    await handler.handle(comment());
    await handlerOn(store).handle(comment());
    const outcome = await handler.handle(call('start-progress', {}, inspector, { expectedVersions: [3] }));
    expect(outcome.version).toBe(4);
  });

  test('is not retried at a different version after a conflict', async () => {
    await handler.handle(comment('so that the version is remembered'));
    await handlerOn(store).handle(comment('on another node'));
    const stale = call('add-comment', { text: 'x', visibility: 'public' }, inspector, {
      expectedVersions: [2],
    });
    expect(await refusalOf(handler.handle(stale))).toMatchObject({
      kind: 'version',
      code: 'version-mismatch',
      details: { currentVersion: 3 },
    });
    expect(await types()).toHaveLength(3);
  });

  test('accepts only one of many commands that name the same version', async () => {
    const answers = await Promise.allSettled(
      Array.from({ length: 20 }, () =>
        handler.handle(
          call('add-comment', { text: 'x', visibility: 'public' }, inspector, { expectedVersions: [1] }),
        ),
      ),
    );
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await types()).toHaveLength(2);
  });
});

describe('commands at the same moment', () => {
  test.each([1, 2, 3])('all succeed when none conflicts with another, on %d node(s)', async (count) => {
    const nodes = Array.from({ length: count }, () => handlerOn(store));
    const outcomes = await Promise.all(
      Array.from({ length: 60 }, (_, index) => nodes[index % count]!.handle(comment(`comment ${index}`))),
    );
    const versions = outcomes.map(({ version }) => version).sort((a, b) => a - b);
    expect(versions).toEqual(Array.from({ length: 60 }, (_, index) => index + 2));
    const texts = (await store.readStream(STREAM)).slice(1).map(({ data }) => data['text']);
    expect(new Set(texts).size).toBe(60);
  });

  test.each([1, 2, 3])('that exclude each other: only one succeeds, on %d node(s)', async (count) => {
    const nodes = Array.from({ length: count }, () => handlerOn(store));
    const answers = await Promise.allSettled(
      Array.from({ length: 40 }, (_, index) => nodes[index % count]!.handle(call('start-progress'))),
    );
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const refused = answers.filter((answer) => answer.status === 'rejected');
    expect(refused).toHaveLength(39);
    for (const { reason } of refused)
      expect(reason).toMatchObject({ kind: 'state', code: 'command-not-allowed' });
    expect(await types()).toEqual(['RecommendationIssued', 'ProgressStarted']);
  });
});

describe('another process on the same store', () => {
  test('is noticed before a command is refused', async () => {
    const other = handlerOn(store);
    await handler.handle(comment());
    await other.handle(call('start-progress'));
    const outcome = await handler.handle(call('return-to-review', { reason: 'x' }));
    expect(outcome).toMatchObject({ version: 4, state: { value: { progress: 'awaiting-review' } } });
  });

  test('is noticed before a command is allowed that it has made impossible', async () => {
    const other = handlerOn(store);
    await handler.handle(comment());
    await other.handle(call('start-progress'));
    expect(await refusalOf(handler.handle(call('start-progress')))).toMatchObject({
      code: 'command-not-allowed',
      details: { currentVersion: 3 },
    });
  });

  test('is listed as an alternative of a refused role', async () => {
    const other = handlerOn(store);
    await handler.handle(comment());
    await closeWithoutAction(other);
    const { details } = await refusalOf(handler.handle(call('start-progress', {}, approver)));
    expect(details.allowedCommands).toContain('reopen');
    expect(details.allowedCommands).not.toContain('decide-no-further-action');
  });

  test('is noticed before a record is reported as not found', async () => {
    const other = handlerOn(store);
    await handler.handle(comment());
    await other.handle(call('request-closure', { statement: 'x' }));
    const mayTouch: CommandCall['mayTouch'] = ({ value }) => value['closure'] === 'requested';
    const seen = call('refuse-closure', { reason: 'x' }, approver, { mayTouch });
    expect(await handler.handle(seen)).toMatchObject({ version: 4 });
  });

  test('does not prevent a command from being decided on its events', async () => {
    const other = handlerOn(store);
    await handler.handle(call('request-closure', { statement: 'x' }, both));
    await other.handle(call('refuse-closure', { reason: 'x' }, approver));
    await other.handle(call('request-closure', { statement: 'again' }, inspector));
    // In the snapshot, `both` requested the closure; in the log, someone else did.
    expect(await handler.handle(call('approve-closure', { statement: 'x' }, both))).toMatchObject({
      version: 5,
    });
  });
});

describe('a store that fails', () => {
  test.each(['keyed', 'without a key'])('after its append returns the stored result (%s)', async (kind) => {
    const losing = handlerOn(
      instead(async (commit) => {
        await store.append(commit);
        throw new StoreUnavailableError('the connection broke');
      }),
    );
    const command = kind === 'keyed' ? keyed('k', 'start-progress') : call('start-progress');
    const outcome = await losing.handle(command);
    const event = (await store.readStream(STREAM)).at(-1)!;
    expect(outcome).toMatchObject({
      version: 2,
      position: event.position,
      repeated: true,
      events: [{ eventId: event.eventId }],
      state: { value: { progress: 'being-progressed' } },
    });
    expect(await types()).toHaveLength(2);
  });

  test('after its append, and a conflict with itself, returns the stored result', async () => {
    const repeating = handlerOn(
      instead(async (commit) => {
        await store.append(commit);
        throw new VersionConflictError(STREAM, 1, 2);
      }),
    );
    expect(await repeating.handle(call('start-progress'))).toMatchObject({ version: 2, repeated: true });
    expect(await types()).toHaveLength(2);
  });

  test('because another node used the key for a different request at the same moment refuses this request', async () => {
    const request = { method: 'POST', path: '/elsewhere', payload: {} };
    const overtaken = handlerOn(
      instead(async (commit) => {
        await store.append({ ...commit, command: { ...commit.command, request } });
        throw new VersionConflictError(STREAM, 1, 2);
      }),
    );
    expect(await refusalOf(overtaken.handle(keyed('k', 'start-progress')))).toMatchObject({
      code: 'idempotency-key-reused',
    });
  });

  test('before its append is reported, and the same call succeeds later', async () => {
    let failures = 1;
    const failing = handlerOn(
      instead((commit) =>
        failures-- > 0 ? Promise.reject(new StoreUnavailableError('busy')) : store.append(commit),
      ),
    );
    await expect(failing.handle(keyed('k', 'start-progress'))).rejects.toBeInstanceOf(StoreUnavailableError);
    expect(await types()).toHaveLength(1);
    expect(await failing.handle(keyed('k', 'start-progress'))).toMatchObject({ version: 2, repeated: false });
  });

  test('for an unknown reason is not retried', async () => {
    let calls = 0;
    const broken = handlerOn(
      instead(() => {
        calls += 1;
        return Promise.reject(new TypeError('a mistake'));
      }),
    );
    await expect(broken.handle(call('start-progress'))).rejects.toBeInstanceOf(TypeError);
    expect(calls).toBe(1);
  });

  test('with endless conflicts fails after five seconds', async () => {
    jest.useFakeTimers();
    try {
      const conflicting = handlerOn(instead(() => Promise.reject(new VersionConflictError(STREAM, 1, 2))));
      const startedAt = performance.now();
      let endedAt = startedAt;
      const settled = conflicting
        .handle(call('start-progress'))
        .catch((reason: unknown) => reason)
        .finally(() => (endedAt = performance.now()));
      await jest.advanceTimersByTimeAsync(5_300);
      expect(await settled).toMatchObject({ code: 'version-conflict' });
      expect(endedAt - startedAt).toBeGreaterThan(5_000);
      expect(endedAt - startedAt).toBeLessThan(5_200);
    } finally {
      jest.useRealTimers();
    }
  });
});

describe('a record that is full', () => {
  const forceLead: Actor = { subject: 'lea', roles: ['force-lead'] };
  const theirs = { organisations: ['essex'] };
  const limited = (limits: RecordLimits) => {
    handler = handlerOn(store, limits);
  };
  const say = (text: string, actor = inspector, more: Partial<CommandCall> = {}) =>
    handler.handle(call('add-comment', { text, visibility: 'public' }, actor, more));
  const full = { kind: 'rule', code: 'record-full' };

  test('accepts no more events, except those that decide, close, reopen or redact', async () => {
    limited({ events: 3, bytes: 1_000 });
    await say('one');
    const { events } = await say('two');
    expect(await refusalOf(say('three'))).toMatchObject(full);
    expect(await refusalOf(handler.handle(call('start-progress')))).toMatchObject(full);
    expect(await store.readStream(STREAM)).toHaveLength(3);
    await closeWithoutAction(handler);
    await handler.handle(call('reopen', { reason: 'r' }, approver));
    await handler.handle(call('redact-comment', { eventId: events[0]!.eventId, reason: 'r' }, approver));
    expect(await store.readStream(STREAM)).toHaveLength(7);
  });

  test('accepts no more text, counted in UTF-8, and what still fits', async () => {
    const { length } = Buffer.from('A titleA text');
    limited({ events: 100, bytes: length + 10 });
    expect(await refusalOf(say('ééééé.'))).toMatchObject(full);
    await say('ééééé');
    expect(await refusalOf(say('x'))).toMatchObject(full);
    expect(await store.readStream(STREAM)).toHaveLength(2);
  });

  test("reserves half of its room for the recipient's people, and the rest for everyone else", async () => {
    limited({ events: 6, bytes: 1_000 });
    for (const text of ['one', 'two', 'three']) await say(text, forceLead, theirs);
    expect(await refusalOf(say('four', forceLead, theirs))).toMatchObject(full);
    await say('four');
    const fresh = handlerOn(store, { events: 6, bytes: 1_000 });
    handler = fresh;
    expect(await refusalOf(say('five', forceLead, theirs))).toMatchObject(full);
    await say('five');
    expect(await refusalOf(say('six'))).toMatchObject(full);
    expect(await store.readStream(STREAM)).toHaveLength(6);
  });
});

describe('an owner that is redacted', () => {
  const assign = (body: JsonObject) => handler.handle(call('assign-owner', body));
  const ownerOf = async (on: CommandHandler) => ownState((await on.states.load(STREAM))!.state).facts.owner;

  test('is forgotten, and the next owner still needs a reason, because there was an owner before', async () => {
    const { events } = await assign({ owner: 'ottoline' });
    expect(await ownerOf(handler)).toBe('ottoline');
    const body = { eventId: events[0]!.eventId, pointers: ['/data/owner'], reason: 'r' };
    await handler.handle(call('redact-comment', body, approver));
    // Tests with and without a cached snapshot.
    for (const each of [handler, handlerOn(store)]) {
      expect(await ownerOf(each)).toBeNull();
      const refused = refusalOf(each.handle(call('assign-owner', { owner: 'nobody else' })));
      expect(await refused).toMatchObject({
        kind: 'invalid',
        details: { errors: [{ pointer: '/reason' }] },
      });
    }
    expect(JSON.stringify(await handler.states.load(STREAM))).not.toContain('ottoline');
    expect(await types()).toEqual(['RecommendationIssued', 'OwnerAssigned', 'CommentRedacted']);
    await assign({ owner: 'the next', reason: 'r' });
    expect(await ownerOf(handler)).toBe('the next');
  });

  test('on another node is forgotten when this node reads the store again', async () => {
    const { events } = await assign({ owner: 'ottoline' });
    const other = handlerOn(store);
    expect(await ownerOf(other)).toBe('ottoline');
    const body = { eventId: events[0]!.eventId, reason: 'r' };
    await handler.handle(call('redact-comment', body, approver));
    await other.states.reload(STREAM);
    expect(await ownerOf(other)).toBeNull();
  });

  test('stays erased if it is an earlier owner whom the next one has replaced', async () => {
    const { events } = await assign({ owner: 'ottoline' });
    await assign({ owner: 'the next', reason: 'r' });
    const body = { eventId: events[0]!.eventId, pointers: ['/data/owner'], reason: 'r' };
    await handler.handle(call('redact-comment', body, approver));
    expect(await ownerOf(handler)).toBe('the next');
    expect(JSON.stringify(await store.readStream(STREAM))).not.toContain('ottoline');
  });
});
