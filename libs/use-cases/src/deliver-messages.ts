import type { EventStore } from '../../event-sourcing/src/event-store.ts';
import { hasCode } from '../../event-sourcing/src/errors.ts';
import { codeOf, DeliveryError } from '../../outbox/src/delivery-error.ts';
import { sendEmail } from '../../outbox/src/email.ts';
import { messageText } from '../../outbox/src/message-text.ts';
import type { ToldNotice } from '../../outbox/src/message-text.ts';
import type { ChannelName, Notice, Subscription } from '../../outbox/src/notices.ts';
import type { ClaimedMessage, Outbox } from '../../outbox/src/outbox.ts';
import { pauseAfter } from '../../outbox/src/retry-pause.ts';
import { sendWebhook } from '../../outbox/src/webhook.ts';
import { eventsWithDetails, eventsWithoutTexts } from './record-events.ts';
import { recordDetails } from '../../../state-machines/inspection-recommendation/v1/record.ts';
import type { Notifications } from './parse-notifications.ts';

export type AttemptOutcome = 'delivered' | 'failed' | 'dead';

/** What became of an attempt; no text of the record, no address. */
export interface Attempt {
  readonly message: string;
  readonly subscription: string;
  readonly channel: ChannelName;
  readonly attempt: number;
  readonly outcome: AttemptOutcome;
  /** Why it failed; null where it did not. */
  readonly error: string | null;
}

export interface DeliveryOptions {
  readonly store: EventStore;
  readonly outbox: Outbox;
  readonly notifications: Notifications;
  /** Tells this process's claims from those of others. */
  readonly owner: string;
  /** In milliseconds since 1970. */
  readonly now: () => number;
  /** A number from 0 to 1. */
  readonly random: () => number;
  readonly onAttempt: (attempt: Attempt) => void;
  /** Told of what went wrong that is no receiver's doing. */
  readonly onError: (error: unknown) => void;
  /** Ends attempts that are under way; their claims are given back. */
  readonly signal: AbortSignal;
}

/**
 * Sends a subscription's messages that are due, one after another, until none is left, one fails, or a number is
 * reached: who does not answer is not asked for the next at once, and keeps nobody else waiting.
 * @returns how many were tried.
 */
export async function deliverDue(
  options: DeliveryOptions,
  subscription: Subscription,
  most: number,
): Promise<number> {
  for (let tried = 0; tried < most; tried += 1) {
    if (options.signal.aborted) return tried;
    const { outbox, owner, notifications } = options;
    const now = options.now();
    const until = now + notifications.delivery.leaseMs;
    const message = await outbox.claim(subscription.id, { owner, now, until });
    if (message === null) return tried;
    if ((await attempt(options, subscription, message)) !== 'delivered') return tried + 1;
  }
  return most;
}

async function attempt(
  options: DeliveryOptions,
  subscription: Subscription,
  message: ClaimedMessage,
): Promise<AttemptOutcome | 'released'> {
  const { outbox, owner, notifications, onAttempt } = options;
  const { maxAttempts } = notifications.delivery;
  try {
    // It was claimed so often and nobody came back to say how it ended.
    if (message.attempt > maxAttempts) {
      throw new DeliveryError('the process ended in the middle of the last attempt', { isFinal: true });
    }
    await send(options, subscription, message);
  } catch (error) {
    if (options.signal.aborted || hasCode(error, 'store-unavailable')) {
      await outbox.release(message.id, owner);
      if (options.signal.aborted) return 'released';
      // It says nothing about the message or its receiver.
      throw error;
    }
    if (!(error instanceof DeliveryError)) options.onError(error);
    return failed(options, subscription, message, deliveryError(error));
  }
  // Where this fails it comes again under its id, once the lease is over.
  await outbox.delivered(message.id, options.now());
  onAttempt(toldOf(subscription, message, 'delivered', null));
  return 'delivered';
}

/** What is wrong with our own work counts as an attempt as well: one message must not keep others waiting for ever. */
const deliveryError = (error: unknown): DeliveryError =>
  error instanceof DeliveryError ? error : new DeliveryError(`not sent: ${codeOf(error)}`);

async function failed(
  { outbox, owner, notifications, onAttempt, now: clock, random }: DeliveryOptions,
  subscription: Subscription,
  message: ClaimedMessage,
  { isFinal, retryAfterMs, message: error }: DeliveryError,
): Promise<AttemptOutcome> {
  const { delivery } = notifications;
  const isDead = isFinal || message.attempt >= delivery.maxAttempts;
  const now = clock();
  const retryAt = isDead ? null : now + pauseAfter(message.attempt, delivery, random(), retryAfterMs);
  await outbox.failed(message.id, { owner, error, retryAt, now });
  const outcome = isDead ? 'dead' : 'failed';
  onAttempt(toldOf(subscription, message, outcome, error));
  return outcome;
}

const toldOf = (
  { id, target }: Subscription,
  { id: message, attempt }: ClaimedMessage,
  outcome: AttemptOutcome,
  error: string | null,
): Attempt => ({ message, subscription: id, channel: target.channel, attempt, outcome, error });

async function send(
  { store, notifications, now, signal: stopping }: DeliveryOptions,
  { id: subscription, target }: Subscription,
  { id, digestOn, createdAt, notices }: ClaimedMessage,
): Promise<void> {
  const told = await withRecords(store, notices, notifications.baseUrl);
  const { timeoutMs } = notifications.delivery;
  const signal = AbortSignal.any([stopping, AbortSignal.timeout(timeoutMs)]);
  if (target.channel === 'webhook') {
    await sendWebhook(target, { id, digestOn, createdAt, notices: told }, { now: now(), signal });
    return;
  }
  if (notifications.smtp === null) throw new DeliveryError('no mail server is configured');
  const text = messageText(told, { subscription, digestOn });
  await sendEmail(notifications.smtp, { id, to: target.address, ...text }, { timeoutMs, signal });
}

/** The notices with what their records say now: what has been redacted by now is not sent. */
async function withRecords(
  store: EventStore,
  notices: readonly Notice[],
  baseUrl: string,
): Promise<ToldNotice[]> {
  const told: ToldNotice[] = [];
  for (const notice of notices) {
    const light = await eventsWithoutTexts(store, notice.recordId);
    const events = await eventsWithDetails(store, light, { effectiveOn: null, knownAt: null });
    const { title } = recordDetails(events);
    const status = events.at(-1)?.state?.['progress'] ?? null;
    const url = `${baseUrl}/recommendations/${encodeURIComponent(notice.recordId)}`;
    told.push({ ...notice, title, status, url });
  }
  return told;
}
