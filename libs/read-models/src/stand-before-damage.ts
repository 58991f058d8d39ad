import { hasCode } from '#event-sourcing/errors';
import type { StoreDamagedError } from '#event-sourcing/errors';
import { markStuck } from './generations.ts';
import type { Projection } from './projection.ts';
import type { ReadModelDatabase } from './read-model-database.ts';

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
