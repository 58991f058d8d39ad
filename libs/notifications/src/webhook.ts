import { Webhook } from 'standardwebhooks';
import { codeOf, DeliveryError } from './delivery-error.ts';
import type { ToldNotice } from './message-text.ts';

/** What a webhook is sent to tell, and whether it is a digest. */
export interface WebhookMessage {
  readonly id: string;
  readonly digestOn: string | null;
  /** When it was first intended, in milliseconds since 1970. */
  readonly createdAt: number;
  readonly notices: readonly ToldNotice[];
}

const noticeBody = (notice: ToldNotice) => ({
  kind: notice.kind,
  recordId: notice.recordId,
  url: notice.url,
  title: notice.title,
  recipient: notice.recipient,
  status: notice.status,
  deadline: {
    id: notice.deadlineId,
    kind: notice.deadlineKind,
    dueOn: notice.dueOn,
    dateVersion: notice.dateVersion,
  },
  day: notice.day,
  reminder: notice.reminder,
  eventId: notice.eventId,
});

/** The body of a webhook: `type`, `timestamp` and `data`, as the Standard Webhooks specification has it. */
export function webhookBody({ digestOn, createdAt, notices }: WebhookMessage): string {
  const [first] = notices;
  if (first === undefined) throw new RangeError('A message without a notice tells nothing');
  return JSON.stringify(
    digestOn === null
      ? { type: `deadline.${first.kind}`, timestamp: first.occurredAt, data: noticeBody(first) }
      : {
          type: 'deadline.digest',
          timestamp: new Date(createdAt).toISOString(),
          data: { day: digestOn, notices: notices.map(noticeBody) },
        },
  );
}

const GONE = 410;
/** Seconds, or (as the specification of HTTP allows) a date. */
function retryAfterMs(header: string | null, now: number): number {
  if (header === null) return 0;
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1_000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? 0 : Math.max(0, at - now);
}

/**
 * Posts a message to a webhook, signed with its secret (Standard Webhooks, symmetric). Redirects are not followed: the
 * address is the operator's to change.
 * @param secret `whsec_` and base64.
 * @throws DeliveryError for any answer but 2xx, and for none; final for 410 Gone, by which a receiver says that it
 *   wants no more.
 */
export async function sendWebhook(
  { url, secret }: { readonly url: string; readonly secret: string },
  message: WebhookMessage,
  { now, signal }: { readonly now: number; readonly signal: AbortSignal },
): Promise<void> {
  const body = webhookBody(message);
  const signature = new Webhook(secret).sign(message.id, new Date(now), body);
  let response: Response;
  try {
    response = await fetch(url, {
      method: 'POST',
      redirect: 'manual',
      signal,
      headers: {
        'content-type': 'application/json',
        'user-agent': 'Docket',
        'webhook-id': message.id,
        'webhook-timestamp': String(Math.floor(now / 1_000)),
        'webhook-signature': signature,
      },
      body,
    });
  } catch (error) {
    throw new DeliveryError(signal.aborted ? 'no answer in time' : `no answer: ${codeOf(error)}`);
  }
  // Nothing of the answer is of use but its status, however long it is.
  await response.body?.cancel().catch(() => undefined);
  if (response.ok) return;
  throw new DeliveryError(`answered with HTTP ${response.status}`, {
    isFinal: response.status === GONE,
    retryAfterMs: retryAfterMs(response.headers.get('retry-after'), now),
  });
}
