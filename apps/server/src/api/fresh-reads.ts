import type { FastifyRequest } from 'fastify';
import { systemClock } from '#event-sourcing/clock';
import { ProblemError } from '#use-cases/problems';
import type { RecordsAccess } from '#use-cases/records/records-access';
import { visibleState } from '#use-cases/records/visible-record';
import { identityOf } from './authentication.ts';
import { positionOf } from './query-parameters.ts';
import type { RecordReference } from '#lifecycle/kind';

/** How long a read waits for the position that it names. */
const WAIT_MS_MAX = 2_000;
const POLL_MS = 10;

// Whatever a read is refused with that no position changes is told at once. So it is waited for last: by a list where it first
// reads the read models, which is behind the caller's role, their parameters and the bodies that they name; by a read of the
// log once those have been looked at, and the record that it is of.

/** Waits until the read models that are named, or all, have reached a request's `minPosition`. */
export async function whenFolded(
  request: FastifyRequest,
  { projections }: Pick<RecordsAccess, 'projections'>,
  names?: readonly string[],
): Promise<void> {
  const position = minPositionOf(request);
  if (position !== null && !(await projections.whenHandled(position, WAIT_MS_MAX, names)))
    throw behind(position);
}

/**
 * The same access for one request: each read waits until the read models that it reads have reached the request's `minPosition`, and
 * not for others, which may be behind.
 */
export function withFolded<Access extends Pick<RecordsAccess, 'readModels' | 'projections'>>(
  request: FastifyRequest,
  access: Access,
): Access {
  if (minPositionOf(request) === null) return access;
  const { readModels } = access;
  const folded = new Map<string, Promise<void>>();
  const whenFresh = (names: readonly string[]): Promise<void> => {
    const key = names.join();
    const waiting = folded.get(key) ?? whenFolded(request, access, names);
    folded.set(key, waiting);
    return waiting;
  };
  return { ...access, readModels: { ...readModels, whenFresh } };
}

/**
 * Waits until the log has reached a request's `minPosition`.
 * @param refuseFirst throws what is refused before anybody waits; where nobody has to, it is not asked.
 * @throws ProblemError 503 when it has not in time.
 */
export async function whenLogged(
  request: FastifyRequest,
  { store }: Pick<RecordsAccess, 'store'>,
  refuseFirst: () => unknown,
): Promise<void> {
  const position = minPositionOf(request);
  if (position === null) return;
  const isReached = async () => BigInt(await store.lastPosition()) >= BigInt(position);
  if (await isReached()) return;
  await refuseFirst();
  for (const until = systemClock.elapsed() + WAIT_MS_MAX; !(await isReached());) {
    if (systemClock.elapsed() >= until) throw behind(position);
    await systemClock.sleep(POLL_MS);
  }
}

/**
 * The same for a read of a record. That there is no such record is told at once: what somebody was answered about is in its
 * stream by then, on every node.
 */
export const whenRecordLogged = (
  request: FastifyRequest,
  access: Pick<RecordsAccess, 'store' | 'readModels' | 'commands'>,
  record: RecordReference,
): Promise<void> => whenLogged(request, access, () => visibleState(access, identityOf(request), record));

function minPositionOf({ query }: FastifyRequest): string | null {
  const { minPosition } = query as { minPosition?: string | string[] };
  return minPosition === undefined ? null : positionOf('minPosition', String(minPosition));
}

const behind = (position: string): ProblemError =>
  new ProblemError(
    'read-model-behind',
    `Position ${position} has not been reached within ${WAIT_MS_MAX / 1_000} s; try again shortly`,
  );
