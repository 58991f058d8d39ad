import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import Database from 'better-sqlite3';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startMailReceiver, startWebhookReceiver, verified } from '../support/receivers.ts';
import type { ReceivedWebhook, WebhookReceiver } from '../support/receivers.ts';
import { addDays } from '#lifecycle/plain-date';
import { londonDate } from '#state-machines/london';
import { runDocket } from '../support/command-line.ts';
import { randomOf } from '../support/random.ts';
import { postgresqlSettings } from '../support/journey-store.ts';
import { dropStore, postgresqlUrl } from '../support/postgresql-stores.ts';
import { notificationFile, tracker, WEBHOOK_SECRET } from '../support/notification-file.ts';
import { eventually, settingsIn, startScript } from '../support/service-child.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { claimsOf, signToken, startService } from '../support/service.ts';
import type { Answer, Client, RunningService } from '../support/service.ts';

const today = londonDate(Date.now());
let hook: WebhookReceiver;

beforeAll(async () => {
  hook = await startWebhookReceiver();
});
afterAll(() => hook.close());

const settings = (folder: string, delivery = {}): Record<string, string> => ({
  ...notificationFile(folder, {
    subscriptions: [tracker(hook.url)],
    delivery: { timeoutSeconds: 2, leaseSeconds: 2.5, maxAttempts: 50, firstPauseSeconds: 0.05, ...delivery },
  }),
  TRACKER_SECRET: WEBHOOK_SECRET,
});

const issue = async (service: RunningService, count: number, prefix: string): Promise<void> => {
  for (let index = 0; index < count; index += 1) {
    await service.as('inspector').issue({
      id: `${prefix}-${index}`,
      report: { name: 'A report', publishedOn: today },
      deadlines: [{ dueOn: addDays(today, 7) }],
    });
  }
};

const recordOf = (request: ReceivedWebhook): string =>
  (verified(WEBHOOK_SECRET, request) as { data: { recordId: string } }).data.recordId;

/** Returns the number of messages in the outbox by state, and its number of notices. */
function outboxState(folder: string): { readonly states: Record<string, number>; readonly notices: number } {
  const database = new Database(join(folder, 'docket.outbox.sqlite'), { readonly: true });
  const states = database.prepare('select state, count(*) from messages group by state').raw().all();
  const notices = database.prepare('select count(*) from notices').pluck().get() as number;
  database.close();
  return { states: Object.fromEntries(states as [string, number][]), notices };
}

const allDelivered = (folder: string, count: number) =>
  eventually(
    () => Promise.resolve(outboxState(folder)),
    ({ states }) => states['delivered'] === count,
    100_000,
  );

describe('a process that is killed between the answer of a receiver and the mark', () => {
  it('has the message sent again under its id; the notice exists once', async () => {
    const folder = temporaryFolder();
    // A service may send before it is ready. It is killed after it has sent.
    let starting = startService({ folder, env: settings(folder) });
    await starting;
    const from = hook.requests.length;
    let kills = 0;
    hook.answer = (_, response) => {
      if (kills === 3) {
        response.writeHead(204).end();
        return;
      }
      kills += 1;
      // The message has arrived, and its sender gets no response.
      void starting.then((service) => service.kill9());
    };
    await issue(await starting, 1, 'k');
    await runDocket(['sweep'], { folder });
    await (
      await starting
    ).process.ended;
    while (kills < 3) {
      starting = startService({ folder, env: settings(folder) });
      await (
        await starting
      ).process.ended;
    }
    const service = await startService({ folder, env: settings(folder) });
    await allDelivered(folder, 1);
    const ids = hook.requests.slice(from).map(({ id }) => id);
    expect(ids).toEqual([ids[0], ids[0], ids[0], ids[0]]);
    expect(outboxState(folder)).toEqual({ states: { delivered: 1 }, notices: 1 });
    await service.stop();
  }, 180_000);

  it('loses none of many, whenever it comes', async () => {
    const folder = temporaryFolder();
    const count = 60;
    let service = await startService({ folder, env: settings(folder) });
    const from = hook.requests.length;
    let sent = 0;
    hook.answer = (_, response) => {
      sent += 1;
      if (sent % 20 === 0) void service.kill9();
      else response.writeHead(204).end();
    };
    await issue(service, count, 'm');
    await runDocket(['sweep'], { folder });
    while (outboxState(folder).states['delivered'] !== count) {
      const ended = service.process.ended.then(() => true);
      const done = allDelivered(folder, count).then(() => false);
      if (await Promise.race([ended, done.catch(() => false)])) {
        service = await startService({ folder, env: settings(folder) });
      }
    }
    const requests = hook.requests.slice(from);
    const ids = new Map(requests.map((request) => [recordOf(request), new Set<string>()]));
    for (const request of requests) ids.get(recordOf(request))?.add(request.id);
    expect(ids.size).toBe(count);
    expect([...ids.values()].every(({ size }) => size === 1)).toBe(true);
    expect(outboxState(folder)).toEqual({ states: { delivered: count }, notices: count });
    await service.stop();
  }, 180_000);
});

/**
 * The number of kills. Of every three, one is during a webhook delivery, one during a mail, and one at any other time.
 */
const KILLS = 5 * Number(process.env['DOCKET_FAULT_ROUNDS'] ?? 3);
const MAILED = ['ada', 'ben'];

describe.each([
  ['in files', () => Promise.resolve({})],
  ['in PostgreSQL', async (folder: string) => postgresqlSettings(folder, await postgresqlUrl())],
])('a service with its store %s that is killed again and again while it sends', (_, storeIn) => {
  it('sends each message at least once and stores it once, each record’s events in order, and no one’s own actions to them', async () => {
    const mail = await startMailReceiver();
    const folder = temporaryFolder();
    const env = {
      ...notificationFile(folder, {
        smtp: { url: mail.url, from: 'docket@inspectorate.example' },
        subscriptions: [],
        delivery: { timeoutSeconds: 2, leaseSeconds: 2.5, maxAttempts: 50, firstPauseSeconds: 0.05 },
      }),
      ...(await storeIn(folder)),
    };
    const start = () => startService({ folder, env });
    let service = await start();
    const kill = () => void service.kill9();
    const from = hook.requests.length;
    const armed = { hook: false, mail: false };
    hook.answer = (__, response) => {
      if (armed.hook) kill();
      else response.writeHead(204).end();
    };
    mail.onMail = () => {
      if (!armed.mail) return;
      kill();
      // The sender gets no response.
      return new Promise<void>(() => undefined);
    };
    const added = { url: hook.url, audience: 'inspectorate', types: ['CommentAdded'] };
    expect(await service.as('administrator').post('/api/webhooks', added)).toMatchObject({ status: 201 });
    for (const subject of MAILED) await choosing(service, subject);
    for (const id of RECORDS) await service.as('inspector', { subject: 'ivy' }).issue({ id });
    /** Repeats a request until a service runs long enough to answer. */
    const retryUntilResponse = async (send: () => Promise<Answer>): Promise<Answer> => {
      for (;;) {
        const answer = await send().catch(() => null);
        if (answer !== null) return answer;
        await service.process.ended;
        service = await start();
      }
    };
    const random = randomOf(7);
    for (let kills = 0; kills < KILLS; kills += 1) {
      armed.hook = kills % 3 === 0;
      armed.mail = kills % 3 === 1;
      const subject = [...MAILED, 'ivy'][kills % 4] ?? 'ivy';
      for (const id of RECORDS) {
        const comment = { text: `Comment ${kills}` };
        await retryUntilResponse(() =>
          service.as('inspector', { subject }).command(id, 'add-comment', comment),
        );
      }
      if (kills % 3 === 2) {
        await delay(random() * 400);
        kill();
      }
      await service.process.ended;
      Object.assign(armed, { hook: false, mail: false });
      service = await start();
    }

    const administrator = service.as('administrator');
    const messages = await eventually(
      () => allOf(administrator),
      (all) => all.length > 0 && all.every(({ state }) => state === 'delivered'),
      200_000,
    );
    const { json } = await service.as('auditor').get('/api/events?type=CommentAdded&limit=1000');
    const comments = json.items;
    expect(comments.length).toBeGreaterThanOrEqual(2 * KILLS);
    // For each of its receivers, an event is in exactly one message, and in no message for others.
    const notified = messages.flatMap(({ receiver, notices }) =>
      notices.map(({ eventId }) => `${receiver.replace(/^webhook:.*/, 'webhook')} ${eventId}`),
    );
    const expected = comments.flatMap(({ eventId, actor }) =>
      ['webhook', ...MAILED.filter((each) => each !== actor.subject).map((each) => `person:${each}`)].map(
        (receiver) => `${receiver} ${eventId}`,
      ),
    );
    expect(notified.sort()).toEqual(expected.sort());
    // All messages have arrived, and nothing else.
    const requests = hook.requests.slice(from);
    const mailIds = mail.mails.map(({ messageId = '' }) => messageId.replace(/^<|@.*/g, ''));
    const arrived = new Set([...requests.map(({ id }) => id), ...mailIds]);
    expect([...arrived].sort()).toEqual(messages.map(({ id }) => id).sort());
    const versions = requests.map(({ body }) => {
      const { data } = JSON.parse(body) as { data: { id: string; event: { version: number } } };
      return `${data.id} ${data.event.version}`;
    });
    for (const id of RECORDS) {
      const own = comments.filter(({ streamId }) => streamId.endsWith(id));
      expect([...new Set(versions)].filter((each) => each.startsWith(`${id} `))).toEqual(
        own.map(({ version }) => `${id} ${version}`),
      );
    }
    await service.stop();
    await mail.close();
  }, 1_200_000);
});

const RECORDS = ['w-0', 'w-1'];

interface Message {
  readonly id: string;
  readonly receiver: string;
  readonly state: string;
  readonly notices: readonly { readonly eventId: string }[];
}

/** Returns the messages of all pages. */
async function allOf(administrator: Client): Promise<readonly Message[]> {
  const all: Message[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const after: string = cursor === '' ? '' : `&cursor=${cursor}`;
    const { json } = await administrator.get(`/api/outbox?limit=200${after}`);
    all.push(...(json.items as unknown as readonly Message[]));
    cursor = json.nextCursor;
  }
  return all;
}

/** Signs in with a mail address, and chooses immediate mail. */
async function choosing(service: RunningService, subject: string): Promise<void> {
  const email = { email: `${subject}@inspectorate.example`, email_verified: true };
  const token = signToken({ ...claimsOf(['inspector'], { subject }), ...email }, service.secret);
  const body = { channels: ['email'], digest: 'at-once' };
  expect(await service.request('PUT', '/api/me/notices', { token, body })).toMatchObject({ status: 200 });
}

describe('a service and a scheduler at once', () => {
  it('report each thing once', async () => {
    const folder = temporaryFolder();
    const env = settings(folder, { timeoutSeconds: 10, leaseSeconds: 20 });
    const service = await startService({ folder, env });
    const scheduler = startScript('apps/scheduler/src/main.js', settingsIn(folder, env), folder);
    await scheduler.printed(/is ready/);
    const from = hook.requests.length;
    hook.answer = (_, response) => response.writeHead(204).end();
    await issue(service, 40, 't');
    await Promise.all([runDocket(['sweep'], { folder }), runDocket(['sweep'], { folder })]);
    await allDelivered(folder, 40);
    await scheduler.end('SIGTERM');
    await service.stop();
    const records = hook.requests.slice(from).map(recordOf);
    expect(records).toHaveLength(40);
    expect(new Set(records).size).toBe(40);
  });
});

describe('two nodes of a store in PostgreSQL, with a scheduler each', () => {
  it('report each thing once', async () => {
    const folders = [temporaryFolder(), temporaryFolder()];
    const store = postgresqlSettings(folders[0]!, await postgresqlUrl());
    const nodes = folders.map((folder) => ({
      folder,
      env: { ...settings(folder, { timeoutSeconds: 10, leaseSeconds: 20 }), ...store },
    }));
    const from = hook.requests.length;
    hook.answer = (_, response) => response.writeHead(204).end();
    const services = await Promise.all(nodes.map((node) => startService(node)));
    const schedulers = nodes.map(({ folder, env }) =>
      startScript('apps/scheduler/src/main.js', settingsIn(folder, env), folder),
    );
    for (const scheduler of schedulers) await scheduler.printed(/is ready/);
    await issue(services[0]!, 40, 'n');
    await Promise.all(nodes.map((node) => runDocket(['sweep'], node)));
    const administrator = services[1]!.as('administrator');
    const listed = await eventually(
      async () => (await administrator.get('/api/outbox?state=delivered&limit=200')).json.items,
      (items) => items.length === 40,
      100_000,
    );
    expect(listed).toHaveLength(40);
    for (const scheduler of schedulers)
      expect(await scheduler.end('SIGTERM')).toEqual({ code: 0, signal: null });
    for (const service of services) await service.stop();
    const records = hook.requests.slice(from).map(recordOf);
    expect(records).toHaveLength(40);
    expect(new Set(records).size).toBe(40);
    await dropStore(store['DOCKET_STORE']!);
  }, 180_000);
});
