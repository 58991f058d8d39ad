import { MESSAGE_STATES } from '#notifications/outbox/outbox-database';
import { choice, cursor, limit, LIST_PAGE } from './query-parameters.ts';
import { BODY, CHANGE, DELETE, json, ok, READ } from './route-document.ts';
import type { RouteDocument } from './route-document.ts';
import { ref } from './schema-forms.ts';

const REDELIVER = {
  description:
    'For administrator. Each is read again, and sent as its audience may read it now, under its id.',
  answer: { status: 202, description: 'They are sent shortly.', content: json('Redelivered') },
  problems: [
    'invalid-parameter',
    'invalid-payload',
    ...BODY,
    'not-found',
    'role-not-permitted',
    'store-unavailable',
  ],
} as const;

/** The routes for webhooks. */
export const WEBHOOK_ROUTES = {
  addWebhook: {
    summary: 'Adds a webhook: an address that each event of records is sent to, from then on.',
    description:
      'For administrator. Its audience says who reads what is sent: `inspectorate`, or bodies, whose webhook is sent what their people may read. ' +
      'Messages are signed with the secret (Standard Webhooks), which is told this once.',
    body: { mediaType: 'application/json', schema: ref('WebhookPayload') },
    answer: { status: 201, description: 'Added; keep the secret.', content: json('AddedWebhook') },
    problems: [
      ...CHANGE.filter((code) => code !== 'idempotency-key-reused'),
      'not-found',
      'too-many-webhooks',
    ],
  },
  webhooks: {
    summary: 'The webhooks, the oldest first.',
    description: 'For administrator.',
    reads: true,
    answer: ok('Webhooks'),
    problems: [...READ, 'role-not-permitted'],
  },
  removeWebhook: {
    summary: 'Removes a webhook: nothing is sent there any more, not even what waits.',
    description: 'For administrator.',
    answer: { status: 204, description: 'It is removed.', content: {} },
    problems: [...DELETE, 'role-not-permitted'],
  },
  deliveries: {
    summary: 'The events for a webhook, and what became of each; the newest first.',
    description: 'For administrator. Nothing is kept of what was sent.',
    reads: true,
    query: {
      state: choice('Only those in this state; dead letters were given up.', MESSAGE_STATES),
      limit: limit(LIST_PAGE),
      cursor,
    },
    answer: ok('Deliveries'),
    problems: [...READ, 'role-not-permitted'],
  },
  redeliver: {
    summary: 'Sends deliveries again: those that are named, or all that were given up.',
    body: { mediaType: 'application/json', schema: ref('RedeliverPayload') },
    ...REDELIVER,
  },
  redeliverOne: { summary: 'Sends one delivery again.', ...REDELIVER },
} satisfies Record<string, RouteDocument>;
