import { messageOf } from '#event-sourcing/errors';
import type { EventStore } from '#event-sourcing/event-store';
import { openStore } from '#platform/open-store';
import { parseReadModels } from '#platform/settings';
import type { StoreAddress } from '#platform/stores';
import type { Terminal } from './terminal.ts';
import { withReadModels } from './with-read-models.ts';

const READ_MODEL_FAILURES: readonly unknown[] = [
  'read-models-unusable',
  'read-models-unavailable',
  'read-models-damaged',
];

/** Reports whether an error means that the read models cannot be reached. */
export const isReadModelFailure = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && READ_MODEL_FAILURES.includes(error.code);

/**
 * Refuses to append to a log, or disclose its texts, if read models have seen events that it lacks: it lost them, or it is a different log, and
 * texts may have been redacted since. Missing or unreachable read models do not block actions that do not need them.
 * @param readModelsAt the location of the read models; by default beside the store.
 * @param store the store at the address, if already open.
 * @throws ReadModelsAheadError
 */
export async function refuseOtherLog(
  terminal: Terminal,
  address: StoreAddress,
  readModelsAt: string | undefined,
  store?: EventStore,
): Promise<void> {
  const readModels = parseReadModels(readModelsAt, address);
  const withLog = <Read>(action: (log: EventStore) => Promise<Read>) =>
    store === undefined ? withLogAt(address, action) : action(store);
  try {
    await withReadModels(readModels, withLog, ({ ahead }) =>
      ahead === null ? Promise.resolve() : Promise.reject(ahead),
    );
  } catch (error) {
    if (!isReadModelFailure(error)) throw error;
    terminal.warn(`Could not check whether the read models follow this log: ${messageOf(error)}`);
  }
}

async function withLogAt<Read>(
  address: StoreAddress,
  action: (log: EventStore) => Promise<Read>,
): Promise<Read> {
  const log = await openStore(address, { create: false, readOnly: true });
  try {
    return await action(log);
  } finally {
    await log.close();
  }
}
