import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { startMailReceiver, startWebhookReceiver } from '../support/receivers.ts';
import type { WebhookReceiver } from '../support/receivers.ts';
import { randomOf } from '../support/random.ts';
import { postgresqlSettings } from '../support/journey-store.ts';
import { postgresqlUrl } from '../support/postgresql-stores.ts';
import { notificationFile } from '../support/notification-file.ts';
import { eventually } from '../support/service-child.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { claimsOf, signToken, startService } from '../support/service.ts';
import type { Answer, Client, RunningService } from '../support/service.ts';

let hook: WebhookReceiver;

beforeAll(async () => {
  hook = await startWebhookReceiver();
});
afterAll(() => hook.close());

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
