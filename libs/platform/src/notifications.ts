import { readFile, stat } from 'node:fs/promises';
import type { Machine } from './steady-clock.ts';
import type { EventStore } from '#event-sourcing/event-store';
import type { Delivery, Receiver } from '#notifications/deliver-messages';
import { openOutbox } from '#notifications/outbox/outbox-database';
import type { OutboxDatabase } from '#notifications/outbox/outbox-database';
import { Outbox } from '#notifications/outbox/outbox';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { Notifier } from '#notifications/notifier';
import { ForeignOutboxError } from '#notifications/outbox-follower';
import { DELIVERY, NotificationsError, parseNotifications } from '#notifications/parse-notifications';
import type { Notifications } from '#notifications/parse-notifications';
import { followNotices } from '#notifications/people/follow-notices';
import type { PeopleSources } from '#notifications/people/follow-notices';
import { findPersonReceiver } from '#notifications/people/person-receiver';
import type { MailSources } from '#notifications/people/person-receiver';
import { followRecords } from '#notifications/webhooks/follow-records';
import { findWebhookReceiver } from '#notifications/webhooks/webhook-receiver';
import type { WebhookSources } from '#notifications/webhooks/webhook-receiver';
import { followDeadlines } from '#notifications/record-notices';
import type { SubscriptionSources } from '#notifications/subscription-receiver';
import { subscriptionReceiver } from '#notifications/subscription-receiver';
import { Bodies } from '#use-cases/bodies/bodies';
import { People } from '#use-cases/people/people';
import { presentRecord } from '#use-cases/records/present-record';
import { recipientNow } from '#use-cases/records/visible-record';
import { seeEvent } from '#use-cases/records/see-record';
import type { Accesses } from '#use-cases/audit-trail/record-access';
import type { Webhooks } from '#use-cases/webhooks/webhooks';
import { throttleErrors } from './throttle-repeats.ts';
import { SettingsError } from './settings.ts';
import type { Settings } from './settings.ts';
import { messageOf } from '#event-sourcing/errors';
import type { RecordReference } from '#lifecycle/kind';
import { rightsOfAudience } from '#state-machines/access';
import { lifecycles } from '#state-machines/lifecycles';

/** The notifier and its outbox. */
export interface Messaging {
  readonly notifier: Notifier;
  readonly database: OutboxDatabase;
  /** Whether the settings name a file that configures notifications about deadlines. */
  readonly notifiesOfDeadlines: boolean;
  /** The start of links to records; null if not configured. */
  readonly baseUrl: string | null;
}

interface NotificationOptions {
  readonly store: EventStore;
  readonly readModels: ReadModelDatabase;
  readonly machine: Machine;
  /** Reports whether the clock can be trusted, which notifications require. */
  readonly isTimeKnown: () => boolean;
  readonly webhooks: Webhooks;
  readonly secretOf: WebhookSources['secretOf'];
  /** Returns the key of unsubscribe links. */
  readonly unsubscribingKey: () => Promise<Uint8Array>;
  /** Records messages' accesses to a record's internal parts. */
  readonly accesses: Accesses;
  readonly onDelivery: (delivery: Delivery) => void;
  readonly onError: (error: unknown) => void;
}

export const levelOf = ({ outcome }: Pick<Delivery, 'outcome'>): 'info' | 'warn' =>
  outcome === 'delivered' || outcome === 'lapsed' ? 'info' : 'warn';

const FILE_BYTES_MAX = 1024 * 1024;

/**
 * Opens the notifier; null if another process sends messages. It sends nothing before it is started.
 * @throws SettingsError for a file that cannot be used, or an outbox of another log; OutboxUnusableError
 */
export async function openMessaging(
  { notifications: file, outbox: address, webhookNetworks: networks, publicUrl }: Settings,
  options: NotificationOptions,
): Promise<Messaging | null> {
  if (address === null) return null;
  const notifications = file === null ? null : await readNotifications(file);
  const database = await openOutbox(address);
  const outbox = new Outbox(database);
  const { store, readModels, machine, isTimeKnown, onDelivery } = options;
  const onError = throttleErrors(options.onError);
  const sources = { store, database: readModels, outbox, clock: machine.clock, isTimeKnown, onError };
  const bodies = new Bodies(store, machine.random);
  const sending = {
    readBodies: () => bodies.all(),
    presentRecord: (record: RecordReference) => presentRecord(store, lifecycles, record),
    networks,
    onError,
  };
  const baseUrl = publicUrl ?? notifications?.baseUrl ?? null;
  const hooked = webhookSources(options, { networks, baseUrl: baseUrl ?? '' });
  const people = notifications === null ? null : mailSources(options, notifications, baseUrl);
  const notifier = new Notifier({
    outbox,
    followers: [
      followRecords({
        ...sources,
        webhooks: () => options.webhooks.all(),
        bodyOf: (record) => recipientNow(store, readModels, record),
      }),
      ...(notifications === null ? [] : [followDeadlines({ ...sources, notifications })]),
      ...(people === null ? [] : [followNotices({ ...people, ...sources })]),
    ],
    findReceiver: (id) =>
      findWebhookReceiver(hooked, id) ??
      (people && findPersonReceiver(people, id)) ??
      (notifications && findSubscription({ ...sending, notifications }, id)),
    delivery: notifications?.delivery ?? DELIVERY,
    ...machine,
    isTimeKnown,
    onDelivery,
    onError,
  });
  try {
    await notifier.begin();
  } catch (error) {
    await database.close();
    if (error instanceof ForeignOutboxError) throw new SettingsError(error.message, { cause: error });
    throw error;
  }
  const notifiesOfDeadlines = notifications !== null;
  return { notifier, database, notifiesOfDeadlines, baseUrl };
}

/** Returns the sources of webhooks. Receivers may read what the API would return to their audience. */
const webhookSources = (
  { store, readModels, machine, webhooks, secretOf, accesses }: NotificationOptions,
  where: Pick<WebhookSources, 'networks' | 'baseUrl'>,
): WebhookSources => ({
  ...where,
  secretOf,
  findWebhook: (id) => webhooks.find(id),
  seeEvent({ id, audience }, record, eventId) {
    const reader = {
      subject: `docket:webhook:${id}`,
      correlationId: machine.random.uuid(),
      ...rightsOfAudience(audience),
    };
    return seeEvent({ store, readModels, accesses }, reader, record, eventId);
  },
});

/** Returns the sources of mail; null if the file names no mail server. */
function mailSources(
  { store, readModels, machine, unsubscribingKey }: NotificationOptions,
  { smtp, digestHour, titlesArePublic, baseUrl: ofFile }: Notifications,
  baseUrl: string | null,
): (MailSources & Pick<PeopleSources, 'digestHour'>) | null {
  if (smtp === null) return null;
  const people = new People(store, machine.random);
  return {
    ...{
      store,
      database: readModels,
      clock: machine.clock,
      smtp,
      titlesArePublic,
      digestHour,
      baseUrl: baseUrl ?? ofFile,
    },
    findPerson: (subject) => people.find(subject),
    key: unsubscribingKey,
  };
}

/** Returns the receiver of the file's subscription with an id; null if there is none. */
function findSubscription(
  sources: SubscriptionSources & { readonly notifications: Pick<Notifications, 'subscriptions'> },
  id: string,
): Receiver | null {
  const subscription = sources.notifications.subscriptions.find((each) => each.id === id);
  return subscription === undefined ? null : subscriptionReceiver(sources, subscription);
}

async function readNotifications(path: string): Promise<Notifications> {
  try {
    const { size } = await stat(path);
    if (size > FILE_BYTES_MAX) throw new NotificationsError(`is larger than ${FILE_BYTES_MAX} bytes`);
    return parseNotifications(await readFile(path, 'utf8'), process.env);
  } catch (error) {
    const reason = messageOf(error);
    const detail = error instanceof NotificationsError ? reason : `cannot be read: ${reason}`;
    throw new SettingsError(`DOCKET_NOTIFICATIONS: ${path}: ${detail}`, { cause: error });
  }
}
