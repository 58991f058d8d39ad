import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { Webhook } from 'standardwebhooks';
import { codeOf, DeliveryError } from './delivery-error.ts';
import { ReceiverAddressError } from './receiver-networks.ts';
import type { ReceiverNetworks } from './receiver-networks.ts';

const GONE = 410;
/** Parses the header `Retry-After`: seconds or, as HTTP allows, a date. */
function retryAfterMs(header: string | undefined, now: number): number {
  if (header === undefined) return 0;
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1_000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? 0 : Math.max(0, at - now);
}

interface WebhookMessage {
  readonly url: string;
  /** The secret: `whsec_` and base64. */
  readonly secret: string;
  readonly id: string;
  readonly body: string;
}

interface Sending {
  readonly networks: ReceiverNetworks;
  /** Aborts the attempt, even in the middle of a response. */
  readonly signal: AbortSignal;
}

/**
 * Posts a message to a webhook, signed with its secret (Standard Webhooks, symmetric). Does not follow redirects, because only the operator
 * may change the address.
 * @throws DeliveryError for any response except 2xx, or without a response; final for 410 Gone, by which a receiver unsubscribes.
 */
export async function sendWebhook(
  { url, secret, id, body }: WebhookMessage,
  sending: Sending,
  /** Milliseconds since 1970. */
  now: number,
): Promise<void> {
  const signature = new Webhook(secret).sign(id, new Date(now), body);
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'Docket',
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(now / 1_000)),
    'webhook-signature': signature,
  };
  const { status, retryAfter } = await post(new URL(url), { headers, body }, sending).catch(
    (error: unknown) => {
      if (error instanceof ReceiverAddressError) throw new DeliveryError(`not sent: ${error.message}`);
      throw new DeliveryError(
        sending.signal.aborted ? 'no response before the timeout' : `no response: ${codeOf(error)}`,
      );
    },
  );
  if (status >= 200 && status < 300) return;
  throw new DeliveryError(`responded with HTTP ${status}`, {
    isFinal: status === GONE,
    retryAfterMs: retryAfterMs(retryAfter, now),
  });
}

interface Answer {
  readonly status: number;
  readonly retryAfter: string | undefined;
}

/** The maximum number of interim responses (1xx) that are read. Few servers send one. */
const INTERIM_MAX = 10;

/** Posts over a new connection. Reads only the response's head, which Node limits to 16 KiB. */
function post(
  url: URL,
  { headers, body }: { readonly headers: Readonly<Record<string, string>>; readonly body: string },
  { networks, signal }: Sending,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    networks.checkHost(url);
    const request = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const options = { method: 'POST', agent: false, headers, lookup: networks.lookup, signal } as const;
    const sending = request(url, options, (response) => {
      resolve({ status: response.statusCode ?? 0, retryAfter: response.headers['retry-after'] });
      response.destroy();
    });
    let interim = 0;
    sending.on('information', () => {
      interim += 1;
      if (interim > INTERIM_MAX) sending.destroy(new Error('The receiver sent too many interim responses'));
    });
    sending.on('error', reject);
    sending.end(body);
  });
}
