import type { Envelope } from '#event-sourcing/envelope';
import { hasCode, UnknownShapeError } from '#event-sourcing/errors';
import type { StoreDamagedError } from '#event-sourcing/errors';
import type { EventStore } from '#event-sourcing/event-store';
import { refuseUnknownForm } from '#event-sourcing/forms';
import { UnknownLifecycleError } from '#lifecycle/lifecycles';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { ProjectionError } from '#projections/fold-batch';
import { readModelsStatus } from '#projections/read-models-status';
import { asTrailEvent, isTrailStream } from '#state-machines/audit-trail-events';
import { lifecycles } from '#state-machines/lifecycles';
import { asPersonEvent, personOfStream } from '#state-machines/person-events';
import { kinds } from '#state-machines/record-streams';

/**
 * Returns the reason for which this program cannot read an event: it is damaged, or its form, lifecycle or
 * shape is unknown. A retry does not help. Returns null for any other error.
 */
export function unreadableEvent(error: unknown): Error | null {
  const reason = error instanceof ProjectionError ? error.cause : error;
  const isUnread =
    reason instanceof UnknownLifecycleError ||
    reason instanceof UnknownShapeError ||
    hasCode(reason, 'store-damaged');
  return isUnread ? (reason as Error) : null;
}

/**
 * Returns why the read models stopped before an unreadable event; null if they did not. Reads the event again, because
 * the stored state may be out of date.
 */
export async function unreadableNext(
  store: Pick<EventStore, 'readAll'>,
  database: ReadModelDatabase,
): Promise<Error | null> {
  const { state, position } = await readModelsStatus(database);
  if (state !== 'stuck') return null;
  try {
    const [event] = await store.readAll({ after: position, limit: 1 });
    return event === undefined ? null : notKnownHere(event);
  } catch (error) {
    // Other errors may be temporary.
    return hasCode(error, 'store-damaged') ? (error as StoreDamagedError) : null;
  }
}

function notKnownHere(event: Envelope): Error | null {
  const { streamId } = event;
  // Only records have a lifecycle, including records of a kind unknown to this build.
  const isRecords = kinds.ofStream(streamId) !== null || event.lifecycle !== null;
  try {
    refuseUnknownForm(event);
    if (isRecords) lifecycles.read(event);
    else if (personOfStream(streamId) !== null) asPersonEvent(event);
    else if (isTrailStream(streamId)) asTrailEvent(event);
    return null;
  } catch (error) {
    if (error instanceof UnknownLifecycleError || error instanceof UnknownShapeError) return error;
    throw error;
  }
}
