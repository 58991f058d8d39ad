import { systemClock } from '#event-sourcing/clock';
import type { EventStore } from '#event-sourcing/event-store';
import { readModelsStatus } from '#projections/read-models-status';
import type { ReadModelsStatus } from '#projections/read-models-status';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { ProjectionRunner } from '#projections/runner';
import type { Projector } from './projector.ts';
import { unreadableEvent, unreadableNext } from './unreadable-events.ts';

/** The read models, whose index of deadlines a sweep needs, and the projector that folds them. */
export interface DeadlineIndex {
  readonly store: EventStore;
  readonly database: ReadModelDatabase;
  /** This process's projector; null if there is none, so that the sweep folds them itself. */
  readonly projector: Pick<Projector, 'whenHandled' | 'trouble'> | null;
  /** How long the projector may make no progress before the wait ends. By default, a minute. */
  readonly patienceMs?: number;
}

/** The projector has not folded the index of deadlines far enough for a sweep and makes no progress. */
class ProjectorBehindError extends Error {
  readonly code = 'projector-behind';
  override readonly name = 'ProjectorBehindError';

  constructor(end: string, position: string, why: string) {
    super(
      `the read models are at position ${position} and must reach ${end}; the projector has made no progress${why}. ` +
        'Nothing was swept: due deadlines stay due, and the next sweep records them',
    );
  }
}

const PATIENCE_MS = 60_000;
/** How often to check the projector's progress. */
const LOOK_MS = 1_000;

/**
 * Waits until the index of deadlines is at the current end of the log, or folds it if there is no projector.
 * @returns why the index stopped before an unreadable event; null if it is complete, or the signal aborted the wait
 * @throws ProjectorBehindError; without a projector, errors of the projection
 */
export async function bringToEnd(index: DeadlineIndex, signal?: AbortSignal): Promise<Error | null> {
  try {
    await (index.projector === null ? fold(index) : waitFor(index, index.projector, signal));
    return null;
  } catch (error) {
    const unreadable = unreadableEvent(error);
    if (unreadable === null) throw error;
    return unreadable;
  }
}

const fold = ({ store, database }: DeadlineIndex): Promise<void> =>
  new ProjectionRunner({ store, database }).catchUp();

async function waitFor(
  { store, database, patienceMs = PATIENCE_MS }: DeadlineIndex,
  projector: Pick<Projector, 'whenHandled' | 'trouble'>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const end = await store.lastPosition();
  const lookMs = Math.min(LOOK_MS, patienceMs);
  let seen: string | null = null;
  let since = systemClock.elapsed();
  while (!signal?.aborted) {
    if (await projector.whenHandled(end, lookMs)) return;
    const status = await readModelsStatus(database);
    const unreadable = await unreadableNext(store, database);
    if (unreadable !== null) throw unreadable;
    const now = status.position;
    const waitedMs = systemClock.elapsed() - since;
    if (now !== seen) {
      seen = now;
      since = systemClock.elapsed();
    } else if (waitedMs >= patienceMs) {
      throw new ProjectorBehindError(end, status.position, whyOf(waitedMs, status, projector.trouble));
    }
  }
}

function whyOf(waitedMs: number, status: ReadModelsStatus, trouble: string | null): string {
  const why = trouble ?? status.error?.detail;
  return ` for ${Math.round(waitedMs / 1_000)} s${why === undefined ? '' : ` (${why})`}`;
}
