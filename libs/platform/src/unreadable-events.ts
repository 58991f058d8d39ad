import type { Envelope } from '#event-sourcing/envelope';
import { hasCode } from '#event-sourcing/errors';
import type { EventStore } from '#event-sourcing/event-store';
import { UnknownLifecycleError } from '#lifecycle/lifecycles';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { RebuildFailedError } from '#projections/rebuild';
import { standingStill } from '#projections/stand-before-damage';
import { lifecycles } from '#state-machines/lifecycles';
import { recordIdOf } from '#state-machines/record-streams';

/**
 * That an event of the log cannot be read by this program: it is damaged, or of a lifecycle that is not known here. Waiting and trying
 * again do not help. Null where an error tells of anything else.
 */
export function unreadableEvent(error: unknown): Error | null {
  const reason = error instanceof RebuildFailedError ? error.cause : error;
  return reason instanceof UnknownLifecycleError || hasCode(reason, 'store-damaged')
    ? (reason as Error)
    : null;
}

/** The projections that stand still before such an event, by name, each with the reason. */
export const stoppedProjections = (
  store: Pick<EventStore, 'readAll'>,
  database: ReadModelDatabase,
): Promise<Map<string, Error>> => standingStill(store, database, ofUnknownLifecycle);

/** Of other streams than records' no read model asks for the lifecycle. */
function ofUnknownLifecycle(event: Envelope): Error | null {
  if (recordIdOf(event.streamId) === null || lifecycles.find(event.lifecycle) !== null) return null;
  return new UnknownLifecycleError(lifecycles.notKnown(event));
}
