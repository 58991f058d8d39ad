import { countMessages } from '#notifications/outbox/outbox-list';
import { listProcesses } from '#projections/heartbeats';
import type { Viewer } from '#state-machines/access';
import { RUNS_SERVICE } from '#state-machines/access';
import { requireRole } from '#use-cases/call-context';
import { healthOf } from './health.ts';
import type { Parts } from './parts.ts';

export type OperationsSeen = Awaited<ReturnType<typeof seeOperations>>;

/**
 * Returns the state of the service for an administrator: its health, its messages, and the versions that run.
 * @throws ProblemError `role-not-permitted`.
 */
export async function seeOperations(parts: Parts, viewer: Viewer, onFailure: Parameters<typeof healthOf>[1]) {
  requireRole(viewer, RUNS_SERVICE);
  const [{ checks, sweep }, messages, processes] = await Promise.all([
    healthOf(parts, onFailure),
    countMessages(parts.outbox),
    listProcesses(parts.readModels),
  ]);
  return { checks, sweep, messages, processes };
}
