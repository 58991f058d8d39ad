import { identifier, list, oneOf, optional } from '#lifecycle/fields';
import { payload } from '#lifecycle/shapes';
import { InvalidPayloadError, validatePayload } from '#lifecycle/validate-payload';
import { MESSAGE_STATES } from '#notifications/outbox/outbox-database';
import type { OutboxDatabase, MessageState } from '#notifications/outbox/outbox-database';
import { listMessages, retryMessages } from '#notifications/outbox/outbox-list';
import type { OutboxItem } from '#notifications/outbox/outbox-list';
import { isWebAddress, ReceiverAddressError } from '#notifications/receiver-networks';
import type { ReceiverNetworks } from '#notifications/receiver-networks';
import { webhookReceiverId } from '#notifications/webhooks/webhook-receiver';
import type { PageRequest } from '#projections/list-cursor';
import { RUNS_SERVICE } from '#state-machines/access';
import type { Viewer } from '#state-machines/access';
import { RECORD_EVENT_TYPES } from '#state-machines/any-kind';
import { BODY_SLUG } from '#state-machines/body-events';
import { kinds, recordNamed } from '#state-machines/record-streams';
import type { Webhook } from '#state-machines/webhook-events';
import { callOf, requireRole } from '../call-context.ts';
import type { CallContext } from '../call-context.ts';
import { ProblemError } from '../problems.ts';
import { noWebhook } from './webhooks.ts';
import type { Webhooks } from './webhooks.ts';

export interface WebhooksAccess {
  readonly webhooks: Webhooks;
  readonly outbox: OutboxDatabase;
  /** The networks that webhooks may be sent to. */
  readonly networks: ReceiverNetworks;
  /** Returns the secret that signs messages to a webhook. */
  readonly secretOf: (webhookId: string) => Promise<string>;
}

const URL_LENGTH_MAX = 2_000;
const BODIES_MAX = 200;
const IDS_MAX = 200;
/** The audience that receives all events. */
export const INSPECTORATE = 'inspectorate';

const body = identifier(undefined, { form: BODY_SLUG });

/** A webhook as the caller sends it. The audience may be a single text. */
export const WebhookPayload = payload('WebhookPayload', {
  url: identifier('The URL to which events are sent: an http or https URL without a user name.', {
    max: URL_LENGTH_MAX,
  }),
  types: optional(
    list(oneOf<string>(RECORD_EVENT_TYPES), 'The types of events to send; by default all types.', {
      min: 1,
      max: RECORD_EVENT_TYPES.length,
      isSet: true,
    }),
  ),
  kinds: optional(
    list(
      oneOf<string>(kinds.all.map(({ name }) => name)),
      'The kinds of records whose events are sent; by default all kinds.',
      { min: 1, max: kinds.all.length, isSet: true },
    ),
  ),
  bodies: optional(
    list(
      body,
      'The bodies whose records have their events sent; by default all that the audience may read.',
      {
        min: 1,
        max: BODIES_MAX,
        isSet: true,
      },
    ),
  ),
  audience: list(
    body,
    'Who may read the messages: `inspectorate`, or a list of bodies. A single string is treated as a list of one.',
    { min: 1, max: BODIES_MAX, isSet: true },
  ),
});

/** The messages to send again; by default, all that failed permanently. */
export const RedeliverPayload = payload('RedeliverPayload', {
  ids: optional(
    list(identifier(), 'The ids of the deliveries to send again.', { min: 1, max: IDS_MAX, isSet: true }),
  ),
});

/** Returns a webhook as administrators see it. */
const shown = ({ id, url, types, kinds: of, bodies, audience, addedAt }: Webhook) => ({
  id,
  url,
  types,
  kinds: of,
  bodies,
  audience: audience ?? (INSPECTORATE as typeof INSPECTORATE),
  addedAt,
});
export type ShownWebhook = ReturnType<typeof shown>;

/**
 * Adds a webhook, which receives events recorded from then on.
 * @returns the webhook with its secret. No other method returns the secret; it can be derived again only from the service's key.
 * @throws ProblemError `role-not-permitted`, `too-many-webhooks`; InvalidPayloadError.
 */
export async function addWebhook(
  { webhooks, networks, secretOf }: WebhooksAccess,
  context: CallContext,
  sent: unknown,
): Promise<ShownWebhook & { readonly secret: string; readonly position: string }> {
  requireRole(context.viewer, RUNS_SERVICE);
  const {
    url: address,
    types,
    kinds: of,
    bodies,
    audience,
  } = validatePayload(WebhookPayload, withList(sent));
  refuseAddress(address, networks);
  // Normalised, because requests use the normalised URL.
  const url = new URL(address).href;
  const isInspectorate = audience.includes(INSPECTORATE);
  if (isInspectorate && audience.length > 1)
    throw invalid('/audience', `must not combine ${INSPECTORATE} with bodies`);
  const settings = {
    ...{ url, types: types ?? null, kinds: of ?? null, bodies: bodies ?? null },
    audience: isInspectorate ? null : audience,
  };
  const webhook = await webhooks.add(settings, callOf(context));
  return { ...shown(webhook), secret: await secretOf(webhook.id), position: webhook.since };
}

const withList = (sent: unknown): unknown =>
  typeof sent === 'object' && sent !== null && 'audience' in sent && typeof sent.audience === 'string'
    ? { ...sent, audience: [sent.audience] }
    : sent;

function refuseAddress(url: string, networks: ReceiverNetworks): void {
  if (!isWebAddress(url))
    throw invalid('/url', 'must be an http or https URL without a user name or fragment');
  try {
    networks.checkHost(new URL(url));
  } catch (error) {
    if (error instanceof ReceiverAddressError) throw invalid('/url', `cannot be used: ${error.message}`);
    throw error;
  }
}

const invalid = (pointer: string, detail: string) => new InvalidPayloadError([{ pointer, detail }]);

/** Returns all webhooks, as administrators see them. @throws ProblemError `role-not-permitted`. */
export async function seeWebhooks(
  { webhooks }: Pick<WebhooksAccess, 'webhooks'>,
  viewer: Viewer,
): Promise<readonly ShownWebhook[]> {
  requireRole(viewer, RUNS_SERVICE);
  return (await webhooks.all()).map(shown);
}

/** Returns a webhook, as administrators see it. @throws ProblemError `role-not-permitted`, `not-found`. */
export async function seeWebhook(
  { webhooks }: Pick<WebhooksAccess, 'webhooks'>,
  viewer: Viewer,
  id: string,
): Promise<ShownWebhook> {
  requireRole(viewer, RUNS_SERVICE);
  const webhook = await webhooks.find(id);
  if (webhook === null) throw noWebhook();
  return shown(webhook);
}

/** Removes a webhook, whose pending messages are then not sent. @throws ProblemError `role-not-permitted`, `not-found`. */
export async function removeWebhook(
  { webhooks }: Pick<WebhooksAccess, 'webhooks'>,
  context: CallContext,
  id: string,
): Promise<void> {
  requireRole(context.viewer, RUNS_SERVICE);
  await webhooks.remove(id, callOf(context));
}

/** Returns a page of a webhook's messages, newest first. Throws as `seeWebhook` does. @throws InvalidCursorError */
export async function seeDeliveries(
  access: Pick<WebhooksAccess, 'webhooks' | 'outbox'>,
  viewer: Viewer,
  id: string,
  request: PageRequest & { readonly state?: MessageState },
) {
  await seeWebhook(access, viewer, id);
  const page = await listMessages(access.outbox, { ...request, receiver: webhookReceiverId(id) });
  return { items: page.items.map(deliveryOf), nextCursor: page.nextCursor };
}

/** Returns the delivery state of an event, without its content. */
function deliveryOf({ id, notices, state, attempts, error, ...times }: OutboxItem) {
  const [notice] = notices;
  const record = notice && recordNamed(notice.recordId);
  const { createdAt, attemptedAt, nextAttemptAt, endedAt } = times;
  return {
    id,
    eventId: notice?.eventId ?? null,
    type: notice?.kind ?? null,
    record: record ? { kind: record.kind.name, id: record.id } : null,
    ...{ state, attempts, error, createdAt, attemptedAt, nextAttemptAt, endedAt },
  };
}
export type Delivery = ReturnType<typeof deliveryOf>;

/**
 * Sends messages to a webhook again: the named ones, or all that failed permanently. Each contains the event
 * as it may be read at the time of sending.
 * @returns the ids of the messages.
 * @throws ProblemError `role-not-permitted`, `not-found` if the webhook or a named message does not exist.
 */
export async function redeliver(
  access: Pick<WebhooksAccess, 'webhooks' | 'outbox'>,
  { viewer, now }: Pick<CallContext, 'viewer' | 'now'>,
  id: string,
  sent: unknown,
): Promise<readonly string[]> {
  await seeWebhook(access, viewer, id);
  const { ids } = validatePayload(RedeliverPayload, sent);
  const which = { states: ids === undefined ? (['dead'] as const) : MESSAGE_STATES, ...(ids && { ids }) };
  const again = await retryMessages(access.outbox, { ...which, receiver: webhookReceiverId(id) }, now);
  if (ids !== undefined && again.length === 0)
    throw new ProblemError(
      'not-found',
      `There is no such delivery; GET /api/webhooks/${id}/deliveries lists them`,
    );
  return again;
}
