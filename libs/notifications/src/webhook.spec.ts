import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createHmac } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { told } from '#test/support/notices';
import { startWebhookReceiver, verified } from '#test/support/receivers';
import type { WebhookReceiver } from '#test/support/receivers';
import { DeliveryError } from './delivery-error.ts';
import { sendWebhook, webhookBody } from './webhook.ts';
import type { WebhookMessage } from './webhook.ts';

const KEY = Buffer.alloc(24, 7);
const SECRET = `whsec_${KEY.toString('base64')}`;
const ID = '0b6c1f0e-6a55-5b0a-9c53-5f1f6f2f0d3e';

const message: WebhookMessage = {
  id: ID,
  digestOn: null,
  createdAt: Date.parse('2026-11-24T08:03:01.000Z'),
  notices: [told()],
};

let receiver: WebhookReceiver;

beforeEach(async () => {
  receiver = await startWebhookReceiver();
});

afterEach(() => receiver.close());

const send = (given: Partial<{ url: string; signal: AbortSignal }> = {}): Promise<void> =>
  sendWebhook({ url: given.url ?? receiver.url, secret: SECRET }, message, {
    now: Date.now(),
    signal: given.signal ?? AbortSignal.timeout(10_000),
  });

const failure = async (given?: Partial<{ url: string; signal: AbortSignal }>): Promise<DeliveryError> => {
  const error: unknown = await send(given).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(DeliveryError);
  return error as DeliveryError;
};

const answering = (answer: (response: ServerResponse) => void): void => {
  receiver.answer = (_, response) => {
    answer(response);
  };
};

describe('a webhook', () => {
  test('arrives signed as the specification says', async () => {
    await send();
    const [request] = receiver.requests;
    expect(verified(SECRET, request!)).toEqual(JSON.parse(webhookBody(message)));
    const { 'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': signature } = request!.headers;
    expect(id).toBe(ID);
    // By hand as well: id, time and body under the bytes of the secret.
    const signed = createHmac('sha256', KEY).update(`${id}.${at}.${request!.body}`).digest('base64');
    expect(signature).toBe(`v1,${signed}`);
    expect(request!.headers['content-type']).toBe('application/json');
  });

  test('that somebody has changed, or who does not know the secret, is found out', async () => {
    await send();
    const [request] = receiver.requests;
    expect(() => verified(SECRET, { ...request!, body: request!.body.replace('730', '731') })).toThrow();
    expect(() => verified(`whsec_${Buffer.alloc(24, 8).toString('base64')}`, request!)).toThrow();
  });

  test('tells of the deadline, with ids, dates and a link', () => {
    expect(JSON.parse(webhookBody(message))).toEqual({
      type: 'deadline.passed',
      timestamp: '2026-11-24T08:03:00.000Z',
      data: {
        kind: 'passed',
        recordId: '730',
        url: 'https://docket.example/recommendations/730',
        title: 'A title',
        recipient: 'wiltshire',
        status: 'being-progressed',
        deadline: { id: 'd1', kind: 'action', dueOn: '2026-11-23', dateVersion: 1 },
        day: '2026-11-24',
        reminder: null,
        eventId: 'e1',
      },
    });
  });

  test('that is a digest holds all its notices', () => {
    const notices = [told(), told({ recordId: '731', kind: 'approaching' })];
    expect(JSON.parse(webhookBody({ ...message, digestOn: '2026-11-25', notices }))).toMatchObject({
      type: 'deadline.digest',
      timestamp: '2026-11-24T08:03:01.000Z',
      data: { day: '2026-11-25', notices: [{ recordId: '730' }, { recordId: '731', kind: 'approaching' }] },
    });
  });
});

describe('a receiver', () => {
  test.each([500, 503, 400, 404, 429])('that answers with %i is tried again', async (status) => {
    answering((response) => response.writeHead(status).end('a private answer'));
    expect(await failure()).toMatchObject({ message: `answered with HTTP ${status}`, isFinal: false });
  });

  test('that is gone for good is not', async () => {
    answering((response) => response.writeHead(410).end());
    expect(await failure()).toMatchObject({ isFinal: true });
  });

  test('that leads elsewhere is not followed', async () => {
    answering((response) => response.writeHead(307, { location: `${receiver.url}/elsewhere` }).end());
    expect(await failure()).toMatchObject({ message: 'answered with HTTP 307', isFinal: false });
    expect(receiver.requests).toHaveLength(1);
  });

  test('may say when it wants to be asked again', async () => {
    answering((response) => response.writeHead(503, { 'retry-after': '120' }).end());
    expect(await failure()).toMatchObject({ retryAfterMs: 120_000 });
    answering((response) => response.writeHead(503, { 'retry-after': 'tomorrow' }).end());
    expect(await failure()).toMatchObject({ retryAfterMs: 0 });
  });

  test('that drops the connection is tried again', async () => {
    answering((response) => response.destroy());
    expect(await failure()).toMatchObject({ message: expect.stringMatching(/^no answer: /), isFinal: false });
  });

  test('that is not there is tried again', async () => {
    const { url } = await startWebhookReceiver().then(async (other) => {
      await other.close();
      return other;
    });
    expect(await failure({ url })).toMatchObject({ message: 'no answer: ECONNREFUSED', isFinal: false });
  });

  test('that never answers is let go of', async () => {
    const ending = new AbortController();
    answering(() => {
      ending.abort();
    });
    expect(await failure({ signal: ending.signal })).toMatchObject({ message: 'no answer in time' });
  });

  test('that answers without end is heard no further than its status', async () => {
    let written = 0;
    answering((response) => {
      response.writeHead(200);
      const flood = (): void => {
        if (response.destroyed || written > 64 * 1024 * 1024) return;
        written += 65_536;
        response.write(Buffer.alloc(65_536), flood);
      };
      flood();
    });
    await send();
    expect(written).toBeLessThan(64 * 1024 * 1024);
  });
});
