import type { FastifyRequest } from 'fastify';
import { systemClock } from '#event-sourcing/clock';
import type { Past } from '#lives/past';
import { ProblemError } from '#use-cases/problems';
import type { RecordsAccess } from '#use-cases/records/records-access';
import { visibleState } from '#use-cases/records/visible-record';
import { identityOf } from './authentication.ts';
import { positionOf } from './query-parameters.ts';
import type { RecordReference } from '#lifecycle/kind';

/** The timeout of waiting for `minPosition`. */
const WAIT_MS_MAX = 2_000;
const POLL_MS = 10;

// Refusals that do not depend on a position come first, so reads wait as late as possible: a list when it first reads the read models,
// after the checks of roles, parameters and bodies; a read of the log after those checks and the look-up of the record.

/**
 * Returns the same access for one request: its first read of lists or of the past waits until lists have reached the
 * request's `minPosition`. The log then has it too, and the past is read from the log.
 */
export function withFreshReads<
  Access extends Pick<RecordsAccess, 'readModels' | 'projections'> & Partial<Pick<RecordsAccess, 'past'>>,
>(request: FastifyRequest, access: Access): Access {
  const position = minPositionOf(request);
  if (position === null) return access;
  const { readModels, projections, past } = access;
  let waiting: Promise<void> | null = null;
  const wait = async (): Promise<void> => {
    if (!(await projections.whenHandled(position, WAIT_MS_MAX))) throw behind(position);
  };
  const whenFresh = (): Promise<void> => (waiting ??= wait());
  const freshPast: Past | undefined = past && {
    ask: (name, question) => whenFresh().then(() => past.ask(name, question)),
  };
  return { ...access, readModels: { ...readModels, whenFresh }, ...(freshPast && { past: freshPast }) };
}

/**
 * Waits until the log has reached a request's `minPosition`.
 * @param refuseFirst throws refusals before the wait; it is not called without a wait.
 * @throws ProblemError 503 after the timeout.
 */
export async function waitForLog(
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
 * Waits for a read of a record. A missing record is reported immediately: once a response named a position, the record is in its stream on
 * every node.
 */
export const waitForRecord = (
  request: FastifyRequest,
  access: RecordsAccess,
  record: RecordReference,
): Promise<void> => waitForLog(request, access, () => visibleState(access, identityOf(request), record));

function minPositionOf({ query }: FastifyRequest): string | null {
  const { minPosition } = query as { minPosition?: string | string[] };
  return minPosition === undefined ? null : positionOf('minPosition', String(minPosition));
}

const behind = (position: string): ProblemError =>
  new ProblemError(
    'read-model-behind',
    `Position ${position} could not be read within ${WAIT_MS_MAX / 1_000} s. Try again in a few seconds. If it never succeeds, the position is beyond the end of the log: use one from a response of this service`,
  );
