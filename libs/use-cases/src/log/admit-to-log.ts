import type { EventStore } from '#event-sourcing/event-store';
import type { Viewer } from '#state-machines/access';
import { READS_LOG } from '#state-machines/access';
import { invalidParameter } from '../problems.ts';
import { requireRole } from '../asked.ts';
import type { Reader } from '../asked.ts';
import type { Accesses } from '../audit-trail/record-access.ts';

/** @throws ProblemError `role-not-permitted` where a viewer may not read the log, wherever it begins. */
export const requireLogReader = (viewer: Viewer): void => {
  requireRole(viewer, READS_LOG);
};

/**
 * Lets a viewer read the whole log from a position on, page by page or as it grows; that they do is on record by then.
 * @param from the position, and the name under which it was given.
 * @throws ProblemError `role-not-permitted`; `invalid-parameter` for a position beyond the log's end; StoreUnavailableError where it cannot be recorded.
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
  // It is kept from another log, or from before a restore: nothing would ever come after it.
  throw invalidParameter(name, 'lies beyond the end of the log');
}
