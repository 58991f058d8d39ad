import { systemClock } from '#event-sourcing/clock';
import type { EventStore } from '#event-sourcing/event-store';
import { registerProjection } from '#read-models/register/register-projection';
import { projectionStatus } from '#projections/projection-status';
import type { ProjectionStatus } from '#projections/projection-status';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { pause } from '#projections/following/back-off';
import { ProjectionRunner } from '#projections/runner';
import type { Projector } from './projector.ts';
import { stoppedProjections, unreadableEvent } from './unreadable-events.ts';

/** The index of deadlines, and the projector that folds it. */
export interface DeadlineIndex {
  readonly store: EventStore;
  readonly database: ReadModelDatabase;
  /** This process's projector; null if there is none, so that the sweep folds the index itself. */
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
      `the index of deadlines is at position ${position} and must reach ${end}; the projector has made no progress${why}. ` +
        'Nothing was swept: due deadlines stay due, and the next sweep records them',
    );
  }
}

const { name: INDEX, version: VERSION } = registerProjection;
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
  new ProjectionRunner({ store, database, projections: [registerProjection] }).catchUp();

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
    const isThere = await projector.whenHandled(end, lookMs, [INDEX]);
    const status = (await projectionStatus(database)).find(({ name }) => name === INDEX);
    // Rows of an older version lack data and are replaced.
    if (isThere && (status?.version ?? 0) >= VERSION) return;
    const unreadable = (await stoppedProjections(store, database)).get(INDEX);
    if (unreadable !== undefined) throw unreadable;
    const now = JSON.stringify([status?.version, status?.position, status?.rebuild]);
    const waitedMs = systemClock.elapsed() - since;
    if (now !== seen) {
      seen = now;
      since = systemClock.elapsed();
    } else if (waitedMs >= patienceMs) {
      throw new ProjectorBehindError(
        end,
        status?.position ?? '0',
        whyOf(waitedMs, status, projector.trouble),
      );
    }
    // The rows may have been complete, so that the wait returned at once.
    if (isThere) await pause(lookMs, signal);
  }
}

function whyOf(waitedMs: number, status: ProjectionStatus | undefined, trouble: string | null): string {
  const why = trouble ?? status?.error?.detail;
  return ` for ${Math.round(waitedMs / 1_000)} s${why === undefined ? '' : ` (${why})`}`;
}
