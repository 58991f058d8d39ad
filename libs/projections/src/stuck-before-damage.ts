import type { Envelope } from '#event-sourcing/envelope';
import { hasCode } from '#event-sourcing/errors';
import type { StoreDamagedError } from '#event-sourcing/errors';
import type { EventStore } from '#event-sourcing/event-store';
import { readModelsStatus } from './read-models-status.ts';
import type { ReadModelDatabase } from './read-model-database.ts';

/**
 * Returns why the read models are stuck before an unreadable event; null if they are not. Reads the event again, because
 * the stored state may be out of date.
 * @param unreadable returns why projections cannot read an event that the store returns; null if they can.
 */
export async function stuckBefore(
  store: Pick<EventStore, 'readAll'>,
  database: ReadModelDatabase,
  unreadable: (event: Envelope) => Error | null,
): Promise<Error | null> {
  const { state, position } = await readModelsStatus(database);
  if (state !== 'stuck') return null;
  try {
    const [event] = await store.readAll({ after: position, limit: 1 });
    return event === undefined ? null : unreadable(event);
  } catch (error) {
    // Other errors may be temporary.
    return hasCode(error, 'store-damaged') ? (error as StoreDamagedError) : null;
  }
}
