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
 * Returns the projections that are stuck before an unreadable event, by name, with the reason. Reads the event again,
 * because the stored state may be out of date.
 * @param unreadable returns why projections cannot read an event that the store returns; null if they can.
 */
export async function stuckProjections(
  store: Pick<EventStore, 'readAll'>,
  database: ReadModelDatabase,
  unreadable: (event: Envelope) => Error | null,
): Promise<Map<string, Error>> {
  const still = new Map<string, Error>();
  const reasons = new Map<string, Error | null>();
  for (const status of await projectionStatus(database)) {
    if (status.state !== 'stuck') continue;
    const after = stuckAfter(status);
    let reason = reasons.get(after);
    if (reason === undefined) {
      reason = await reasonAfter(store, after, unreadable);
      reasons.set(after, reason);
    }
    if (reason !== null) still.set(status.name, reason);
  }
  return still;
}

/** Returns the position after which a projection is stuck. If rows of a newer version are being built, it is theirs. */
const stuckAfter = ({ version, position, rebuild }: ProjectionStatus): string =>
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
    // Other errors may be temporary.
    return hasCode(error, 'store-damaged') ? (error as StoreDamagedError) : null;
  }
}

/**
 * Marks a projection as stuck in the database if the store cannot read the next event; other errors may be temporary.
 * @param onError is called if that cannot be recorded.
 */
export async function markStuckBeforeDamage(
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
