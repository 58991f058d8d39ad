import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { startWebhookReceiver, verified } from '#test/support/receivers';
import type { WebhookReceiver } from '#test/support/receivers';
import { DeliveryError } from './delivery-error.ts';
import { ReceiverNetworks } from './receiver-networks.ts';
import { sendWebhook } from './webhook.ts';

const KEY = Buffer.alloc(24, 7);
const SECRET = `whsec_${KEY.toString('base64')}`;
const ID = '0b6c1f0e-6a55-5b0a-9c53-5f1f6f2f0d3e';

const BODY = JSON.stringify({ type: 'CommentAdded', data: { id: '730' } });

let receiver: WebhookReceiver;

beforeEach(async () => {
  receiver = await startWebhookReceiver();
});

afterEach(() => receiver.close());

interface Delivery {
  readonly url?: string;
  readonly signal?: AbortSignal;
  readonly networks?: readonly string[];
}

const send = (delivery: Delivery = {}): Promise<void> =>
  sendWebhook(
    { url: delivery.url ?? receiver.url, secret: SECRET, id: ID, body: BODY },
    {
      networks: new ReceiverNetworks(delivery.networks ?? ['127.0.0.0/8']),
      signal: delivery.signal ?? AbortSignal.timeout(10_000),
    },
    Date.now(),
  );

const failure = async (delivery?: Delivery): Promise<DeliveryError> => {
  const error: unknown = await send(delivery).then(
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
    expect(verified(SECRET, request!)).toEqual(JSON.parse(BODY));
    const { 'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': signature } = request!.headers;
    expect(id).toBe(ID);
    // Signed again by hand: id, time and body, with the bytes of the secret.
    const signed = createHmac('sha256', KEY).update(`${id}.${at}.${request!.body}`).digest('base64');
    expect(signature).toBe(`v1,${signed}`);
    expect(request!.headers['content-type']).toBe('application/json');
  });

  test('that was changed, or signed with a different secret, is detected', async () => {
    await send();
    const [request] = receiver.requests;
    expect(() => verified(SECRET, { ...request!, body: request!.body.replace('730', '731') })).toThrow();
    expect(() => verified(`whsec_${Buffer.alloc(24, 8).toString('base64')}`, request!)).toThrow();
  });
});

describe('a receiver', () => {
  test.each([500, 503, 400, 404, 429])('that responds with %i is retried', async (status) => {
    answering((response) => response.writeHead(status).end('a private answer'));
    expect(await failure()).toMatchObject({ message: `responded with HTTP ${status}`, isFinal: false });
  });

  test('that is gone permanently is not retried', async () => {
    answering((response) => response.writeHead(410).end());
    expect(await failure()).toMatchObject({ isFinal: true });
  });

  test('that redirects is not followed', async () => {
    answering((response) => response.writeHead(307, { location: `${receiver.url}/elsewhere` }).end());
    expect(await failure()).toMatchObject({ message: 'responded with HTTP 307', isFinal: false });
    expect(receiver.requests).toHaveLength(1);
  });

  test('may request a delay before the retry', async () => {
    answering((response) => response.writeHead(503, { 'retry-after': '120' }).end());
    expect(await failure()).toMatchObject({ retryAfterMs: 120_000 });
    answering((response) => response.writeHead(503, { 'retry-after': 'tomorrow' }).end());
    expect(await failure()).toMatchObject({ retryAfterMs: 0 });
  });

  test('that drops the connection is retried', async () => {
    answering((response) => response.destroy());
    expect(await failure()).toMatchObject({
      message: expect.stringMatching(/^no response: /),
      isFinal: false,
    });
  });

  test('that is unreachable is retried', async () => {
    const { url } = await startWebhookReceiver().then(async (other) => {
      await other.close();
      return other;
    });
    expect(await failure({ url })).toMatchObject({ message: 'no response: ECONNREFUSED', isFinal: false });
  });

  test('that never responds is disconnected', async () => {
    const ending = new AbortController();
    answering(() => {
      ending.abort();
    });
    expect(await failure({ signal: ending.signal })).toMatchObject({
      message: 'no response before the timeout',
    });
  });

  test('that sends an endless response is read only up to its status', async () => {
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

  test('that sends endless interim responses is disconnected', async () => {
    const flooding = createServer((socket) => {
      const flood = (): void => {
        if (!socket.destroyed) socket.write('HTTP/1.1 102 Processing\r\n\r\n'.repeat(1_000), flood);
      };
      socket.on('error', () => undefined).once('data', flood);
    }).listen(0, '127.0.0.1');
    await once(flooding, 'listening');
    const { port } = flooding.address() as AddressInfo;
    expect(await failure({ url: `http://127.0.0.1:${port}/` })).toMatchObject({
      message: expect.stringMatching(/^no response: /),
    });
    flooding.close();
    await once(flooding, 'close');
  });

  test.each([
    ...['127.0.0.1', '127.1', '2130706433', '0x7f000001', '0177.0.0.1', '0', '[::1]', '[::]'],
    ...['[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[::127.0.0.1]', 'localhost', 'LOCALHOST'],
  ])('on this machine is sent nothing unless its network is named: %s', async (host) => {
    const { port } = new URL(receiver.url);
    expect(await failure({ url: `http://${host}:${port}/hook`, networks: ['10.0.0.0/8'] })).toMatchObject({
      message: expect.stringMatching(/^not sent: its address is not public/),
      isFinal: false,
    });
    expect(receiver.requests).toEqual([]);
  });

  test('is reached under a name whose address is allowed', async () => {
    const { port } = new URL(receiver.url);
    await send({ url: `http://localhost:${port}/hook` });
    expect(receiver.requests).toHaveLength(1);
  });
});

describe('the networks that webhooks may be sent to', () => {
  const none = new ReceiverNetworks([]);

  test.each(['8.8.8.8', '2606:4700::1111', '::ffff:8.8.8.8'])('are public ones, as of %s', (address) => {
    expect(none.allows(address)).toBe(true);
  });

  test.each([
    ...[
      '10.0.0.1',
      '172.16.0.1',
      '192.168.0.1',
      '100.64.0.1',
      '127.0.0.1',
      '192.0.0.1',
      '198.18.0.1',
      '240.0.0.1',
    ],
    ...[
      '::1',
      'fd00::1',
      'fec0::1',
      '::7f00:1',
      '4000::1',
      '::ffff:10.0.0.1',
      '64:ff9b::a00:1',
      '2002:a00:1::1',
      '2001::1',
      'no address',
    ],
  ])('are not private ones that no setting names, as of %s', (address) => {
    expect(none.allows(address)).toBe(false);
  });

  test('are private ones that the operator names, and no others', () => {
    const named = new ReceiverNetworks(['10.20.0.0/16', 'fd00:20::/32']);
    for (const address of ['10.20.3.4', '::ffff:10.20.3.4', 'fd00:20::1'])
      expect(named.allows(address)).toBe(true);
    for (const address of ['10.21.0.1', 'fd00:21::1', '127.0.0.1']) expect(named.allows(address)).toBe(false);
  });

  test.each([
    '169.254.169.254',
    '::ffff:169.254.169.254',
    'fe80::1',
    '224.0.0.1',
    'ff02::1',
    '0.0.0.0',
    '::',
  ])('are never those of %s, with any setting', (address) => {
    expect(new ReceiverNetworks(['0.0.0.0/0', '::/0']).allows(address)).toBe(false);
  });

  test.each(['10.0.0.1', '10.0.0.0/33', 'localhost', 'fe80', ''])('cannot be named as %j', (network) => {
    expect(() => new ReceiverNetworks([network])).toThrow(RangeError);
  });
});
