import { list, withDescription, namedObject, object, oneOf, orNull } from '#lifecycle/fields';
import { ref } from './schema-forms.ts';
import { lifecycles } from '#state-machines/lifecycles';
import { NOTICE_KINDS } from '#notifications/notices';
import { date, dateKind, instant, text, version } from './answer-fields.ts';

const Notice = namedObject('Notice', {
  kind: oneOf(NOTICE_KINDS),
  recordId: text,
  url: withDescription(text, "The record's URL."),
  title: withDescription(orNull(text), "The record's title; null if it has none or it was redacted."),
  recipient: orNull(text),
  status: orNull(oneOf([...lifecycles.statuses])),
  deadline: object({
    id: text,
    kind: dateKind,
    dueOn: date,
    dateVersion: version,
  }),
  day: withDescription(date, 'The day on which the deadline entered this state.'),
  reminder: withDescription(
    orNull(version),
    'The number of the reminder; null if the notice is not a reminder.',
  ),
  eventId: orNull(text),
});

/** The messages to webhooks, in the format of the Standard Webhooks specification. */
export const WEBHOOK_SCHEMAS = {
  Notice,
  NoticeMessage: object({
    type: oneOf(NOTICE_KINDS.map((kind) => `deadline.${kind}`)),
    timestamp: instant,
    data: Notice,
  }),
  DigestMessage: object({
    type: oneOf(['deadline.digest']),
    timestamp: instant,
    data: object({ day: date, notices: list(Notice) }),
  }),
};

const signatureHeader = (name: string, description: string) => ({
  name,
  in: 'header' as const,
  required: true,
  description,
  schema: { type: 'string' as const },
});

/** One message to a subscription's webhook, for each notice or as a digest. */
const message = (operationId: string, summary: string, schema: string) => ({
  post: {
    operationId,
    summary,
    description:
      'Delivered at least once. Respond with 2xx, or with 410 to stop retries of this message. Redirects are not followed.',
    parameters: [
      signatureHeader('webhook-id', "The message's id, the same for every attempt."),
      signatureHeader('webhook-timestamp', 'The time of the attempt, in seconds since 1970.'),
      signatureHeader(
        'webhook-signature',
        '`v1,` followed by the base64 HMAC-SHA256 of `id.timestamp.body`.',
      ),
    ],
    requestBody: { required: true, content: { 'application/json': { schema: ref(schema) } } },
    responses: {
      '2XX': { description: 'The message was received.' },
      '410': {
        description:
          'This message is not retried unless an administrator redelivers it; others are still sent.',
      },
    },
  },
});

/** Webhooks for deadline subscriptions. */
export const WEBHOOKS = {
  'deadline-notice': message('deadlineNotice', 'A deadline notice.', 'NoticeMessage'),
  'deadline-digest': message('deadlineDigest', 'A daily digest of deadline notices.', 'DigestMessage'),
};
