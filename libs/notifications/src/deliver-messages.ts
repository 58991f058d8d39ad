import { hasCode } from '#event-sourcing/errors';
import { codeOf, DeliveryError } from './delivery-error.ts';
import { sendEmail } from './email.ts';
import { messageText } from './message-text.ts';
import type { ChannelName, NoticeSubscription } from './notices.ts';
import type { ClaimedMessage, Outbox } from './outbox/outbox.ts';
import { pauseAfter } from './retry-pause.ts';
import type { ReceiverNetworks } from './receiver-networks.ts';
import { sendWebhook } from './webhook.ts';
import type { Notifications } from './parse-notifications.ts';
import { presentNotices } from './present-notices.ts';
import type { ReadPresentRecord } from './present-notices.ts';

/** Lapsed: nothing that the message tells of holds any more, and it was not sent. */
type DeliveryOutcome = 'delivered' | 'lapsed' | 'failed' | 'dead';

/** One try to deliver a message, and what became of it; no text of the record, no address. */
export interface Delivery {
  readonly message: string;
  readonly subscription: string;
  readonly channel: ChannelName;
  readonly attempt: number;
  readonly outcome: DeliveryOutcome;
  /** Why it was not delivered; null where it was. */
  readonly error: string | null;
}

export interface DeliveryOptions {
  readonly presentRecord: ReadPresentRecord;
  readonly outbox: Outbox;
  readonly notifications: Notifications;
  /** Where webhooks may be sent. */
  readonly networks: ReceiverNetworks;
  /** Tells this process's claims from those of others. */
  readonly owner: string;
  /** In milliseconds since 1970. */
  readonly now: () => number;
  /** A number from 0 to 1. */
  readonly random: () => number;
  readonly onDelivery: (delivery: Delivery) => void;
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
  subscription: NoticeSubscription,
  most: number,
): Promise<number> {
  for (let tried = 0; tried < most; tried += 1) {
    if (options.signal.aborted) return tried;
    const { outbox, owner, notifications } = options;
    const now = options.now();
    const until = now + notifications.delivery.leaseMs;
    const message = await outbox.claim(subscription.id, { owner, now, until });
    if (message === null) return tried;
    const outcome = await tryOnce(options, subscription, message);
    if (outcome !== 'delivered' && outcome !== 'lapsed') return tried + 1;
  }
  return most;
}

async function tryOnce(
  options: DeliveryOptions,
  subscription: NoticeSubscription,
  message: ClaimedMessage,
): Promise<DeliveryOutcome | 'released'> {
  const { outbox, owner, notifications, onDelivery } = options;
  const { maxAttempts } = notifications.delivery;
  try {
    // It was claimed so often and nobody came back to say how it ended.
    if (message.attempt > maxAttempts) {
      throw new DeliveryError('the process ended in the middle of the last attempt', { isFinal: true });
    }
    if (!(await send(options, subscription, message))) return await lapsed(options, subscription, message);
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
  onDelivery(toldOf(subscription, message, 'delivered', null));
  return 'delivered';
}

/** What is wrong with our own work counts as an attempt as well: one message must not keep others waiting for ever. */
const deliveryError = (error: unknown): DeliveryError =>
  error instanceof DeliveryError ? error : new DeliveryError(`not sent: ${codeOf(error)}`);

/** Said of a message that has nothing left to tell its subscription. */
const LAPSED =
  'not sent any more: the record has another recipient, or the deadline another date or none, or it is settled';

async function lapsed(
  { outbox, owner, now, onDelivery }: DeliveryOptions,
  subscription: NoticeSubscription,
  message: ClaimedMessage,
): Promise<'lapsed'> {
  await outbox.lapsed(message.id, { owner, reason: LAPSED, now: now() });
  onDelivery(toldOf(subscription, message, 'lapsed', LAPSED));
  return 'lapsed';
}

async function failed(
  { outbox, owner, notifications, onDelivery, now: clock, random }: DeliveryOptions,
  subscription: NoticeSubscription,
  message: ClaimedMessage,
  { isFinal, retryAfterMs, message: error }: DeliveryError,
): Promise<DeliveryOutcome> {
  const { delivery } = notifications;
  const isDead = isFinal || message.attempt >= delivery.maxAttempts;
  const now = clock();
  const retryAt = isDead ? null : now + pauseAfter(message.attempt, delivery, random(), retryAfterMs);
  await outbox.failed(message.id, { owner, error, retryAt, now });
  const outcome = isDead ? 'dead' : 'failed';
  onDelivery(toldOf(subscription, message, outcome, error));
  return outcome;
}

const toldOf = (
  { id, target }: NoticeSubscription,
  { id: message, attempt }: ClaimedMessage,
  outcome: DeliveryOutcome,
  error: string | null,
): Delivery => ({ message, subscription: id, channel: target.channel, attempt, outcome, error });

/** @returns false where nothing is left to tell. */
async function send(
  { presentRecord, onError, notifications, networks, now, signal: stopping }: DeliveryOptions,
  subscription: NoticeSubscription,
  { id, digestOn, createdAt, notices }: ClaimedMessage,
): Promise<boolean> {
  const { baseUrl } = notifications;
  const told = await presentNotices({ presentRecord, onError, baseUrl }, subscription, notices);
  if (told.length === 0) return false;
  const { target } = subscription;
  const { timeoutMs } = notifications.delivery;
  const signal = AbortSignal.any([stopping, AbortSignal.timeout(timeoutMs)]);
  if (target.channel === 'webhook') {
    const message = { id, digestOn, createdAt, notices: told };
    await sendWebhook(target, message, { networks, now: now(), signal });
    return true;
  }
  if (notifications.smtp === null) throw new DeliveryError('no mail server is configured');
  const text = messageText(told, { subscription: subscription.id, digestOn });
  await sendEmail(notifications.smtp, { id, to: target.address, ...text }, { timeoutMs, signal });
  return true;
}
