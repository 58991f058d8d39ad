import { DeliveryError } from './delivery-error.ts';
import type { Body } from '#state-machines/body-events';
import type { Receiver } from './deliver-messages.ts';
import { sendEmail } from './email.ts';
import { messageText } from './message-text.ts';
import type { NoticeSubscription } from './notices.ts';
import type { Notifications } from './parse-notifications.ts';
import { presentNotices } from './present-notices.ts';
import type { ReadPresentRecord } from './present-notices.ts';
import type { ReceiverNetworks } from './receiver-networks.ts';
import { sendWebhook, webhookBody } from './webhook.ts';

export interface SubscriptionSources {
  readonly presentRecord: ReadPresentRecord;
  /** Returns the named bodies by slug. */
  readonly readBodies: () => Promise<ReadonlyMap<string, Body>>;
  readonly notifications: Pick<Notifications, 'baseUrl' | 'smtp'>;
  /** The addresses that webhooks may be sent to. */
  readonly networks: ReceiverNetworks;
  /** Called with the error for each notice that is omitted because its record cannot be read. */
  readonly onError: (error: unknown) => void;
}

/** Returns the receiver of a subscription in the file. It sends notices that are still current, with present facts. */
export const subscriptionReceiver = (
  { presentRecord, readBodies, notifications: { baseUrl, smtp }, networks, onError }: SubscriptionSources,
  subscription: NoticeSubscription,
): Receiver => ({
  lapsed: 'no longer sent: the record has a different recipient, or the deadline was moved, withdrawn or met',
  async send({ id, digestOn, createdAt, notices }, { now, timeoutMs, signal }) {
    const present = await presentNotices({ presentRecord, onError, baseUrl }, subscription, notices);
    if (present.length === 0) return false;
    const { target } = subscription;
    if (target.channel === 'webhook') {
      const body = webhookBody({ digestOn, createdAt, notices: present });
      await sendWebhook(target, { id, body }, { networks, now, signal });
      return true;
    }
    if (smtp === null) throw new DeliveryError('no mail server is configured');
    const text = messageText(present, {
      subscription: subscription.id,
      digestOn,
      bodies: await readBodies(),
    });
    await sendEmail(smtp, { id, to: target.address, ...text }, { timeoutMs, signal });
    return true;
  },
});
