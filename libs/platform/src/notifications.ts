import { readFile, stat } from 'node:fs/promises';
import type { Machine } from './steady-clock.ts';
import type { EventStore } from '#event-sourcing/event-store';
import { openOutbox } from '#notifications/outbox/outbox-database';
import type { OutboxDatabase } from '#notifications/outbox/outbox-database';
import { Outbox } from '#notifications/outbox/outbox';
import type { ReadModelDatabase } from '#projections/read-model-database';
import type { Delivery } from '#notifications/deliver-messages';
import { Notifier } from '#notifications/notifier';
import { NotificationsError, parseNotifications } from '#notifications/parse-notifications';
import type { Notifications } from '#notifications/parse-notifications';
import { ForeignOutboxError } from '#notifications/record-notices';
import { presentRecord } from '#use-cases/records/present-record';
import { seldomErrors } from './seldom.ts';
import { SettingsError } from './settings.ts';
import type { Settings } from './settings.ts';
import { messageOf } from '#event-sourcing/errors';
import { lifecycles } from '#state-machines/lifecycles';

/** What tells people of deadlines, and where it keeps what is to be told. */
export interface Telling {
  readonly notifier: Notifier;
  readonly database: OutboxDatabase;
  /** What links to records begin with. */
  readonly baseUrl: string;
}

interface TellingOptions {
  readonly store: EventStore;
  readonly readModels: ReadModelDatabase;
  readonly machine: Machine;
  /** Whether the time is known, so that people can be told by it. */
  readonly isTimeKnown: () => boolean;
  readonly onDelivery: (delivery: Delivery) => void;
  readonly onError: (error: unknown) => void;
}

/** How the log tells of a delivery. */
export const levelOf = ({ outcome }: Pick<Delivery, 'outcome'>): 'info' | 'warn' =>
  outcome === 'delivered' || outcome === 'lapsed' ? 'info' : 'warn';

const FILE_BYTES_MAX = 1024 * 1024;

/**
 * Opens what tells people of deadlines; null where no file names them, or another process does. It begins to tell when
 * its notifier is started.
 * @throws SettingsError for a file that cannot be used, or an outbox of another log; OutboxUnusableError.
 */
export async function openTelling(
  { notifications: file, outbox: address, webhookNetworks }: Settings,
  { store, readModels, machine, isTimeKnown, onDelivery, onError }: TellingOptions,
): Promise<Telling | null> {
  if (file === null || address === null) return null;
  const notifications = await readNotifications(file);
  const database = await openOutbox(address);
  const outbox = new Outbox(database);
  const notifier = new Notifier({
    store,
    database: readModels,
    outbox,
    notifications,
    networks: webhookNetworks,
    presentRecord: (record) => presentRecord(store, lifecycles, record),
    ...machine,
    isTimeKnown,
    onDelivery,
    onError: seldomErrors(onError),
  });
  try {
    await notifier.begin();
  } catch (error) {
    await database.close();
    if (error instanceof ForeignOutboxError) throw new SettingsError(error.message, { cause: error });
    throw error;
  }
  return { notifier, database, baseUrl: notifications.baseUrl };
}

async function readNotifications(path: string): Promise<Notifications> {
  try {
    const { size } = await stat(path);
    if (size > FILE_BYTES_MAX) throw new NotificationsError(`is larger than ${FILE_BYTES_MAX} bytes`);
    return parseNotifications(await readFile(path, 'utf8'), process.env);
  } catch (error) {
    const reason = messageOf(error);
    const told = error instanceof NotificationsError ? reason : `cannot be read: ${reason}`;
    throw new SettingsError(`DOCKET_NOTIFICATIONS: ${path}: ${told}`, { cause: error });
  }
}
