import { hasCode } from '#event-sourcing/errors';
import { codeOf, DeliveryError } from './delivery-error.ts';
import type { ChannelName } from './outbox/outbox-database.ts';
import type { ClaimedMessage, Outbox } from './outbox/outbox.ts';
import { pauseAfter } from './retry-pause.ts';
import type { DeliverySettings } from './retry-pause.ts';
import type { Turns } from './turns.ts';

/** Sends messages to a recipient, in its current form. */
export interface Receiver {
  /**
   * Sends the parts of a message that still concern the receiver. Returns false, without sending, if none do.
   * @throws DeliveryError
   */
  send(message: ClaimedMessage, attempt: Attempt): Promise<boolean>;
  /** The reason recorded for a message that no longer concerns the receiver. */
  readonly lapsed: string;
}

/** One attempt to send a message. */
interface Attempt {
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly timeoutMs: number;
  /** Aborts at the timeout, or when the process stops. */
  readonly signal: AbortSignal;
}

/** Returns a receiver by id; null if it does not exist. Its messages then become dead letters. */
type FindReceiver = (id: string) => Promise<Receiver | null> | Receiver | null;

/** The outcome of an attempt. `lapsed`: not sent, because no part of the message concerns its receiver any more. */
type DeliveryOutcome = 'delivered' | 'lapsed' | 'failed' | 'dead';

/** An attempt to deliver a message, and its outcome. It contains no text of the record and no address. */
export interface Delivery {
  readonly message: string;
  readonly receiver: string;
  readonly channel: ChannelName;
  readonly attempt: number;
  readonly outcome: DeliveryOutcome;
  /** The reason of a failure; null after a delivery. */
  readonly error: string | null;
}

export interface DeliveryOptions {
  readonly outbox: Outbox;
  readonly findReceiver: FindReceiver;
  readonly delivery: DeliverySettings;
  /** Distinguishes this process's claims from those of others. */
  readonly owner: string;
  /** Returns milliseconds since 1970. */
  readonly now: () => number;
  /** Returns a number from 0 to 1. */
  readonly random: () => number;
  readonly onDelivery: (delivery: Delivery) => void;
  /** Limits the rate of sending, so that the process can serve requests. */
  readonly turns: Turns;
  /** Called with errors that no receiver caused. */
  readonly onError: (error: unknown) => void;
  /** Aborts the current attempts, whose claims are then released. */
  readonly signal: AbortSignal;
}

/**
 * Sends a receiver's due messages in order until none is left, one fails, or the limit is reached. A receiver
 * that does not respond gets no further message for now, so that it does not delay the others.
 * @returns the number of attempts.
 */
export async function deliverDue(options: DeliveryOptions, receiver: string, most: number): Promise<number> {
  for (let tried = 0; tried < most; tried += 1) {
    const { outbox, owner, delivery, turns } = options;
    await turns.next();
    if (options.signal.aborted) return tried;
    const now = options.now();
    const message = await outbox.claim(receiver, { owner, now, until: now + delivery.leaseMs });
    if (message === null) return tried;
    const outcome = await tryOnce(options, message);
    if (outcome !== 'delivered' && outcome !== 'lapsed') return tried + 1;
  }
  return most;
}

async function tryOnce(
  options: DeliveryOptions,
  message: ClaimedMessage,
): Promise<DeliveryOutcome | 'released'> {
  const { outbox, owner, onDelivery } = options;
  try {
    const lapsed = await send(options, message);
    if (lapsed !== null) {
      await outbox.recordLapsed(message.id, { owner, reason: lapsed, now: options.now() });
      onDelivery(deliveryOf(message, 'lapsed', lapsed));
      return 'lapsed';
    }
  } catch (error) {
    if (options.signal.aborted || hasCode(error, 'store-unavailable')) {
      await outbox.release(message.id, owner);
      if (options.signal.aborted) return 'released';
      // The error says nothing about the message or its receiver.
      throw error;
    }
    if (!(error instanceof DeliveryError)) options.onError(error);
    return recordFailure(options, message, deliveryError(error));
  }
  // If this fails, the message is sent again under the same id after the lease expires.
  await outbox.recordDelivered(message.id, options.now());
  onDelivery(deliveryOf(message, 'delivered', null));
  return 'delivered';
}

/** Sends a message. Returns null if it was sent, otherwise the reason. */
async function send(
  { findReceiver, delivery: { maxAttempts, timeoutMs }, now, signal: stopping }: DeliveryOptions,
  message: ClaimedMessage,
): Promise<string | null> {
  // Earlier claims never reported an outcome.
  if (message.attempt > maxAttempts) {
    throw new DeliveryError('the process ended during the last attempt', { isFinal: true });
  }
  const receiver = await findReceiver(message.receiver);
  if (receiver === null) throw new DeliveryError('the receiver is no longer configured', { isFinal: true });
  const signal = AbortSignal.any([stopping, AbortSignal.timeout(timeoutMs)]);
  return (await receiver.send(message, { now: now(), timeoutMs, signal })) ? null : receiver.lapsed;
}

/**
 * Returns an error as a failed delivery. Errors in our own code also count as attempts, so that one message
 * cannot block the others forever.
 */
const deliveryError = (error: unknown): DeliveryError =>
  error instanceof DeliveryError ? error : new DeliveryError(`not sent: ${codeOf(error)}`);

async function recordFailure(
  { outbox, owner, delivery, onDelivery, now: clock, random }: DeliveryOptions,
  message: ClaimedMessage,
  { isFinal, retryAfterMs, message: error }: DeliveryError,
): Promise<DeliveryOutcome> {
  const isDead = isFinal || message.attempt >= delivery.maxAttempts;
  const now = clock();
  const retryAt = isDead ? null : now + pauseAfter(message.attempt, delivery, random(), retryAfterMs);
  await outbox.recordFailed(message.id, { owner, error, retryAt, now });
  const outcome = isDead ? 'dead' : 'failed';
  onDelivery(deliveryOf(message, outcome, error));
  return outcome;
}

const deliveryOf = (
  { id: message, receiver, channel, attempt }: ClaimedMessage,
  outcome: DeliveryOutcome,
  error: string | null,
): Delivery => ({ message, receiver, channel, attempt, outcome, error });
