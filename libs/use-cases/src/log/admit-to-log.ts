import type { EventStore } from '#event-sourcing/event-store';
import type { Viewer } from '#state-machines/access';
import { READS_LOG } from '#state-machines/access';
import { invalidParameter } from '../problems.ts';
import { requireRole } from '../call-context.ts';
import type { Reader } from '../call-context.ts';
import type { Accesses } from '../audit-trail/record-access.ts';

/** Throws unless the viewer may read the log. @throws ProblemError `role-not-permitted` */
export const requireLogReader = (viewer: Viewer): void => {
  requireRole(viewer, READS_LOG);
};

/**
 * Permits a viewer to read the whole log from a position, in pages or as a live stream, and first records the access.
 * @param from the position, and the name of the parameter or header that contains it.
 * @throws ProblemError `role-not-permitted`; `invalid-parameter` for a position beyond the log's end; StoreUnavailableError if the access
 * cannot be recorded.
 */
export async function admitToLog(
  {
    store,
    accesses,
  }: { readonly store: Pick<EventStore, 'lastPosition'>; readonly accesses: Pick<Accesses, 'log'> },
  viewer: Reader,
  { name, position }: { readonly name: string; readonly position: string },
): Promise<void> {
  requireLogReader(viewer);
  if (BigInt(position) <= BigInt(await store.lastPosition())) {
    await accesses.log(viewer);
    return;
  }
  // The position is from another log, or from before a restore: the client would never receive an event.
  throw invalidParameter(name, 'is beyond the end of the log');
}
