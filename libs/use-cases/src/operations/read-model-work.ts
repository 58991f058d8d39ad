import { projectionStatus, requestRebuild } from '#projections/projection-status';
import type { ProjectionStatus } from '#projections/projection-status';
import type { Viewer } from '#state-machines/access';
import { RUNS_SERVICE } from '#state-machines/access';
import { requireRole } from '../call-context.ts';
import { ProblemError } from '../problems.ts';
import type { RecordsAccess } from '../records/records-access.ts';

/** Returns each projection's progress and state. @throws ProblemError `role-not-permitted`. */
export async function seeProjections(
  { store, readModels }: Pick<RecordsAccess, 'store' | 'readModels'>,
  viewer: Viewer,
): Promise<ProjectionStatus[]> {
  requireRole(viewer, RUNS_SERVICE);
  return projectionStatus(readModels, await store.lastPosition());
}

/**
 * Requests a rebuild of a projection beside the live one; the process that runs the projections carries it out.
 * @throws ProblemError `role-not-permitted`; `not-found` for an unknown projection.
 */
export async function startRebuild(
  { readModels }: Pick<RecordsAccess, 'readModels'>,
  viewer: Viewer,
  name: string,
): Promise<void> {
  requireRole(viewer, RUNS_SERVICE);
  if (await requestRebuild(readModels, name)) return;
  throw new ProblemError('not-found', 'There is no such projection; GET /api/projections lists them');
}
