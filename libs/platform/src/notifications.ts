import type { Machine } from './steady-clock.ts';
import type { EventStore } from '#event-sourcing/event-store';
import type { Delivery } from '#notifications/deliver-messages';
import { openOutbox } from '#notifications/outbox/outbox-database';
import type { OutboxDatabase } from '#notifications/outbox/outbox-database';
import { Outbox } from '#notifications/outbox/outbox';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { Notifier } from '#notifications/notifier';
import { ForeignOutboxError } from '#notifications/outbox-follower';
import { followNotices } from '#notifications/people/follow-notices';
import { findPersonReceiver } from '#notifications/people/person-receiver';
import type { MailSources } from '#notifications/people/person-receiver';
import { followRecords } from '#notifications/webhooks/follow-records';
import { findWebhookReceiver } from '#notifications/webhooks/webhook-receiver';
import type { WebhookSources } from '#notifications/webhooks/webhook-receiver';
import { People } from '#use-cases/people/people';
import { recipientNow } from '#use-cases/records/visible-record';
import { seeEvent } from '#use-cases/records/see-record';
import type { Accesses } from '#use-cases/audit-trail/record-access';
import type { Webhooks } from '#use-cases/webhooks/webhooks';
import { throttleErrors } from './throttle-repeats.ts';
import { SettingsError } from './settings.ts';
import type { Settings } from './settings.ts';
import { rightsOfAudience } from '#state-machines/access';

/** The notifier and its outbox. */
export interface Messaging {
  readonly notifier: Notifier;
  readonly database: OutboxDatabase;
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

/**
 * Opens the notifier. It sends nothing before it is started.
 * @throws SettingsError for an outbox of another log; OutboxUnusableError
 */
export async function openMessaging(
  { outbox: address, smtp, webhookNetworks: networks, publicUrl }: Settings,
  options: NotificationOptions,
): Promise<Messaging> {
  const database = await openOutbox(address);
  const outbox = new Outbox(database);
  const { store, readModels, machine, isTimeKnown, onDelivery } = options;
  const onError = throttleErrors(options.onError);
  const baseUrl = publicUrl ?? '';
  const sources = { store, database: readModels, outbox, clock: machine.clock, onError };
  const hooked = webhookSources(options, { networks, baseUrl });
  const people = smtp && mailSources(options, { smtp, baseUrl });
  const notifier = new Notifier({
    outbox,
    followers: [
      followRecords({
        ...sources,
        webhooks: () => options.webhooks.all(),
        bodyOf: (record) => recipientNow(store, readModels, record),
      }),
      ...(people === null ? [] : [followNotices({ ...people, ...sources })]),
    ],
    findReceiver: (id) => findWebhookReceiver(hooked, id) ?? (people && findPersonReceiver(people, id)),
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
  return { notifier, database };
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

function mailSources(
  { store, readModels, machine, unsubscribingKey }: NotificationOptions,
  mail: Pick<MailSources, 'smtp' | 'baseUrl'>,
): MailSources {
  const people = new People(store, machine.random);
  return {
    ...mail,
    store,
    database: readModels,
    clock: machine.clock,
    findPerson: (subject) => people.find(subject),
    key: unsubscribingKey,
  };
}
