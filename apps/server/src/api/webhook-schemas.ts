import { list, withDescription, object, oneOf, orNull, schemed } from '#lifecycle/fields';
import { MESSAGE_STATES } from '#notifications/outbox/outbox-database';
import { count, instant, position, text, uuid } from './answer-fields.ts';

const webhook = {
  id: uuid,
  url: text,
  types: withDescription(orNull(list(text)), 'The types of events to send; null for all types.'),
  kinds: withDescription(
    orNull(list(text)),
    'The kinds of records whose events are sent; null for all kinds.',
  ),
  bodies: withDescription(
    orNull(list(text)),
    'The bodies whose records have their events sent; null for all that the audience may read.',
  ),
  audience: schemed<'inspectorate' | readonly string[]>(
    {
      oneOf: [
        { type: 'string', enum: ['inspectorate'] },
        { type: 'array', items: { type: 'string' } },
      ],
    },
    'Who may read the messages: the inspectorate, or the users of these bodies.',
  ),
  addedAt: instant,
};

/** The schemas of responses about webhooks. */
export const WEBHOOK_ADMINISTRATION = {
  AddedWebhook: object({
    ...webhook,
    secret: withDescription(
      text,
      'The secret that signs messages, as `whsec_` and base64. It is returned only once.',
    ),
    position,
  }),
  Webhooks: object({ items: list(object(webhook)) }),
  Deliveries: object({
    items: list(
      object({
        id: withDescription(uuid, "The message's id, sent as `webhook-id`."),
        eventId: orNull(uuid),
        type: orNull(text),
        record: orNull(object({ kind: text, id: text })),
        state: oneOf(MESSAGE_STATES),
        attempts: count,
        error: withDescription(
          orNull(text),
          'Why the last attempt failed, or why the message is no longer sent.',
        ),
        createdAt: instant,
        attemptedAt: orNull(instant),
        nextAttemptAt: orNull(instant),
        endedAt: orNull(instant),
      }),
    ),
    nextCursor: orNull(text),
  }),
  Redelivered: object({
    ids: withDescription(list(uuid), 'The ids of the messages that will be redelivered.'),
  }),
};
