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
  /** The webhook of an id, as it is now; null where it was removed. */
  readonly findWebhook: (id: string) => Promise<Webhook | null>;
  /** An event of a record as the audience of a webhook may read it now; null where it may not. */
  readonly seeEvent: (webhook: Webhook, record: RecordReference, eventId: string) => Promise<Envelope | null>;
  readonly secretOf: (webhookId: string) => Promise<string>;
  /** What addresses of records begin with. */
  readonly baseUrl: string;
  /** Where webhooks may be sent. */
  readonly networks: ReceiverNetworks;
}

const PREFIX = 'webhook:';

/** The receiver of a webhook, as the outbox names it. */
export const webhookReceiverId = (id: string): string => `${PREFIX}${id}`;

/** The webhook that such a receiver is of; null for a receiver of another form. */
export const webhookIdOf = (receiver: string): string | null =>
  receiver.startsWith(PREFIX) ? receiver.slice(PREFIX.length) : null;

/** The version of what is sent; a change that a receiver could stumble over makes another one. */
const PAYLOAD_VERSION = 1;

/** The receiver of such an id; null for one of another form. It reads what it sends when it sends it, and keeps nothing. */
export function findWebhookReceiver(sources: WebhookSources, receiver: string): Receiver | null {
  const webhookId = webhookIdOf(receiver);
  if (webhookId === null) return null;
  return {
    lapsed: 'not sent any more: the webhook was removed, or its audience may not read the event any more',
    async send({ id, notices: [notice] }, { now, signal }) {
      const webhook = await sources.findWebhook(webhookId);
      const record = notice === undefined ? null : recordNamed(notice.recordId);
      if (webhook === null || record === null || notice?.eventId == null) return false;
      const event = await sources.seeEvent(webhook, record, notice.eventId);
      if (event === null) return false;
      const body = JSON.stringify(messageOf(event, record, sources.baseUrl));
      const target = { url: webhook.url, secret: await sources.secretOf(webhook.id) };
      await sendWebhook(target, { id, body }, { networks: sources.networks, now, signal });
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

/** The secret of a webhook, as the Standard Webhooks specification writes it: it is kept nowhere, and computed from a key. */
export const webhookSecret = (key: KeyObject, webhookId: string): string =>
  `whsec_${createHmac('sha256', key).update(`docket webhook ${webhookId}`).digest('base64')}`;
