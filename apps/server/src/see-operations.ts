import { countMessages } from '#notifications/outbox/outbox-list';
import type { Places } from '#platform/places';
import { instant } from '#event-sourcing/clock';
import { sweepStatus } from '#platform/sweep';
import { listProcesses } from '#projections/heartbeats';
import { readTree } from '#read-models/tree/tree-query';
import type { Viewer } from '#state-machines/access';
import { RUNS_SERVICE } from '#state-machines/access';
import { actorOf, requireRole } from '#use-cases/call-context';
import type { CallContext } from '#use-cases/call-context';
import { ProblemError } from '#use-cases/problems';
import type { OperationsParts } from './parts.ts';

export type OperationsSeen = Awaited<ReturnType<typeof seeOperations>>;

/**
 * Returns the state of the service for an administrator.
 * @throws ProblemError `role-not-permitted`.
 */
export async function seeOperations(parts: OperationsParts, viewer: Viewer) {
  requireRole(viewer, RUNS_SERVICE);
  const { store, readModels, places, storeKind, sweeps, clock } = parts;
  const [kept, position, sweep, messages, checkpoints, processes] = await Promise.all([
    places(),
    store.lastPosition(),
    sweepStatus(readModels, sweeps?.nextRun ?? null, clock.now()),
    messagesIn(parts),
    checkpointsOf(parts),
    listProcesses(readModels),
  ]);
  return {
    store: { kind: storeKind, ...placeOf(kept.store), position },
    readModels: placeOf(kept.readModels),
    outbox: kept.outbox === null || messages === null ? null : { ...placeOf(kept.outbox), ...messages },
    sweep: sweepOf(sweep),
    checkpoints,
    clock: { now: instant(clock.now()), jump: clock.jump },
    processes,
    errors: parts.errors.all,
  };
}

/**
 * Starts a sweep in this process.
 * @throws ProblemError `role-not-permitted`; `not-found` if this process does not sweep.
 */
export function startSweep({ sweeps }: Pick<OperationsParts, 'sweeps'>, viewer: Viewer): void {
  requireRole(viewer, RUNS_SERVICE);
  if (sweeps === null)
    throw new ProblemError(
      'not-found',
      'This process does not sweep because DOCKET_SWEEP is off. Send the request to a process that does',
    );
  sweeps.sweepNow();
}

/**
 * Trusts the clock again, records who confirmed it, and starts a sweep for the time since.
 * @returns false if the clock was trusted already; nothing is recorded then.
 * @throws ProblemError `role-not-permitted`.
 */
export async function confirmClock(
  { clock, sweeps }: Pick<OperationsParts, 'clock' | 'sweeps'>,
  { viewer, correlationId }: Pick<CallContext, 'viewer' | 'correlationId'>,
): Promise<boolean> {
  requireRole(viewer, RUNS_SERVICE);
  if ((await clock.jumpNow()) === null) return false;
  await clock.confirm({ actor: actorOf(viewer), correlationId });
  sweeps?.sweepNow();
  return true;
}

const placeOf = ({ address, bytes }: Places['store']) => ({ address, bytes });

const messagesIn = async ({ outbox }: OperationsParts) => (outbox === null ? null : countMessages(outbox));

/** The cause stays in the log, because it may quote a record. */
function sweepOf({ last, nextRun, lagDays }: Awaited<ReturnType<typeof sweepStatus>>) {
  if (last === null) return { last, nextRun, lagDays };
  const { error, ...run } = last;
  return { last: { ...run, failed: error !== null }, nextRun, lagDays };
}

async function checkpointsOf({ readModels, signing }: OperationsParts) {
  const signed = await readTree(readModels, (tree) => tree.checkpoint());
  const { last, refusal } = signing;
  const lookedAt = last === null ? null : new Date(last.at).toISOString();
  return { size: signed === null ? null : String(signed.size), lookedAt, refusal };
}
