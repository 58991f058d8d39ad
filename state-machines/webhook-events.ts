import type { Envelope } from '#event-sourcing/envelope';
import type { TypedEvent } from '#event-sourcing/typed-stream';
import { TypedStream } from '#event-sourcing/typed-stream';
import { identifier, list, orNull } from '#lifecycle/fields';
import { shape } from '#lifecycle/shapes';
import type { DataOf } from '#lifecycle/shapes';

/** The stream of webhook settings. It follows no lifecycle. */
export const WEBHOOKS_STREAM = 'webhooks';

const webhookId = identifier('The id of the webhook.');

export const WEBHOOK_SHAPES = {
  WebhookAdded: shape({
    webhookId,
    url: identifier('The URL to which events are sent.'),
    types: orNull(list(identifier(), 'The types of events to send; null for all types.')),
    kinds: orNull(list(identifier(), 'The kinds of records whose events are sent; null for all kinds.')),
    bodies: orNull(
      list(identifier(), 'The bodies whose records have their events sent; null for all bodies.'),
    ),
    audience: orNull(
      list(identifier(), 'The bodies whose users may read the events; null for the inspectorate.'),
    ),
  }),
  WebhookRemoved: shape({ webhookId }),
};

type WebhookData = DataOf<typeof WEBHOOK_SHAPES>;

/** The settings of a webhook: its events and its target. */
export type WebhookSettings = Omit<WebhookData['WebhookAdded'], 'webhookId'>;

/** A webhook in use. */
export interface Webhook extends WebhookSettings {
  readonly id: string;
  /** The position of the event that added it. Only later events are sent. */
  readonly since: string;
  /** The time at which it was added. */
  readonly addedAt: string;
}

const events = new TypedStream<WebhookData>(WEBHOOK_SHAPES);

/** Returns an event of the stream, discriminated by its type. */
export const asWebhookEvent = events.read;

export const webhookDraft = events.draft;

/** Returns the webhooks after an event, in order of creation. */
export function webhooksAfter(
  webhooks: readonly Webhook[],
  { type, data, position, recordedAt }: TypedEvent<WebhookData, Envelope>,
): readonly Webhook[] {
  if (type === 'WebhookRemoved') return webhooks.filter(({ id }) => id !== data.webhookId);
  const { webhookId: id, ...settings } = data;
  return [...webhooks, { id, ...settings, since: position, addedAt: recordedAt }];
}
