import { list, meaning, named, object, oneOf, orNull } from '#lifecycle/fields';
import { ref } from './schema-forms.ts';
import { lifecycles } from '#state-machines/lifecycles';
import { NOTICE_KINDS } from '#notifications/notices';
import { date, dateKind, instant, text, version } from './answer-fields.ts';

const Notice = named('Notice', {
  kind: oneOf(NOTICE_KINDS),
  recordId: text,
  url: meaning(text, "The record's address."),
  title: meaning(orNull(text), 'Null where it was redacted, or never given.'),
  recipient: orNull(text),
  status: orNull(oneOf([...lifecycles.statuses])),
  deadline: object({
    id: text,
    kind: dateKind,
    dueOn: date,
    dateVersion: version,
  }),
  day: meaning(date, 'On which it came to be so.'),
  reminder: meaning(orNull(version), 'Of a reminder, how many there are with it.'),
  eventId: orNull(text),
});

/** The messages to webhooks, in the format of the Standard Webhooks specification. */
export const WEBHOOK_ANSWERS = {
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

const signed = (name: string, description: string) => ({
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
      'Delivered at least once; answer 2xx, or 410 where this message is not to be sent again. Redirects are not followed.',
    parameters: [
      signed('webhook-id', 'The same for the same message, however often it is sent.'),
      signed('webhook-timestamp', 'When it was sent, in seconds since 1970.'),
      signed('webhook-signature', 'HMAC-SHA256 over id, timestamp and body, as `v1,` and base64.'),
    ],
    requestBody: { required: true, content: { 'application/json': { schema: ref(schema) } } },
    responses: {
      '2XX': { description: 'It is taken.' },
      '410': { description: 'This message is not sent again, unless by hand; others are.' },
    },
  },
});

/** The webhooks of subscriptions to deadlines. */
export const WEBHOOKS = {
  'deadline-notice': message('deadlineNotice', 'Something is to be told of a deadline.', 'NoticeMessage'),
  'deadline-digest': message(
    'deadlineDigest',
    'What is to be told of deadlines, once a day.',
    'DigestMessage',
  ),
};
