import type { Envelope } from '#event-sourcing/envelope';
import { hasCode } from '#event-sourcing/errors';
import type { StoreDamagedError } from '#event-sourcing/errors';
import type { EventStore } from '#event-sourcing/event-store';
import { markStuck } from './apply-batch.ts';
import { projectionStatus } from './projection-status.ts';
import type { ProjectionStatus } from './projection-status.ts';
import type { Projection } from './projection.ts';
import type { ReadModelDatabase } from './read-model-database.ts';
import type { RunnerOptions } from './runner-tasks.ts';

/**
 * The projections that stand still before an event of the log which cannot be read, by name, each with the reason. The event is read
 * again: rows say what was so when they were written.
 * @param unreadable why an event that the store gives cannot be read by projections; null where it can.
 */
export async function standingStill(
  store: Pick<EventStore, 'readAll'>,
  database: ReadModelDatabase,
  unreadable: (event: Envelope) => Error | null,
): Promise<Map<string, Error>> {
  const still = new Map<string, Error>();
  const reasons = new Map<string, Error | null>();
  for (const status of await projectionStatus(database)) {
    if (status.state !== 'stuck') continue;
    const after = standsAfter(status);
    let reason = reasons.get(after);
    if (reason === undefined) {
      reason = await reasonAfter(store, after, unreadable);
      reasons.set(after, reason);
    }
    if (reason !== null) still.set(status.name, reason);
  }
  return still;
}

/** Where rows of a newer version are built, it is they that get no farther. */
const standsAfter = ({ version, position, rebuild }: ProjectionStatus): string =>
  rebuild !== undefined && rebuild.version > version ? rebuild.position : position;

async function reasonAfter(
  store: Pick<EventStore, 'readAll'>,
  after: string,
  unreadable: (event: Envelope) => Error | null,
): Promise<Error | null> {
  try {
    const [event] = await store.readAll({ after, limit: 1 });
    return event === undefined ? null : unreadable(event);
  } catch (error) {
    // What else goes wrong may pass.
    return hasCode(error, 'store-damaged') ? (error as StoreDamagedError) : null;
  }
}

/**
 * Says in the database that a projection stands before an event which the store cannot read; what else went wrong may pass.
 * @param onError is told where that cannot be said.
 */
export async function standBeforeDamage(
  database: ReadModelDatabase,
  projection: Projection,
  after: string,
  error: unknown,
  onError: RunnerOptions['onError'],
): Promise<void> {
  if (!hasCode(error, 'store-damaged')) return;
  const { place } = error as StoreDamagedError;
  try {
    await markStuck(database, projection, after, { position: place.position ?? after, error });
  } catch (trouble) {
    onError?.(trouble, projection.name);
  }
}
