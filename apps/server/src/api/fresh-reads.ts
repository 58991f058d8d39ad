import type { FastifyRequest } from 'fastify';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RecordsAccess } from '#use-cases/records/records-access';
import { CALENDAR_LINK_PATH } from './calendar-link-access.ts';
import { ProblemError } from '#use-cases/problems';
import { CALENDAR_PATH } from './problems.ts';
import { positionOf } from './query-parameters.ts';

/** How long a read waits for the position that it names. */
const WAIT_MS_MAX = 2_000;
const POLL_MS = 10;

/** Read from read models, which follow the log; every other read is of the log itself. */
const FROM_READ_MODELS = [
  '/api/recommendations',
  '/api/statistics',
  '/api/work',
  '/api/refusals',
  '/api/projections',
  '/api/deadlines',
  '/api/calendar-links',
  CALENDAR_LINK_PATH,
  CALENDAR_PATH,
];

/**
 * Waits until what a read is answered from has reached its `minPosition`.
 * @throws ProblemError 503 when it has not in time.
 */
export async function waitForMinPosition(
  request: FastifyRequest,
  records: Pick<RecordsAccess, 'store' | 'projections'>,
): Promise<void> {
  // Open routes are not read from the log.
  if (request.method !== 'GET' || request.identity === null) return;
  const { minPosition } = request.query as { minPosition?: string | string[] };
  if (minPosition === undefined) return;
  const position = positionOf('minPosition', String(minPosition));
  const reached = FROM_READ_MODELS.includes(request.routeOptions.url ?? '')
    ? await records.projections.whenHandled(position, WAIT_MS_MAX)
    : await logReached(records, position);
  if (reached) return;
  const detail = `Position ${position} has not been reached within ${WAIT_MS_MAX / 1_000} s; try again shortly`;
  throw new ProblemError('read-model-behind', detail);
}

async function logReached({ store }: Pick<RecordsAccess, 'store'>, position: string): Promise<boolean> {
  for (const until = performance.now() + WAIT_MS_MAX; ;) {
    if (BigInt(await store.lastPosition()) >= BigInt(position)) return true;
    if (performance.now() >= until) return false;
    await sleep(POLL_MS);
  }
}
