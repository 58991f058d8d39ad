import { hasCode } from '#event-sourcing/errors';
import { codeOf, DeliveryError } from './delivery-error.ts';
import type { ChannelName } from './notices.ts';
import type { ClaimedMessage, Outbox } from './outbox/outbox.ts';
import { pauseAfter } from './retry-pause.ts';
import type { DeliverySettings } from './parse-notifications.ts';
import type { Turns } from './turns.ts';

/** Whoever messages are sent to, as they are now. */
export interface Receiver {
  /**
   * Sends what of a message is for them now. False where nothing is: then it is not sent any more.
   * @throws DeliveryError
   */
  send(message: ClaimedMessage, attempt: Attempt): Promise<boolean>;
  /** Why a message of which nothing is for them is not sent. */
  readonly lapsed: string;
}

/** One try to send a message. */
export interface Attempt {
  /** In milliseconds since 1970. */
  readonly now: number;
  readonly timeoutMs: number;
  /** Ends it, when its time is over or the process stops. */
  readonly signal: AbortSignal;
}

/** The receiver of an id; null where there is none, which makes dead letters of what waits for them. */
export type FindReceiver = (id: string) => Promise<Receiver | null> | Receiver | null;

/** Lapsed: nothing of the message is for its receiver any more, and it was not sent. */
type DeliveryOutcome = 'delivered' | 'lapsed' | 'failed' | 'dead';

/** One try to deliver a message, and what became of it; no text of the record, no address. */
export interface Delivery {
  readonly message: string;
  readonly receiver: string;
  readonly channel: ChannelName;
  readonly attempt: number;
  readonly outcome: DeliveryOutcome;
  /** Why it was not delivered; null where it was. */
  readonly error: string | null;
}

export interface DeliveryOptions {
  readonly outbox: Outbox;
  readonly findReceiver: FindReceiver;
  readonly delivery: DeliverySettings;
  /** Tells this process's claims from those of others. */
  readonly owner: string;
  /** In milliseconds since 1970. */
  readonly now: () => number;
  /** A number from 0 to 1. */
  readonly random: () => number;
  readonly onDelivery: (delivery: Delivery) => void;
  /** Whose turn it is to send a message. */
  readonly turns: Turns;
  /** Told of what went wrong that is no receiver's doing. */
  readonly onError: (error: unknown) => void;
  /** Ends attempts that are under way; their claims are given back. */
  readonly signal: AbortSignal;
}

/**
 * Sends a receiver's messages that are due, one after another, until none is left, one fails, or a number is
 * reached: who does not answer is not asked for the next at once, and keeps nobody else waiting.
 * @returns how many were tried.
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
      await outbox.lapsed(message.id, { owner, reason: lapsed, now: options.now() });
      onDelivery(toldOf(message, 'lapsed', lapsed));
      return 'lapsed';
    }
  } catch (error) {
    if (options.signal.aborted || hasCode(error, 'store-unavailable')) {
      await outbox.release(message.id, owner);
      if (options.signal.aborted) return 'released';
      // It says nothing about the message or its receiver.
      throw error;
    }
    if (!(error instanceof DeliveryError)) options.onError(error);
    return failed(options, message, deliveryError(error));
  }
  // Where this fails it comes again under its id, once the lease is over.
  await outbox.delivered(message.id, options.now());
  onDelivery(toldOf(message, 'delivered', null));
  return 'delivered';
}

/** @returns null where it was sent, else why it is not any more. */
async function send(
  { findReceiver, delivery: { maxAttempts, timeoutMs }, now, signal: stopping }: DeliveryOptions,
  message: ClaimedMessage,
): Promise<string | null> {
  // It was claimed so often and nobody came back to say how it ended.
  if (message.attempt > maxAttempts) {
    throw new DeliveryError('the process ended in the middle of the last attempt', { isFinal: true });
  }
  const receiver = await findReceiver(message.receiver);
  if (receiver === null)
    throw new DeliveryError('the receiver is not configured any more', { isFinal: true });
  const signal = AbortSignal.any([stopping, AbortSignal.timeout(timeoutMs)]);
  return (await receiver.send(message, { now: now(), timeoutMs, signal })) ? null : receiver.lapsed;
}

/** What is wrong with our own work counts as an attempt as well: one message must not keep others waiting for ever. */
const deliveryError = (error: unknown): DeliveryError =>
  error instanceof DeliveryError ? error : new DeliveryError(`not sent: ${codeOf(error)}`);

async function failed(
  { outbox, owner, delivery, onDelivery, now: clock, random }: DeliveryOptions,
  message: ClaimedMessage,
  { isFinal, retryAfterMs, message: error }: DeliveryError,
): Promise<DeliveryOutcome> {
  const isDead = isFinal || message.attempt >= delivery.maxAttempts;
  const now = clock();
  const retryAt = isDead ? null : now + pauseAfter(message.attempt, delivery, random(), retryAfterMs);
  await outbox.failed(message.id, { owner, error, retryAt, now });
  const outcome = isDead ? 'dead' : 'failed';
  onDelivery(toldOf(message, outcome, error));
  return outcome;
}

const toldOf = (
  { id: message, receiver, channel, attempt }: ClaimedMessage,
  outcome: DeliveryOutcome,
  error: string | null,
): Delivery => ({ message, receiver, channel, attempt, outcome, error });
