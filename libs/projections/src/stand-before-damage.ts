import { hasCode } from '#event-sourcing/errors';
import type { StoreDamagedError } from '#event-sourcing/errors';
import type { EventStore } from '#event-sourcing/event-store';
import { markStuck } from './generations.ts';
import { projectionStatus } from './projection-status.ts';
import type { Projection } from './projection.ts';
import type { ReadModelDatabase } from './read-model-database.ts';

/** Why projections stand still before an event of the log that cannot be read; null where none does. */
export async function damageAhead(
  store: Pick<EventStore, 'readAll'>,
  database: ReadModelDatabase,
  names?: readonly string[],
): Promise<StoreDamagedError | null> {
  const all = await projectionStatus(database);
  const stuck = all.filter(({ name, state }) => state === 'stuck' && (names?.includes(name) ?? true));
  for (const position of new Set(stuck.map((one) => one.position))) {
    try {
      await store.readAll({ after: position, limit: 1 });
    } catch (error) {
      if (hasCode(error, 'store-damaged')) return error as StoreDamagedError;
    }
  }
  return null;
}

/** Says in the database that a projection stands before an event which cannot be read; what else went wrong may pass. */
export async function standBeforeDamage(
  database: ReadModelDatabase,
  projection: Projection,
  after: string,
  error: unknown,
): Promise<void> {
  if (!hasCode(error, 'store-damaged')) return;
  const { place } = error as StoreDamagedError;
  await markStuck(database, projection, after, { position: place.position ?? after, error });
}
