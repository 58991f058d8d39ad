import 'reflect-metadata';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createSecretKey } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Envelope, JsonObject } from '#event-sourcing/envelope';
import { systemRandom } from '#event-sourcing/random';
import { webhookSecret } from '#notifications/webhooks/webhook-receiver';
import { ReceiverNetworks } from '#notifications/receiver-networks';
import { ROLES } from '#state-machines/access';
import { recordStream } from '#state-machines/inspection-recommendation/kind';
import {
  addWebhook,
  redeliver,
  removeWebhook,
  seeDeliveries,
  seeWebhooks,
} from '#use-cases/webhooks/administer-webhooks';
import type { WebhooksAccess } from '#use-cases/webhooks/administer-webhooks';
import { Webhooks, WEBHOOKS_MAX } from '#use-cases/webhooks/webhooks';
import { startWebhookReceiver, verified } from '#test/support/receivers';
import type { ReceivedWebhook, WebhookReceiver } from '#test/support/receivers';
import { temporaryFolder } from '#test/support/temporary-folder';
import { commandContext, INSPECTOR, ServiceParts, viewer } from '#test/support/use-cases';
import { openMessaging } from './notifications.ts';
import type { Messaging } from './notifications.ts';
import { readSettings } from './settings.ts';
import { thisMachine } from './steady-clock.ts';

const parts = new ServiceParts();
const administrator = viewer('administrator');
const approver = viewer('approver');
const KEY = createSecretKey(Buffer.alloc(32, 3));

let folder: string;
let receiver: WebhookReceiver;
let telling: Messaging;
let access: WebhooksAccess;
let errors: unknown[];
let now: number;

beforeEach(async () => {
  folder = temporaryFolder();
  receiver = await startWebhookReceiver();
  errors = [];
  now = Date.now();
  const secretOf = (id: string) => Promise.resolve(webhookSecret(KEY, id));
  const webhooks = new Webhooks(parts.store, systemRandom);
  const settings = readSettings({
    DOCKET_STORE: 'memory:',
    DOCKET_PUBLIC_URL: 'https://docket.example',
  });
  const { random, clock } = thisMachine;
  const opened = await openMessaging(settings, {
    ...{ store: parts.store, readModels: parts.readModels, accesses: parts.accesses, webhooks, secretOf },
    unsubscribingKey: () => Promise.resolve(new Uint8Array(32)),
    machine: { random, clock: { ...clock, now: () => now } },
    isTimeKnown: () => true,
    onDelivery: () => undefined,
    onError: (error) => errors.push(error),
  });
  telling = opened!;
  access = { webhooks, secretOf, outbox: telling.database, networks: settings.webhookNetworks };
});

afterEach(async () => {
  await telling.notifier.stop();
  await telling.database.close();
  await receiver.close();
  expect(errors).toEqual([]);
});

const add = (sent: JsonObject = {}) =>
  addWebhook(access, commandContext(administrator), {
    url: receiver.url,
    audience: 'inspectorate',
    ...sent,
  });

/** Processes new events and sends due messages until none are left. */
async function look(): Promise<void> {
  await parts.fold();
  for (let before = -1; before !== receiver.requests.length;) {
    before = receiver.requests.length;
    await telling.notifier.look();
    await telling.notifier.whenSettled();
  }
}

interface Message {
  readonly type: string;
  readonly version: number;
  readonly timestamp: string;
  readonly data: {
    readonly kind: string;
    readonly id: string;
    readonly url: string;
    readonly event: Envelope;
  };
}
const messageOf = ({ body }: ReceivedWebhook): Message => JSON.parse(body) as Message;
const sent = () => receiver.requests.map((each) => `${messageOf(each).data.id} ${messageOf(each).type}`);
const comment = (id: string, text: string, visibility = 'public') =>
  parts.sendCommand(INSPECTOR, id, 'add-comment', { text, visibility });
const move = (id: string, recipient: string) =>
  parts.sendCommand(approver, id, 'assign-recipient', { recipient, reason: 'It moved.' });
const answering = (status: (request: ReceivedWebhook) => number) => {
  receiver.answer = (request, response) => response.writeHead(status(request)).end();
};
const deliveries = async (id: string) =>
  (await seeDeliveries(access, administrator, id, { limit: 50 })).items;

describe('a webhook of the inspectorate', () => {
  test('is sent each event of a record from then on, signed, as the record’s people read it', async () => {
    await parts.issue('r-0', 'kent');
    const added = await add();
    expect(added).toMatchObject({ url: receiver.url, audience: 'inspectorate', types: null });
    await parts.issue('r-1', 'kent');
    await comment('r-1', 'For us.', 'internal');
    await look();
    expect(sent()).toEqual(['r-1 RecommendationIssued', 'r-1 CommentAdded']);
    const [issued, commented] = receiver.requests;
    const stored = await parts.store.readStream(recordStream('r-1'));
    expect(verified(added.secret, issued!)).toEqual({
      type: 'RecommendationIssued',
      version: 1,
      timestamp: stored[0]!.recordedAt,
      data: {
        kind: 'inspection-recommendation',
        id: 'r-1',
        url: 'https://docket.example/recommendations/r-1',
        event: stored[0],
      },
    });
    expect(messageOf(commented!).data.event.data['text']).toBe('For us.');
    // Its access to internal content is recorded.
    const trail = (await parts.store.readAll()).filter(({ type }) => type === 'AccessRecorded');
    expect(trail).toMatchObject([{ actor: { subject: `docket:webhook:${added.id}` } }]);
  });

  test.each([
    [{ types: ['CommentAdded'] }, ['r-1 CommentAdded']],
    [{ bodies: ['avon'] }, ['r-2 RecommendationIssued']],
    [
      { kinds: ['inspection-recommendation'], types: ['RecommendationIssued'], bodies: ['kent'] },
      ['r-1 RecommendationIssued'],
    ],
  ])('is sent only the requested notices: %j', async (filter, expected) => {
    await add(filter);
    await parts.issue('r-1', 'kent');
    await parts.issue('r-2', 'avon');
    await comment('r-1', 'Seen.');
    await look();
    expect(sent()).toEqual(expected);
  });
});

describe('a webhook of a body', () => {
  test('is sent its own records’ events, and nothing internal', async () => {
    const { id } = await add({ audience: ['kent'] });
    await parts.issue('r-1', 'kent');
    await parts.issue('r-2', 'avon');
    await comment('r-1', 'For us.', 'internal');
    await comment('r-1', 'For all.');
    await look();
    expect(sent()).toEqual(['r-1 RecommendationIssued', 'r-1 CommentAdded']);
    const bodies = receiver.requests.map(({ body }) => body).join('\n');
    for (const hidden of ['For us.', 'r-2', 'avon']) expect(bodies).not.toContain(hidden);
    expect(await deliveries(id)).toMatchObject([
      { type: 'CommentAdded', record: { kind: 'inspection-recommendation', id: 'r-1' }, state: 'delivered' },
      { type: 'RecommendationIssued', state: 'delivered', attempts: 1, error: null },
    ]);
  });

  test('given that a record goes to another body before it is sent, then it is not sent', async () => {
    const { id } = await add({ audience: 'kent' });
    answering(() => 500);
    await parts.issue('r-1', 'kent');
    await look();
    expect(receiver.requests).toHaveLength(1);
    await move('r-1', 'avon');
    answering(() => 204);
    now += 60_000;
    await look();
    expect(receiver.requests).toHaveLength(1);
    expect(await deliveries(id)).toMatchObject([
      { state: 'lapsed', error: expect.stringContaining('audience may no longer read') as unknown },
    ]);
  });

  test('given a text that is redacted before it is sent, or sent again, then it is not sent', async () => {
    const { id } = await add({ audience: ['kent'], types: ['CommentAdded'] });
    await parts.follow();
    answering(() => 500);
    await parts.issue('r-1', 'kent');
    await comment('r-1', 'It names Ada.');
    await look();
    expect(receiver.requests[0]!.body).toContain('It names Ada.');
    const [event] = (await parts.store.readStream(recordStream('r-1'))).filter(
      ({ type }) => type === 'CommentAdded',
    );
    await parts.sendCommand(approver, 'r-1', 'redact-comment', {
      eventId: event!.eventId,
      reason: 'A name.',
    });
    answering(() => 204);
    now += 60_000;
    await look();
    const [delivered] = await deliveries(id);
    expect(await redeliver(access, { viewer: administrator, now }, id, { ids: [delivered!.id] })).toEqual([
      delivered!.id,
    ]);
    await look();
    const [, late, again] = receiver.requests;
    expect(again!.id).toBe(receiver.requests[0]!.id);
    for (const request of [late!, again!]) {
      expect(messageOf(request).data.event.eventId).toBe(event!.eventId);
      expect(request.body).not.toContain('Ada');
    }
    for (const file of readdirSync(folder)) {
      const bytes = readFileSync(join(folder, file));
      for (const text of ['Ada', receiver.url]) expect(bytes.includes(text)).toBe(false);
    }
  });
});

describe('a receiver that fails', () => {
  test('gets the events of a record in their order, and those of others meanwhile', async () => {
    const { id } = await add();
    const [first, second, third] = ['1', '2', '3'].map((each) => `Comment ${each}`);
    answering(({ body }) => (body.includes(second!) ? 500 : 204));
    await parts.issue('r-1', 'kent');
    for (const text of [first!, second!, third!]) await comment('r-1', text);
    await look();
    await parts.issue('r-2', 'kent');
    await look();
    const texts = () => receiver.requests.map((each) => messageOf(each).data.event.data['text']);
    expect(texts()).toEqual([expect.anything(), first, second, expect.anything()]);
    answering(() => 204);
    now += 60_000;
    await look();
    expect(texts().slice(4)).toEqual([second, third]);
    expect(new Set((await deliveries(id)).map(({ state }) => state))).toEqual(new Set(['delivered']));
  });

  test('continues with the next event after a failed one; an administrator can send the failed one later', async () => {
    const { id } = await add();
    answering(({ body }) => (body.includes('RecommendationIssued') ? 410 : 204));
    await parts.issue('r-1', 'kent');
    await comment('r-1', 'Next.');
    await look();
    await look();
    expect((await deliveries(id)).map(({ type, state }) => [type, state])).toEqual([
      ['CommentAdded', 'delivered'],
      ['RecommendationIssued', 'dead'],
    ]);
    answering(() => 204);
    expect(await redeliver(access, { viewer: administrator, now }, id, {})).toHaveLength(1);
    await look();
    expect(sent().at(-1)).toBe('r-1 RecommendationIssued');
    const none = redeliver(access, { viewer: administrator, now }, id, { ids: ['no-such'] });
    await expect(none).rejects.toMatchObject({ code: 'not-found' });
  });

  test('or hangs does not delay other receivers', async () => {
    await add({ url: `${receiver.url}/hangs` });
    await add({ url: `${receiver.url}/answers` });
    const isOther = ({ path }: ReceivedWebhook) => path.endsWith('/answers');
    receiver.answer = (request, response) => {
      if (isOther(request)) response.writeHead(204).end();
    };
    for (const id of ['r-1', 'r-2', 'r-3']) await parts.issue(id, 'kent');
    await telling.notifier.look();
    for (const begun = performance.now(); receiver.requests.filter(isOther).length < 3;) {
      if (performance.now() - begun > 5_000) throw new Error('The other one was kept waiting');
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(receiver.requests.filter((each) => !isOther(each))).toHaveLength(1);
  });
});

describe('an administrator', () => {
  test('removes a webhook, and its waiting messages are not sent any more', async () => {
    const { id } = await add();
    answering(() => 500);
    await parts.issue('r-1', 'kent');
    await look();
    await removeWebhook(access, commandContext(administrator), id);
    now += 60_000;
    await look();
    await comment('r-1', 'Later.');
    await look();
    expect(receiver.requests).toHaveLength(1);
    expect(await seeWebhooks(access, administrator)).toEqual([]);
    await expect(deliveries(id)).rejects.toMatchObject({ code: 'not-found' });
    await expect(removeWebhook(access, commandContext(administrator), id)).rejects.toMatchObject({
      code: 'not-found',
    });
  });

  test('returns the secret once, and stores it nowhere', async () => {
    const { id, secret } = await add();
    expect(secret).toBe(webhookSecret(KEY, id));
    expect(JSON.stringify(await seeWebhooks(access, administrator))).not.toContain(secret);
    expect(JSON.stringify(await parts.store.readAll())).not.toContain(secret);
  });

  test.each(ROLES.filter((role) => role !== 'administrator'))(
    'is the only role that may do this; for others nothing is recorded: %s',
    async (role) => {
      const { id } = await add();
      const before = await parts.store.lastPosition();
      const who = viewer(role, 'kent');
      const context = commandContext(who);
      const refusal = { code: 'role-not-permitted' };
      for (const attempt of [
        addWebhook(access, context, { url: receiver.url, audience: 'kent' }),
        removeWebhook(access, context, id),
        seeWebhooks(access, who),
        seeDeliveries(access, who, id, { limit: 1 }),
        redeliver(access, context, id, {}),
      ])
        await expect(attempt).rejects.toMatchObject(refusal);
      expect(await parts.store.lastPosition()).toBe(before);
    },
  );

  test.each([
    [{ url: 'ftp://hooks.example' }, '/url'],
    [{ url: 'https://ann@hooks.example' }, '/url'],
    [{ url: 'http://169.254.169.254/latest' }, '/url'],
    [{ url: 'http://10.1.2.3/hook' }, '/url'],
    [{ url: `https://hooks.example/${'a'.repeat(2_000)}` }, '/url'],
    [{ types: ['NoSuchEvent'] }, '/types'],
    [{ kinds: ['no-such-kind'] }, '/kinds'],
    [{ bodies: ['Not a slug'] }, '/bodies'],
    [{ audience: ['inspectorate', 'kent'] }, '/audience'],
    [{ audience: [] }, '/audience'],
    [{ audience: null }, '/audience'],
    [{ secret: 'mine' }, '/secret'],
  ])('is refused with its errors: %#', async (wrong, pointer) => {
    const before = await parts.store.lastPosition();
    await expect(add(wrong)).rejects.toMatchObject({
      code: 'invalid-payload',
      details: { errors: [{ pointer }] },
    });
    expect(await parts.store.lastPosition()).toBe(before);
  });

  test('adds a limited number of webhooks', async () => {
    for (let index = 0; index < WEBHOOKS_MAX; index += 1) await add();
    await expect(add()).rejects.toMatchObject({ code: 'too-many-webhooks' });
  });

  test('may name an address of a network that the settings name', async () => {
    access = { ...access, networks: new ReceiverNetworks(['10.0.0.0/8']) };
    expect(await add({ url: 'http://10.1.2.3/hook' })).toMatchObject({ url: 'http://10.1.2.3/hook' });
  });
});
