import { createHmac } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { Envelope } from '#event-sourcing/envelope';
import { pathOf } from '#lifecycle/kind';
import type { RecordReference } from '#lifecycle/kind';
import { recordNamed } from '#state-machines/record-streams';
import type { Webhook } from '#state-machines/webhook-events';
import type { Receiver } from '../deliver-messages.ts';
import type { ReceiverNetworks } from '../receiver-networks.ts';
import { sendWebhook } from '../webhook.ts';

export interface WebhookSources {
  /** Returns a webhook by id; null if it was removed. */
  readonly findWebhook: (id: string) => Promise<Webhook | null>;
  /** Returns an event as the webhook's audience may read it now; null if it may not. */
  readonly seeEvent: (webhook: Webhook, record: RecordReference, eventId: string) => Promise<Envelope | null>;
  readonly secretOf: (webhookId: string) => Promise<string>;
  /** The base of record URLs. */
  readonly baseUrl: string;
  /** The addresses that webhooks may be sent to. */
  readonly networks: ReceiverNetworks;
}

const PREFIX = 'webhook:';

/** Returns the outbox's receiver id for a webhook. */
export const webhookReceiverId = (id: string): string => `${PREFIX}${id}`;

/** Returns the webhook's id from a receiver id; null for another receiver. */
export const webhookIdOf = (receiver: string): string | null =>
  receiver.startsWith(PREFIX) ? receiver.slice(PREFIX.length) : null;

/** The payload's version. A breaking change needs a new one. */
const PAYLOAD_VERSION = 1;

/** Returns the receiver for a webhook's receiver id; null for another receiver. It reads the content when it sends. */
export function findWebhookReceiver(sources: WebhookSources, receiver: string): Receiver | null {
  const webhookId = webhookIdOf(receiver);
  if (webhookId === null) return null;
  return {
    lapsed: 'no longer sent: the webhook was removed, or its audience may no longer read the event',
    async send({ id, notices: [notice] }, { now, signal }) {
      const webhook = await sources.findWebhook(webhookId);
      const record = notice === undefined ? null : recordNamed(notice.recordId);
      if (webhook === null || record === null || notice === undefined) return false;
      const event = await sources.seeEvent(webhook, record, notice.eventId);
      if (event === null) return false;
      const body = JSON.stringify(messageOf(event, record, sources.baseUrl));
      const secret = await sources.secretOf(webhook.id);
      const { networks } = sources;
      await sendWebhook({ url: webhook.url, secret, id, body }, { networks, signal }, now);
      return true;
    },
  };
}

const messageOf = (event: Envelope, record: RecordReference, baseUrl: string) => ({
  type: event.type,
  version: PAYLOAD_VERSION,
  timestamp: event.recordedAt,
  data: { kind: record.kind.name, id: record.id, url: `${baseUrl}${pathOf(record)}`, event },
});

/** Returns a webhook's secret in the form of the Standard Webhooks specification. It is derived from a key and never stored. */
export const webhookSecret = (key: KeyObject, webhookId: string): string =>
  `whsec_${createHmac('sha256', key).update(`docket webhook ${webhookId}`).digest('base64')}`;
