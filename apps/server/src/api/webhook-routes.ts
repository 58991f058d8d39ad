import { MESSAGE_STATES } from '#notifications/outbox/outbox-database';
import { choice, cursor, limit, LIST_PAGE } from './query-parameters.ts';
import { BODY, CHANGE, DELETE, json, ok, READ } from './route-document.ts';
import type { RouteDocument } from './route-document.ts';
import { ref } from './schema-forms.ts';

const REDELIVER = {
  description:
    "Requires the `administrator` role. Each event is read again and sent, under the same id, as the webhook's audience may read it now.",
  answer: { status: 202, description: 'The deliveries will be sent shortly.', content: json('Redelivered') },
  problems: [
    'invalid-parameter',
    'invalid-payload',
    ...BODY,
    'not-found',
    'role-not-permitted',
    'store-unavailable',
  ],
} as const;

export const WEBHOOK_ROUTES = {
  addWebhook: {
    summary: 'Adds a webhook that receives every later event of records.',
    description:
      'Requires the `administrator` role. The audience determines what is sent: everything for `inspectorate`, or what the users of the listed bodies may read. ' +
      'Messages are signed with the secret (Standard Webhooks), which is returned only once.',
    body: { mediaType: 'application/json', schema: ref('WebhookPayload') },
    answer: {
      status: 201,
      description: 'The webhook was added. Store the secret.',
      content: json('AddedWebhook'),
    },
    problems: [
      ...CHANGE.filter((code) => code !== 'idempotency-key-reused'),
      'not-found',
      'too-many-webhooks',
    ],
  },
  webhooks: {
    summary: 'Lists the webhooks, oldest first.',
    description: 'Requires the `administrator` role.',
    reads: true,
    answer: ok('Webhooks'),
    problems: [...READ, 'role-not-permitted'],
  },
  removeWebhook: {
    summary: 'Removes a webhook. Pending deliveries are not sent.',
    description: 'Requires the `administrator` role.',
    answer: { status: 204, description: 'The webhook was removed.', content: {} },
    problems: [...DELETE, 'role-not-permitted'],
  },
  deliveries: {
    summary: 'Lists the deliveries of a webhook, newest first.',
    description: 'Requires the `administrator` role. The content of messages is not stored.',
    reads: true,
    query: {
      state: choice(
        'Includes only deliveries in this state. Dead letters failed permanently.',
        MESSAGE_STATES,
      ),
      limit: limit(LIST_PAGE),
      cursor,
    },
    answer: ok('Deliveries'),
    problems: [...READ, 'role-not-permitted'],
  },
  redeliver: {
    summary: 'Redelivers the named deliveries, or all that failed permanently.',
    body: { mediaType: 'application/json', schema: ref('RedeliverPayload') },
    ...REDELIVER,
  },
  redeliverOne: { summary: 'Redelivers one delivery.', ...REDELIVER },
} satisfies Record<string, RouteDocument>;
