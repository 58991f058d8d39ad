import 'reflect-metadata';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '#event-sourcing/clock';
import { systemRandom } from '#event-sourcing/random';
import { createSealer } from '#audit/seal';
import { MemoryEventStore } from '#event-store/memory-event-store';
import { addDays } from '#lifecycle/plain-date';
import type { RecordReference } from '#lifecycle/kind';
import { londonDate } from '#state-machines/london';
import { append, commit, draft } from '#test/support/event-commits';
import { untilTrue } from '#test/support/event-streams';
import { startMailReceiver, startServerThat, startWebhookReceiver, verified } from '#test/support/receivers';
import type { MailReceiver, ReceivedWebhook, WebhookReceiver } from '#test/support/receivers';
import { temporaryFolder } from '#test/support/temporary-folder';
import { openFileOutbox } from './outbox/outbox-database.ts';
import type { OutboxDatabase } from './outbox/outbox-database.ts';
import { countMessages, listMessages, retryMessage, retryMessages } from './outbox/outbox-list.ts';
import { Outbox } from './outbox/outbox.ts';
import { commandHandler } from '#platform/docket';
import { deadlinesProjection } from '#read-models/deadlines/deadlines-projection';
import { openSqliteReadModels } from '#projections/sqlite/open-read-models';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { ProjectionRunner } from '#projections/runner';
import { paddedPosition } from '#projections/position';
import { recordStream, recommendation } from '#state-machines/inspection-recommendation/kind';
import type { Delivery } from './deliver-messages.ts';
import { importRecord } from '#use-cases/register-files/import-record';
import { issueRecords } from '#use-cases/records/issue-records';
import { Notifier } from './notifier.ts';
import { ReceiverNetworks } from './receiver-networks.ts';
import { parseNotifications } from './parse-notifications.ts';
import { ForeignOutboxError } from './outbox-follower.ts';
import { followDeadlines } from './record-notices.ts';
import { subscriptionReceiver } from './subscription-receiver.ts';
import { presentRecord } from '#use-cases/records/present-record';
import { sweepDeadlines } from '#use-cases/records/sweep-deadlines';
import { lifecycles } from '#state-machines/lifecycles';
import { importCall } from '#test/support/register-imports';

const SECRET = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;
const DAY_MS = 86_400_000;
let folder: string;
let path: string;
let store: MemoryEventStore;
let readModels: ReadModelDatabase;
let receiver: WebhookReceiver;
let mail: MailReceiver;
let now: number;
let isTimeKnown: boolean;
let deliveries: Delivery[];
let errors: unknown[];
const notifiers: { notifier: Notifier; database: OutboxDatabase }[] = [];

beforeEach(async () => {
  folder = temporaryFolder();
  path = join(folder, 'outbox.sqlite');
  store = new MemoryEventStore(createSealer());
  readModels = openSqliteReadModels(':memory:');
  receiver = await startWebhookReceiver();
  mail = await startMailReceiver();
  now = Date.parse('2026-03-02T09:00:00Z');
  isTimeKnown = true;
  deliveries = [];
  errors = [];
});

afterEach(async () => {
  for (const { notifier, database } of notifiers.splice(0)) {
    await notifier.stop();
    await database.close();
  }
  await receiver.close();
  await mail.close();
  await readModels.close();
  await store.close();
});

const tracker = { id: 'tracker', roles: ['inspector'], bodies: 'all' };
const hook = (more: object = {}) => ({ ...tracker, webhook: { url: receiver.url, secret: SECRET }, ...more });

/** Returns a notifier on the test's outbox, configured as in a process. */
function open(subscriptions: readonly object[] = [hook()], more: object = {}) {
  const database = openFileOutbox(path);
  const json = {
    baseUrl: 'https://docket.example',
    smtp: { url: mail.url, from: 'docket@inspectorate.example' },
    delivery: { maxAttempts: 3, firstPauseSeconds: 30, timeoutSeconds: 10, leaseSeconds: 60 },
    subscriptions,
    ...more,
  };
  const notifications = parseNotifications(JSON.stringify(json), {});
  const shared = {
    outbox: new Outbox(database),
    clock: { ...systemClock, now: () => now },
    isTimeKnown: () => isTimeKnown,
    onError: (error: unknown) => errors.push(error),
  };
  const notifierParts = {
    presentRecord: (record: RecordReference) => presentRecord(store, lifecycles, record),
    readBodies: () => Promise.resolve(new Map()),
    networks: new ReceiverNetworks(['127.0.0.0/8']),
    notifications,
    onError: shared.onError,
  };
  const notifier = new Notifier({
    ...shared,
    followers: [followDeadlines({ ...shared, store, database: readModels, notifications })],
    findReceiver(id) {
      const found = notifications.subscriptions.find((each) => each.id === id);
      return found === undefined ? null : subscriptionReceiver(notifierParts, found);
    },
    delivery: notifications.delivery,
    onDelivery: (delivery) => deliveries.push(delivery),
    random: { ...systemRandom, fraction: () => 0.5 },
  });
  notifiers.push({ notifier, database });
  return {
    database,
    notifier,
    /** Projects new events, records notices and sends messages until none is due. */
    async look() {
      await fold();
      for (let before = -1; before !== deliveries.length;) {
        before = deliveries.length;
        await notifier.look();
        await notifier.whenSettled();
      }
    },
  };
}

const inspector = { subject: 'ann', roles: ['inspector'] };
const call = () => ({
  now,
  commandId: randomUUID(),
  request: null,
  correlationId: 'a-correlation',
});

const issue = (id: string, dueOn: string, more: object = {}) =>
  issueRecords(store, lifecycles, recommendation, {
    organisations: [],
    ...call(),
    actor: inspector,
    body: {
      id,
      title: `Title of ${id}`,
      text: 'Do it.',
      recipients: ['kent'],
      report: { name: 'A report', publishedOn: londonDate(now) },
      deadlines: [{ dueOn }],
      ...more,
    },
  });

const command = (id: string, name: string, body: object, actor: { subject: string; roles: string[] }) =>
  commandHandler(store).handle({
    ...call(),
    streamId: recordStream(id),
    command: name,
    body,
    actor,
    expectedVersions: null,
    organisations: actor.roles.includes('force-lead') ? ['kent'] : [],
    mayTouch: () => true,
  });

async function close(id: string): Promise<void> {
  const over = { reason: 'withdrawn', statement: 'Withdrawn.' };
  const [requester, approver] = [
    { subject: 'ann', roles: ['inspector'] },
    { subject: 'bob', roles: ['approver'] },
  ];
  await command(id, 'request-closure', { outcome: 'no-further-action', ...over }, requester);
  await command(id, 'decide-no-further-action', over, approver);
}

const fold = () =>
  new ProjectionRunner({ store, database: readModels, projections: [deadlinesProjection] }).catchUp();

/** Runs the sweep for the test's day. */
async function sweep(): Promise<void> {
  await fold();
  await sweepDeadlines(store, readModels, lifecycles, {
    asOf: londonDate(now),
    actor: { subject: 'docket:sweep', roles: ['scheduler'] },
    correlationId: systemRandom.uuid,
    now: () => now,
  });
}

const on = (day: string, time = '09:00:00'): void => {
  now = Date.parse(`${day}T${time}Z`);
};

interface Body {
  readonly type: string;
  readonly data: {
    readonly recordId: string;
    readonly title: string | null;
    readonly day: string;
    readonly reminder: number | null;
    readonly notices?: readonly { readonly recordId: string; readonly kind: string }[];
  };
}
const bodyOf = ({ body }: ReceivedWebhook): Body => JSON.parse(body) as Body;
const receivedNotices = () =>
  receiver.requests.map((request) => `${bodyOf(request).data.recordId} ${bodyOf(request).type}`);

describe('the sent notices', () => {
  test('include each threshold of a record, on its day, with a link to the record', async () => {
    const docket = open();
    await docket.look();
    await issue('r-1', '2026-03-31');
    for (const day of ['2026-03-16', '2026-03-17', '2026-04-01', '2026-04-29', '2026-04-30']) {
      on(day);
      await sweep();
      await docket.look();
    }
    expect(receivedNotices()).toEqual([
      'r-1 deadline.approaching',
      'r-1 deadline.passed',
      'r-1 deadline.escalated',
    ]);
    expect(bodyOf(receiver.requests[1]!).data).toMatchObject({
      url: 'https://docket.example/recommendations/r-1',
      title: 'Title of r-1',
      recipient: 'kent',
      status: 'awaiting-review',
      deadline: { id: 'd1', kind: 'action', dueOn: '2026-03-31', dateVersion: 1 },
      day: '2026-04-01',
    });
    expect(errors).toEqual([]);
  });

  test('include nothing about dates that had passed before a record was imported', async () => {
    const docket = open();
    await docket.look();
    const source = readFileSync(new URL('../../../test/fixtures/730.txt', import.meta.url));
    on('2026-11-24');
    await importRecord(
      store,
      lifecycles,
      importCall(source, { ...call(), actor: inspector, recipient: 'wiltshire' }),
    );
    await command('730', 'set-deadline', { dueOn: '2016-06-30', effectiveOn: '2015-11-30' }, inspector);
    // The next date is still in the future.
    await command('730', 'set-deadline', { dueOn: '2026-12-01', effectiveOn: '2015-11-30' }, inspector);
    await sweep();
    await docket.look();
    expect((await store.readStream(recordStream('730'))).map(({ type }) => type)).toEqual(
      expect.arrayContaining(['DeadlinePassed', 'DeadlineEscalated', 'DeadlineApproaching']),
    );
    expect(receivedNotices()).toEqual(['730 deadline.approaching']);
    on('2026-12-02');
    await sweep();
    await docket.look();
    expect(receivedNotices().filter((line) => !line.includes('reminder'))).toEqual([
      '730 deadline.approaching',
      '730 deadline.passed',
    ]);
  });

  test('exclude events from before the outbox was made', async () => {
    await issue('r-1', '2026-03-10');
    await sweep();
    const docket = open();
    await docket.look();
    expect(receivedNotices()).toEqual([]);
    on('2026-03-11');
    await sweep();
    await docket.look();
    expect(receivedNotices()).toEqual(['r-1 deadline.passed']);
  });

  test('include everything if the file says to start at the beginning', async () => {
    await issue('r-1', '2026-03-10');
    await sweep();
    await open([hook()], { startAt: 'beginning' }).look();
    expect(receivedNotices()).toEqual(['r-1 deadline.approaching']);
  });

  test('are filtered by body, kind of notice, and kind of deadline', async () => {
    const docket = open([
      hook({ id: 'avon', roles: ['force-lead'], bodies: ['avon'], webhook: toPath('avon') }),
      hook({ id: 'kent', roles: ['force-lead'], bodies: ['kent'], webhook: toPath('kent') }),
      hook({ id: 'passed', kinds: ['passed'], webhook: toPath('passed') }),
      hook({ id: 'response', deadlines: ['response'], webhook: toPath('response') }),
    ]);
    await docket.look();
    await issue('r-1', '2026-03-10');
    await issue('r-2', '2027-03-10', { recipients: ['avon'], responseRequired: true });
    await sweep();
    on('2026-03-11');
    await sweep();
    await docket.look();
    const requestPaths = () =>
      receiver.requests.map((request) => `${request.path} ${bodyOf(request).data.recordId}`).sort();
    expect(requestPaths()).toEqual(['/hook/kent r-1', '/hook/kent r-1', '/hook/passed r-1']);
    // The response of r-2 is due on 26 April.
    on('2026-04-12');
    await sweep();
    await docket.look();
    expect(requestPaths()).toEqual([
      '/hook/avon r-2',
      '/hook/kent r-1',
      '/hook/kent r-1',
      '/hook/kent r-1',
      '/hook/passed r-1',
      '/hook/response r-2',
    ]);
  });

  const toPath = (name: string) => ({ url: `${receiver.url}/${name}`, secret: SECRET });
});

describe('a reminder', () => {
  const openEscalated = async () => {
    const docket = open([hook({ kinds: ['reminder'] })]);
    await docket.look();
    await issue('r-1', '2026-03-31');
    on('2026-04-30');
    await sweep();
    await docket.look();
    return docket;
  };
  const reminders = () =>
    receiver.requests.map((request) => [bodyOf(request).data.reminder, bodyOf(request).data.day]);

  test('comes every 30 days for as long as the record is open and overdue, each once', async () => {
    const docket = await openEscalated();
    for (const day of ['2026-05-29', '2026-05-30', '2026-05-31', '2026-06-29', '2026-06-30']) {
      on(day);
      await docket.look();
      await docket.look();
    }
    expect(reminders()).toEqual([
      [1, '2026-05-30'],
      [2, '2026-06-29'],
    ]);
    await close('r-1');
    on('2026-07-29');
    await docket.look();
    expect(reminders()).toHaveLength(2);
  });

  test('waits while the clock is not trusted, and is not recorded for days that the wrong clock showed', async () => {
    const docket = await openEscalated();
    isTimeKnown = false;
    on('2027-08-15');
    await docket.look();
    expect(reminders()).toEqual([]);
    isTimeKnown = true;
    on('2026-05-30');
    await docket.look();
    expect(reminders()).toEqual([[1, '2026-05-30']]);
  });

  test('that was missed is skipped: the last one is sent', async () => {
    const docket = await openEscalated();
    on('2026-08-15');
    await docket.look();
    expect(reminders()).toEqual([[3, '2026-07-29']]);
  });

  test('ends when the date is extended, and begins again when the later date is escalated', async () => {
    const docket = await openEscalated();
    await command(
      'r-1',
      'request-extension',
      { dueOn: '2026-06-30', reason: 'More time.' },
      { subject: 'lea', roles: ['force-lead'] },
    );
    await command('r-1', 'grant-extension', {}, inspector);
    on('2026-06-10');
    await docket.look();
    expect(reminders()).toEqual([]);
    on('2026-07-30');
    await sweep();
    on('2026-08-29');
    await docket.look();
    expect(reminders()).toEqual([[1, '2026-08-29']]);
  });
});

describe('a receiver that fails', () => {
  const openPassed = async () => {
    const docket = open();
    await docket.look();
    await issue('r-1', addDays(londonDate(now), 8));
    await sweep();
    return docket;
  };
  const answer = (status: number) => {
    receiver.answer = (_, response) => response.writeHead(status).end('private');
  };

  test('gets the same message under the same id until it accepts it', async () => {
    // Signatures are valid for some minutes of real time.
    now = Date.now();
    const docket = await openPassed();
    answer(500);
    await docket.look();
    now += 29_999;
    await docket.look();
    expect(receiver.requests).toHaveLength(1);
    now += 1;
    await docket.look();
    answer(204);
    now += 90_000;
    await docket.look();
    now += DAY_MS;
    await docket.look();
    expect(new Set(receiver.requests.map(({ id }) => id)).size).toBe(1);
    expect(deliveries.map(({ outcome }) => outcome)).toEqual(['failed', 'failed', 'delivered']);
    for (const request of receiver.requests) expect(verified(SECRET, request)).toEqual(bodyOf(request));
  });

  test('has a dead letter after the last attempt, which a retry sends', async () => {
    const docket = await openPassed();
    answer(500);
    for (let index = 0; index < 5; index += 1) {
      await docket.look();
      now += DAY_MS / 2;
    }
    expect(receiver.requests).toHaveLength(3);
    const { items } = await listMessages(docket.database, { state: 'dead', limit: 9 });
    expect(items).toMatchObject([{ attempts: 3, error: 'responded with HTTP 500' }]);
    answer(204);
    await docket.look();
    expect(receiver.requests).toHaveLength(3);
    await retryMessage(docket.database, items[0]!.id, now);
    await docket.look();
    expect(await countMessages(docket.database)).toEqual({ waiting: 0, dead: 0 });
    expect(new Set(receiver.requests.map(({ id }) => id)).size).toBe(1);
  });

  test('and reports that it is gone has a dead letter at once', async () => {
    const docket = await openPassed();
    answer(410);
    await docket.look();
    expect(deliveries.map(({ outcome }) => outcome)).toEqual(['dead']);
  });

  test('delays no other receiver', async () => {
    const docket = open([hook({ id: 'broken' }), { ...tracker, id: 'mail', email: 'ada@kent.example' }]);
    await docket.look();
    await issue('r-1', '2026-03-10');
    await issue('r-2', '2026-03-10');
    await sweep();
    answer(500);
    await docket.look();
    expect(mail.mails).toHaveLength(2);
    expect(await countMessages(docket.database)).toEqual({ waiting: 2, dead: 0 });
  });
});

describe('receivers that accept a connection and never respond', () => {
  test('given more of them than there are slots, and many messages for each, then another receiver still gets all of its messages', async () => {
    const silent = await startServerThat();
    const webhook = { url: `http://${silent.address}/`, secret: SECRET };
    const mails = Array.from({ length: 70 }, (_, index) => ({
      ...{ ...tracker, id: `mail-${index}`, email: `a${index}@kent.example` },
    }));
    const docket = open([hook({ id: 'hanging', webhook }), ...mails, hook({ id: 'other' })], {
      smtp: { url: `smtp://${silent.address}`, from: 'docket@inspectorate.example' },
    });
    await docket.look();
    // One turn sends to several receivers.
    for (let index = 0; index < 25; index += 1) await issue(`r-${index}`, '2026-03-10');
    await sweep();
    await fold();
    await untilTrue(async () => {
      await docket.notifier.look();
      return receiver.requests.length === 25;
    });
    expect(deliveries.filter(({ receiver: id }) => id !== 'other')).toEqual([]);
    expect(silent.sockets.length).toBeGreaterThan(1);
    await silent.close();
    await docket.notifier.whenSettled();
  });
});

describe('several processes on one outbox', () => {
  test('send each notice once', async () => {
    const one = open();
    const other = open();
    await one.look();
    await other.look();
    for (let index = 0; index < 30; index += 1) await issue(`r-${index}`, '2026-03-10');
    await sweep();
    await Promise.all([one.look(), other.look()]);
    expect(receiver.requests).toHaveLength(30);
    expect(new Set(receivedNotices()).size).toBe(30);
    expect(errors).toEqual([]);
  });

  test('send again, under the same id, messages that one claimed and never completed', async () => {
    const one = open();
    await one.look();
    await issue('r-1', '2026-03-10');
    await sweep();
    await one.look();
    const [first] = receiver.requests;
    // As left by a process that ended after the delivery and before recording it.
    const leased = { state: 'waiting', endedAt: null, leaseOwner: 'gone', leaseUntil: now + 60_000 } as const;
    await one.database.db.updateTable('messages').set(leased).execute();
    const other = open();
    await other.look();
    expect(receiver.requests).toHaveLength(1);
    now += 60_000;
    await other.look();
    expect(receiver.requests.map(({ id }) => id)).toEqual([first!.id, first!.id]);
    expect(await one.database.db.selectFrom('notices').select('key').execute()).toHaveLength(1);
  });

  test('stop retrying a message during which processes end repeatedly', async () => {
    const docket = open();
    await docket.look();
    await issue('r-1', '2026-03-10');
    await sweep();
    await docket.look();
    await docket.database.db
      .updateTable('messages')
      .set({ state: 'waiting', attempts: 3, dueAt: 0 })
      .execute();
    await docket.look();
    expect(receiver.requests).toHaveLength(1);
    expect(deliveries.at(-1)).toMatchObject({
      outcome: 'dead',
      error: 'the process ended during the last attempt',
    });
  });
});

describe('read models', () => {
  test('that are deleted or rebuilt cause no repeated notices', async () => {
    const docket = open([hook({ kinds: ['passed', 'reminder'] })]);
    await docket.look();
    await issue('r-1', '2026-03-31');
    on('2026-04-30');
    await sweep();
    on('2026-05-30');
    await docket.look();
    expect(receivedNotices()).toEqual(['r-1 deadline.passed', 'r-1 deadline.reminder']);
    await new ProjectionRunner({
      store,
      database: readModels,
      projections: [deadlinesProjection],
    }).rebuild('deadlines');
    await docket.look();
    await readModels.close();
    readModels = openSqliteReadModels(':memory:');
    await open([hook({ kinds: ['passed', 'reminder'] })]).look();
    now += DAY_MS;
    await open([hook({ kinds: ['passed', 'reminder'] })]).look();
    expect(receivedNotices()).toHaveLength(2);
  });
});

describe('the record’s text', () => {
  test('that was redacted is not sent, and the outbox stores no text', async () => {
    const docket = open();
    await docket.look();
    receiver.answer = (_, response) => response.writeHead(500).end();
    await issue('r-1', '2026-03-10');
    await sweep();
    await docket.look();
    expect(bodyOf(receiver.requests[0]!).data.title).toBe('Title of r-1');
    const [issued] = await store.readStream(recordStream('r-1'));
    const approver = { subject: 'bob', roles: ['approver'] };
    const redaction = { eventId: issued!.eventId, pointers: ['/data/title'], reason: 'It names someone.' };
    await command('r-1', 'redact-comment', redaction, approver);
    receiver.answer = (_, response) => response.writeHead(204).end();
    now += 30_000;
    await docket.look();
    expect(bodyOf(receiver.requests[1]!).data.title).toBeNull();
    const files = readdirSync(folder).filter((name) => name.startsWith('outbox.sqlite'));
    expect(files).toContain('outbox.sqlite');
    for (const file of files) {
      const bytes = readFileSync(join(folder, file));
      for (const text of ['Title of', 'Do it', 'It names']) expect(bytes.includes(text)).toBe(false);
    }
  });
});

describe('late messages', () => {
  const kent = { id: 'kent', roles: ['force-lead'], bodies: ['kent'] };
  const approver = { subject: 'bob', roles: ['approver'] };
  const answer = (status: number) => {
    receiver.answer = (_, response) => response.writeHead(status).end();
  };
  const listed = async ({ database }: { database: OutboxDatabase }) =>
    (await listMessages(database, { limit: 9 })).items.map(({ state, error }) => ({ state, error }));
  const lapsed = {
    state: 'lapsed',
    error:
      'no longer sent: the record has a different recipient, or the deadline was moved, withdrawn or met',
  };

  test('given a dead letter, when the record was reassigned, then the former body gets no notice', async () => {
    const docket = open([hook(kent), hook({ id: 'all' })]);
    await docket.look();
    answer(410);
    await issue('r-1', '2026-03-10');
    await sweep();
    await docket.look();
    await command('r-1', 'assign-recipient', { recipient: 'surrey', reason: 'It moved.' }, approver);
    await command('r-1', 'amend-text', { title: 'Secret of Surrey', reason: 'It is theirs.' }, inspector);
    answer(204);
    const before = receiver.requests.length;
    expect(await retryMessages(docket.database, { states: ['dead'] }, now)).toHaveLength(2);
    await docket.look();
    expect(receiver.requests.slice(before).map((request) => bodyOf(request).data)).toMatchObject([
      { title: 'Secret of Surrey', recipient: 'surrey' },
    ]);
    expect(await listed(docket)).toEqual(
      expect.arrayContaining([lapsed, { state: 'delivered', error: null }]),
    );
    expect(deliveries.filter(({ outcome }) => outcome === 'lapsed')).toMatchObject([{ receiver: 'kent' }]);
    expect(await countMessages(docket.database)).toEqual({ waiting: 0, dead: 0 });
    expect(errors).toEqual([]);
  });

  test.each([
    ['withdrawn', 'withdraw-deadline', { deadlineId: 'd1', reason: 'A slip.' }],
    ['extended', 'request-extension', { deadlineId: 'd1', dueOn: '2026-06-30', reason: 'More time.' }],
  ])('given a waiting message, when its deadline is %s, then it is not sent', async (_, name, body) => {
    const docket = open();
    await docket.look();
    answer(500);
    await issue('r-1', '2026-03-10');
    await sweep();
    await docket.look();
    if (name === 'request-extension') {
      await command('r-1', name, body, { subject: 'lea', roles: ['force-lead'] });
      await command('r-1', 'grant-extension', {}, inspector);
    } else await command('r-1', name, body, inspector);
    answer(204);
    now += 30_000;
    await docket.look();
    expect(receiver.requests).toHaveLength(1);
    expect(await listed(docket)).toEqual([lapsed]);
    // A manual retry checks the message again, with the same outcome.
    const [item] = (await listMessages(docket.database, { limit: 1 })).items;
    await retryMessage(docket.database, item!.id, now);
    await docket.look();
    expect(receiver.requests).toHaveLength(1);
    expect(await listed(docket)).toEqual([lapsed]);
  });

  test.each([
    ['is approaching', '2026-03-02'],
    ['has passed', '2026-03-11'],
    ['is long overdue', '2026-04-09'],
  ])('given a deadline that %s, when the record is closed, then it is not sent', async (_, day) => {
    const docket = open();
    await docket.look();
    answer(500);
    await issue('r-1', '2026-03-10');
    on(day);
    await sweep();
    await docket.look();
    const requestCount = receiver.requests.length;
    await close('r-1');
    answer(204);
    now += 7_200_000;
    await docket.look();
    expect(receiver.requests).toHaveLength(requestCount);
    expect(new Set((await listed(docket)).map(({ state }) => state))).toEqual(new Set(['lapsed']));
    expect(await listed(docket)).toContainEqual(lapsed);
  });

  test('given notices of both deadlines of a record, when the response is published, then only the other notice is sent', async () => {
    const docket = open();
    await docket.look();
    answer(410);
    await issue('r-1', '2026-04-30', { responseRequired: true });
    on('2026-04-20');
    await sweep();
    await docket.look();
    const requestCount = receiver.requests.length;
    const response = { position: 'action-taken', text: 'Done.', publishedElsewhere: 'Their site.' };
    await command('r-1', 'publish-response', response, inspector);
    answer(204);
    expect(await retryMessages(docket.database, { states: ['dead'] }, now)).toHaveLength(2);
    await docket.look();
    expect(receiver.requests.slice(requestCount).map((request) => bodyOf(request).data)).toMatchObject([
      { deadline: { id: 'd1', kind: 'action' } },
    ]);
    expect(await listed(docket)).toContainEqual(lapsed);
  });

  test('given a digest, then it contains only notices that the subscription may see at its hour', async () => {
    const docket = open([hook({ ...kent, when: 'daily' })], { digestHour: 10 });
    await docket.look();
    for (const id of ['r-1', 'r-2', 'r-3', 'r-4']) await issue(id, '2026-03-10');
    await sweep();
    await docket.look();
    await command('r-1', 'assign-recipient', { recipient: 'surrey', reason: 'It moved.' }, approver);
    await command('r-2', 'withdraw-deadline', { deadlineId: 'd1', reason: 'A slip.' }, inspector);
    on('2026-03-02', '10:00:00');
    await docket.look();
    expect(bodyOf(receiver.requests[0]!).data.notices).toMatchObject([
      { recordId: 'r-3' },
      { recordId: 'r-4' },
    ]);
    expect(receiver.requests[0]!.body).not.toContain('r-1');
  });
});

describe('a digest', () => {
  test('is one message a day, at its hour, with everything since the last', async () => {
    const docket = open([{ ...tracker, email: 'ada@kent.example', when: 'daily' }], { digestHour: 10 });
    await docket.look();
    await issue('r-1', '2026-03-10');
    await issue('r-2', '2026-03-11');
    await sweep();
    await docket.look();
    expect(mail.mails).toEqual([]);
    on('2026-03-02', '10:00:00');
    await docket.look();
    on('2026-03-11');
    await sweep();
    await docket.look();
    on('2026-03-11', '10:00:00');
    await docket.look();
    await docket.look();
    expect(mail.mails.map(({ subject }) => subject)).toEqual([
      'Deadlines, 2 March 2026: 2 notices',
      'Deadlines, 11 March 2026: 1 notice',
    ]);
    expect(mail.mails[0]?.text).toMatch(
      /Deadline approaching: recommendation r-1, due 10 March 2026[^]*Deadline approaching: recommendation r-2/,
    );
    expect(mail.mails[1]?.text).toContain('https://docket.example/recommendations/r-1');
  });
});

describe('given a record under a lifecycle that this build does not have', () => {
  /** Creates two records with a notice each, and then an event of the first that cannot be read. */
  const twoWaiting = async (when: string) => {
    const docket = open([hook({ when })], { digestHour: 10 });
    await docket.look();
    await issue('r-1', '2026-03-10');
    await issue('r-2', '2026-03-11');
    await sweep();
    if (when === 'daily') await docket.look();
    else {
      const deadlines = { store, database: readModels, projections: [deadlinesProjection] };
      await new ProjectionRunner(deadlines).catchUp();
    }
    const stream = recordStream('r-1');
    const { length } = await store.readStream(stream);
    const lifecycle = { name: 'inspection-recommendation', version: 99, digest: '9'.repeat(64) };
    await store.append({ ...commit([append(stream, length, draft())]), lifecycle });
    on('2026-03-02', '10:00:00');
    await docket.notifier.look();
    await docket.notifier.whenSettled();
    return docket;
  };
  const unknown = expect.objectContaining({ code: 'unknown-lifecycle' }) as unknown;

  test('then a digest is sent without its notice, and the error is reported', async () => {
    await twoWaiting('daily');
    expect(receiver.requests).toHaveLength(1);
    expect(bodyOf(receiver.requests[0]!).data.notices).toMatchObject([{ recordId: 'r-2' }]);
    expect(errors).toEqual([unknown]);
  });

  test('then a message about that record alone is kept, and retried', async () => {
    const docket = await twoWaiting('at-once');
    const { items } = await listMessages(docket.database, { limit: 9 });
    expect(
      items.map(({ state, notices }) => [state, notices.map(({ recordId }) => recordId)]),
    ).toContainEqual(['waiting', ['r-1']]);
    expect(errors).toEqual([unknown]);
  });
});

describe('an outbox', () => {
  test('of a different log is refused', async () => {
    await issue('r-1', '2027-03-10');
    await open().look();
    await store.close();
    store = new MemoryEventStore(createSealer());
    await issue('r-1', '2027-03-10');
    await expect(open().notifier.begin()).rejects.toBeInstanceOf(ForeignOutboxError);
  });

  test('that began with an empty log knows it once it has an event', async () => {
    const docket = open();
    await docket.look();
    await issue('r-1', '2026-03-10');
    await sweep();
    await docket.look();
    const follower = await new Outbox(docket.database).follower('deadlines');
    expect(follower?.log).toBe((await store.readAll({ limit: 1 }))[0]?.eventId);
  });

  test('makes dead letters of messages to a removed subscription', async () => {
    const docket = open([hook({ when: 'daily' })]);
    await docket.look();
    await issue('r-1', '2026-03-10');
    await sweep();
    await docket.look();
    await open([hook({ id: 'other' })]).look();
    expect(await countMessages(docket.database)).toEqual({ waiting: 1, dead: 0 });
    now += DAY_MS;
    await open([hook({ id: 'other' })]).look();
    expect((await listMessages(docket.database, { limit: 9 })).items).toMatchObject([
      { state: 'dead', error: 'the receiver is no longer configured' },
    ]);
  });
});

describe('a stop', () => {
  test('releases claims that do not finish, and loses nothing', async () => {
    const docket = open();
    await docket.look();
    await issue('r-1', '2026-03-10');
    await sweep();
    await new ProjectionRunner({
      store,
      database: readModels,
      projections: [deadlinesProjection],
    }).catchUp();
    const requested = Promise.withResolvers<undefined>();
    receiver.answer = () => {
      requested.resolve(undefined);
    };
    await docket.notifier.look();
    await requested.promise;
    await docket.notifier.stop();
    expect(deliveries).toEqual([]);
    expect((await listMessages(docket.database, { limit: 9 })).items).toMatchObject([
      { state: 'waiting', attempts: 0 },
    ]);
    receiver.answer = (_, response) => response.writeHead(204).end();
    await open().look();
    expect(new Set(receiver.requests.map(({ id }) => id)).size).toBe(1);
    expect(deliveries.map(({ outcome }) => outcome)).toEqual(['delivered']);
  });
});

describe('a log that is shorter than the scanned part', () => {
  test('given such a log, then nothing is sent until the operator confirms it; no notice is repeated', async () => {
    const first = open();
    await first.notifier.begin();
    await issue('short', '2026-03-10');
    await sweep();
    await first.look();
    const sent = receiver.requests.length;
    const copy = new MemoryEventStore(createSealer());
    await copy.appendSealed(await store.readAll({ limit: 1 }));
    store = copy;

    const again = open();
    await expect(again.notifier.begin()).rejects.toMatchObject({
      code: 'outbox-ahead',
      message: expect.stringMatching(/the log ends at 1: .*docket rebuild --older-log/) as unknown,
    });
    await new Outbox(first.database).goBackTo(paddedPosition(await store.lastPosition()));
    await again.notifier.begin();
    expect((await new Outbox(first.database).follower('deadlines'))?.position).toBe(paddedPosition('1'));
    expect(receiver.requests).toHaveLength(sent);
  });
});
