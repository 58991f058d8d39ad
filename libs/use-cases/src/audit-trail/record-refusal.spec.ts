import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { systemRandom } from '#event-sourcing/random';
import { collectLog } from '#test/support/event-streams';
import { seesRecipient } from '#state-machines/access';
import { recordStream, recommendation } from '#state-machines/inspection-recommendation/kind';
import { recordOf } from '#state-machines/record-streams';
import { createSealer } from '#audit/seal';
import type { Actor, Envelope, JsonObject } from '#event-sourcing/envelope';
import { StoreUnavailableError, VersionConflictError } from '#event-sourcing/errors';
import type { CommandRequest, EventStore } from '#event-sourcing/event-store';
import { MemoryEventStore } from '#event-store/memory-event-store';
import type { CommandHandler } from '#lifecycle/handle-command';
import { commandHandler } from '#platform/docket';
import { CommandRefusedError } from '#lifecycle/refused';
import { QueueFullError } from '#event-sourcing/keyed-queue';
import { importRecord } from '../register-files/import-record.ts';
import { issueRecords } from '../records/issue-records.ts';
import { RefusalRecorder } from './record-refusal.ts';
import { lifecycles } from '#state-machines/lifecycles';
import { importCall } from '#test/support/register-imports';

const DAY = '2026-11-24';
const NOW = Date.parse(`${DAY}T12:00:00.000Z`);
const STREAM = `refusals-${DAY}`;
const LIMITS = { ofOne: 5, ofAll: 20 };
const inspector: Actor = { subject: 'ann', roles: ['inspector'] };
const both: Actor = { subject: 'two', roles: ['inspector', 'approver'] };
const auditor: Actor = { subject: 'aud', roles: ['auditor'] };

let store: MemoryEventStore;
let handler: CommandHandler;
let recorder: RefusalRecorder;
let troubles: string[];

beforeEach(async () => {
  store = new MemoryEventStore(createSealer());
  handler = commandHandler(store);
  troubles = [];
  recorder = recorderOn(store);
  await issue('7');
});
afterEach(() => store.close());

const recorderOn = (on: Pick<EventStore, 'append' | 'readStream'>, limits = LIMITS): RefusalRecorder =>
  new RefusalRecorder(on, systemRandom, (message) => troubles.push(message), limits);

const stamp = (actor: Actor) => ({ actor, now: NOW, commandId: randomUUID(), correlationId: 'c-1' });

const issue = (id: string, actor = inspector) => {
  const report = { name: 'PEEL', publishedOn: '2026-01-05' };
  const body = { id, title: 'Units', text: 'Do it.', recipients: ['avon'], report };
  const call = { ...stamp(actor), organisations: [], body, request: null };
  return recorder.recording({ ...call, command: 'issue', record: recordOf(id) }, () =>
    issueRecords(store, lifecycles, recommendation, call),
  );
};

interface CallOptions {
  readonly id?: string;
  readonly ifMatch?: number;
  readonly key?: { readonly commandId: string; readonly request: CommandRequest };
  readonly organisations?: readonly string[];
}

const send = (command: string, body: JsonObject, actor = inspector, options: CallOptions = {}) => {
  const { id = '7', ifMatch, key, organisations = [] } = options;
  const viewer = { roles: actor.roles, organisations };
  const call = {
    ...stamp(actor),
    organisations,
    request: null,
    ...key,
    streamId: recordStream(id),
    command,
    body,
    expectedVersions: ifMatch === undefined ? null : [ifMatch],
    mayTouch: ({ body }: { body: string | null }) => seesRecipient(viewer, body, recommendation),
  };
  return recorder.recording({ ...call, record: recordOf(id) }, () => handler.handle(call));
};

const bring = (text: string, id: string | null = null, actor = inspector) => {
  const call = importCall(text, { ...stamp(actor), id });
  return recorder.recording({ ...call, command: 'import', record: id === null ? null : recordOf(id) }, () =>
    importRecord(store, lifecycles, call),
  );
};

const refusalOf = async (answer: Promise<unknown>): Promise<CommandRefusedError> => {
  const error = await answer.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof CommandRefusedError)) throw new Error('was not refused', { cause: error });
  return error;
};

const refusals = (): Promise<Envelope[]> => store.readStream(STREAM);
const recorded = async () => (await refusals()).map(({ data }) => data);

/** Sends commands in parallel, all of which are refused. */
const refusedTimes = (count: number, actor = inspector) =>
  Promise.all(
    Array.from({ length: count }, () => refusalOf(send('return-to-review', { reason: 'r' }, actor))),
  );

describe('a refused attempt', () => {
  test('is recorded by the time of its response: person, command, reason, and version', async () => {
    await send('start-progress', {});
    await refusalOf(send('start-progress', {}));
    expect(await refusals()).toMatchObject([
      {
        type: 'CommandRefused',
        schemaVersion: 1,
        version: 1,
        recordedAt: new Date(NOW).toISOString(),
        effectiveOn: DAY,
        actor: inspector,
        command: { name: 'start-progress', digest: null },
        decision: null,
        correlationId: 'c-1',
        causationId: null,
        origin: 'command',
        lifecycle: null,
        state: null,
        commitments: {},
        salts: {},
        data: {
          command: 'start-progress',
          code: 'command-not-allowed',
          guard: null,
          record: '7',
          seenVersion: 2,
        },
      },
    ]);
    expect(await collectLog(store)).toHaveLength(3);
  });

  test('names the version on which it was decided, if a version was read', async () => {
    await send('request-closure', { statement: 'Done.' }, both);
    const key = { commandId: randomUUID(), request: { method: 'POST', path: '/a', payload: {} } };
    await send('add-comment', { text: 'Once.', visibility: 'public' }, inspector, { key });
    const other = { ...key, request: { ...key.request, path: '/b' } };
    await refusalOf(send('nothing', {}));
    await refusalOf(send('start-progress', {}, inspector, { id: 'absent' }));
    const stranger = { subject: 'kent', roles: ['force-lead'] };
    await refusalOf(
      send('add-comment', { text: 'Mine?', visibility: 'public' }, stranger, { organisations: ['kent'] }),
    );
    await refusalOf(send('add-comment', { text: ' ', visibility: 'public' }));
    await refusalOf(send('start-progress', {}, auditor));
    await refusalOf(send('add-comment', { text: 'Twice.', visibility: 'public' }, inspector, { key: other }));
    await refusalOf(send('add-comment', { text: 'Late.', visibility: 'public' }, both, { ifMatch: 1 }));
    await refusalOf(send('return-to-review', { reason: 'r' }, both));
    await refusalOf(send('approve-closure', { statement: 'Mine.' }, both));
    await refusalOf(send('start-progress', { effectiveOn: '2027-01-01' }, both));
    const recordedRefusals = (await recorded()).map(({ code, record, seenVersion }) => [
      code,
      record,
      seenVersion,
    ]);
    expect(recordedRefusals).toEqual([
      ['unknown-command', '7', null],
      ['not-found', null, null],
      ['not-found', '7', null],
      ['role-not-permitted', '7', 3],
      ['idempotency-key-reused', '7', 3],
      ['version-mismatch', '7', 3],
      ['command-not-allowed', '7', 3],
      ['separation-of-duties', '7', 3],
      ['effective-date-in-future', '7', 3],
    ]);
    expect((await refusals()).map(({ actor }) => actor.subject)).toEqual([
      ...['ann', 'ann', 'kent', 'aud', 'ann', 'two', 'two', 'two', 'two'],
    ]);
  });

  test('to issue names the id and the version of the record that has it', async () => {
    await send('start-progress', {});
    await refusalOf(issue('7'));
    await refusalOf(issue('8', auditor));
    expect(await recorded()).toMatchObject([
      { command: 'issue', code: 'id-already-used', record: '7', seenVersion: 2 },
      { command: 'issue', code: 'role-not-permitted', record: null, seenVersion: null },
    ]);
  });

  test('to import names the record that the file names', async () => {
    await bring('Units (9)\n\nDo it.');
    await refusalOf(bring('Units (9)\n\nDo something else.'));
    await refusalOf(bring('Units (9)\n\nDo it.', null, auditor));
    expect(await recorded()).toMatchObject([
      { command: 'import', code: 'history-differs', record: '9', seenVersion: 2 },
      { command: 'import', code: 'role-not-permitted', record: null, seenVersion: null },
    ]);
  });

  test('keeps nothing of its texts', async () => {
    const secret = 'Jane Doe of 1 High Street';
    await refusalOf(send('add-comment', { text: secret, visibility: 'public', [secret]: secret }));
    await refusalOf(send(secret, {}));
    await refusalOf(send('start-progress', {}, inspector, { id: secret }));
    expect(JSON.stringify(await collectLog(store))).not.toContain('Jane');
    expect(await recorded()).toMatchObject([
      { command: null, record: '7', code: 'unknown-command' },
      { command: 'start-progress', record: null },
    ]);
  });

  test('is not remembered under its key', async () => {
    const commandId = randomUUID();
    const key = { commandId, request: { method: 'POST', path: '/a', payload: { reason: 'r' } } };
    await refusalOf(send('return-to-review', { reason: 'r' }, inspector, { key }));
    expect(await store.findCommand(commandId)).toEqual([]);
    await send('start-progress', {});
    expect(await send('return-to-review', { reason: 'r' }, inspector, { key })).toMatchObject({
      version: 3,
      repeated: false,
    });
  });

  test('is in the stream of the day in London', async () => {
    const at = (instant: string) => {
      const attempt = { ...stamp(inspector), command: 'issue', record: null, now: Date.parse(instant) };
      const refused = new CommandRefusedError('role', 'role-not-permitted', 'no');
      return refusalOf(recorder.recording(attempt, () => Promise.reject(refused)));
    };
    await at('2026-06-30T22:59:59.999Z');
    await at('2026-06-30T23:00:00.000Z');
    expect(await store.readStream('refusals-2026-06-30')).toHaveLength(1);
    expect(await store.readStream('refusals-2026-07-01')).toMatchObject([
      { version: 1, effectiveOn: '2026-07-01' },
    ]);
  });

  test('does not include an internal fault, a busy queue, or a file that is too large to be read', async () => {
    const attempt = { ...stamp(inspector), command: 'import', record: null };
    for (const error of [
      new TypeError('a bug'),
      new QueueFullError('1000 commands are already waiting for recommendation-7'),
      new StoreUnavailableError('away'),
      new CommandRefusedError('invalid', 'file-too-large', 'too large'),
    ]) {
      await expect(recorder.recording(attempt, () => Promise.reject(error))).rejects.toBe(error);
    }
    expect(await refusals()).toEqual([]);
  });
});

describe('a refusal that cannot be recorded', () => {
  test('gets no response', async () => {
    const full = recorderOn({
      readStream: () => Promise.resolve([]),
      append: () => Promise.reject(new StoreUnavailableError('the disk is full')),
    });
    const refused = new CommandRefusedError('state', 'command-not-allowed', 'no');
    const attempt = { ...stamp(inspector), command: 'start-progress', record: recordOf('7') };
    await expect(full.recording(attempt, () => Promise.reject(refused))).rejects.toMatchObject({
      code: 'store-unavailable',
    });
  });

  test('because others write all the time, gets no response either', async () => {
    jest.useFakeTimers();
    try {
      let version = 0;
      const busy = recorderOn({
        readStream: () => Promise.resolve([]),
        append: () => Promise.reject(new VersionConflictError(STREAM, version, (version += 1))),
      });
      const refused = new CommandRefusedError('state', 'command-not-allowed', 'no');
      const attempt = { ...stamp(inspector), command: 'start-progress', record: recordOf('7') };
      const answer = busy
        .recording(attempt, () => Promise.reject(refused))
        .catch((reason: unknown) => reason);
      await jest.advanceTimersByTimeAsync(5_300);
      expect(await answer).toMatchObject({ code: 'store-unavailable' });
    } finally {
      jest.useRealTimers();
    }
  });
});

describe('a flood of refusals', () => {
  test('of one person is recorded up to the limit, and one line says how many were not', async () => {
    await refusedTimes(50);
    recorder.reportLeftOut(NOW + 59_999);
    expect(troubles).toEqual([]);
    recorder.reportLeftOut(NOW + 60_000);
    recorder.reportLeftOut(NOW + 60_001);
    expect(troubles).toEqual(['45 refusals were not recorded: there were too many in a minute']);
    expect(await recorded()).toHaveLength(LIMITS.ofOne);
  });

  test('of one person leaves room for others, but not beyond the limit of all', async () => {
    recorder = recorderOn(store, { ofOne: 5, ofAll: 8 });
    await refusedTimes(9);
    await refusedTimes(9, both);
    await refusedTimes(1, auditor);
    const subjects = (await refusals()).map(({ actor }) => actor.subject);
    expect([subjects.filter((each) => each === 'ann').length, subjects.length]).toEqual([5, 8]);
  });

  test('counts anew when the clock was set back', async () => {
    await refusedTimes(6);
    recorder.reportLeftOut(NOW - 1);
    expect(troubles).toEqual([expect.stringMatching(/^1 refusals/)]);
  });

  test('is reported by the time the service has stopped', async () => {
    await refusedTimes(9);
    recorder.close();
    expect(troubles).toEqual([expect.stringMatching(/^4 refusals/)]);
  });
});
