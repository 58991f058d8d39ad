import { messageOf, StoreFileMovedError } from '#event-sourcing/errors';
import { countMessages } from '#notifications/outbox/outbox-list';
import { sweepStatus } from '#platform/sweep';
import type { SweepStatus } from '#platform/sweep';
import { readModelsStatus } from '#projections/read-models-status';
import type { ReadModelsStatus } from '#projections/read-models-status';
import { ReadModelsDamagedError } from '#projections/read-model-database';
import { inTime } from '#use-cases/in-time';
import type { Parts } from './parts.ts';

/** The timeout of health checks and metrics, in milliseconds; their callers have short timeouts. */
export const PROBE_MS_MAX = 3_000;

/** The number of damaged places in the readiness response. */
const DAMAGES_REPORTED_MAX = 5;

/** A check of the service. `detail` is the problem; absent if there is none. */
const check = (name: string, detail: string | null, ok = detail === null) => ({
  name,
  ok,
  ...(detail !== null && { detail }),
});
type Check = ReturnType<typeof check>;

/** Called with an error whose text only the log may contain. */
type OnFailure = (error: unknown, message: string) => void;

/** Returns the checks of the service, and whether it can be used. */
export async function healthOf(parts: Parts, onFailure: OnFailure) {
  const { clock, eraser, sweeps } = parts;
  const [checks, outbox, sweep, erasures] = await Promise.all([
    storeAndReadModels(parts, onFailure),
    outboxCheck(parts, onFailure),
    inTime(sweepOf(parts), PROBE_MS_MAX).catch(() => null),
    // If this read fails, the checks of the store and the read models report why.
    inTime(eraser.pending(), PROBE_MS_MAX).catch(() => []),
  ]);
  checks.push(check('clock', clock.trouble()), outbox);
  if (sweep !== null && sweeps !== null) checks.push(sweepCheck(sweep));
  const isReady = checks.every(({ ok }) => ok);
  // The service is usable without signatures.
  checks.push(...checkpointChecks(parts), ...witnessChecks(parts), ...timestampChecks(parts));
  return { isReady, checks, sweep, erasures };
}

export const sweepOf = ({ readModels, sweeps, clock }: Parts): Promise<SweepStatus> =>
  sweepStatus(readModels, sweeps?.nextRun ?? null, clock.now());

/** A failing receiver does not affect readiness; an unusable outbox does. */
async function outboxCheck({ outbox }: Parts, onFailure: OnFailure): Promise<Check> {
  try {
    await inTime(countMessages(outbox), PROBE_MS_MAX);
    return check('outbox', null);
  } catch (error) {
    onFailure(error, 'The outbox cannot be used');
    return check('outbox', 'it cannot be used; see the log of the service');
  }
}

async function storeAndReadModels(parts: Parts, onFailure: OnFailure): Promise<Check[]> {
  const trouble = parts.projector?.trouble ?? null;
  const unreadable = 'it cannot be read; see the log of the service';
  let damaged: string | undefined;
  let moved: string | undefined;
  const failed = (name: string) => (error: unknown) => {
    onFailure(error, `The ${name} cannot be read`);
    if (error instanceof ReadModelsDamagedError) damaged = messageOf(error);
    if (error instanceof StoreFileMovedError) moved = messageOf(error);
    return null;
  };
  const [position, status] = await Promise.all([
    inTime(parts.store.lastPosition(), PROBE_MS_MAX).catch(failed('store')),
    inTime(statusOf(parts), PROBE_MS_MAX).catch(failed('read models')),
  ]);
  return [
    position === null ? check('store', moved ?? unreadable) : await storeCheck(parts),
    status === null ? check('read models', damaged ?? unreadable) : await readModelsCheck(parts, status),
    check('projector', trouble === null ? null : 'its thread ended and is being restarted'),
    ...identityProvider(parts),
  ];
}

/** Returns the check of a store that responds: whether earlier reads and appends succeeded. */
async function storeCheck({ signedEnd, damage, appends, logPages }: Parts): Promise<Check> {
  const lost = await inTime(signedEnd.lost(), PROBE_MS_MAX).catch(() => null);
  if (lost !== null) return check('store', lost);
  const damaged = await damage.now();
  if (damaged.length > 0) return check('store', damaged.slice(0, DAMAGES_REPORTED_MAX).join('; '));
  if (appends.isFailing) return check('store', 'events cannot be appended; see the log of the service');
  const { refusal } = logPages;
  return check('store', refusal && `pages of the log are refused: ${refusal}`, true);
}

/** The position is not needed to report a problem, and the store may not respond. */
const statusOf = async ({ store, readModels }: Parts): Promise<ReadModelsStatus> =>
  readModelsStatus(readModels, await store.lastPosition().catch(() => undefined));

/** Returns the check of read models that respond: their progress, and whether reads and the projector succeeded. */
async function readModelsCheck({ readModels, projector }: Parts, status: ReadModelsStatus): Promise<Check> {
  const detail = (await readModels.trouble()) ?? projector?.readModelsTrouble ?? progressTrouble(status);
  if (detail !== null) return check('read models', detail);
  // Records and commands work without lists.
  const refused = readModels.readsRefused();
  return check('read models', refused && `lists are refused: ${refused}`, true);
}

function progressTrouble({ state, events, lag, error }: ReadModelsStatus): string | null {
  if (state === 'stuck') return `stopped before the event at position ${error?.position ?? 'unknown'}`;
  if (state === 'building') return `being built: ${events} of about ${events + lag} events`;
  return null;
}

/** Cached keys remain valid for a while when the provider fails. */
function identityProvider({ provider }: Parts): Check[] {
  if (provider === null) return [];
  const detail = provider.failure && 'its keys cannot be fetched; see the log of the service';
  return [check('identity provider', detail, provider.isReady)];
}

/** A failed sweep records nothing: thresholds stay unrecorded until one succeeds. */
function sweepCheck({ last }: SweepStatus): Check {
  const hasFailed = last !== null && last.error !== null;
  return check('sweep', hasFailed ? 'the last sweep failed; see the log of the service' : null);
}

function checkpointChecks({ checkpoints, signing }: Parts): Check[] {
  if (checkpoints === null && signing.refusal === null) return [];
  const isSigned = signing.witnesses?.fork === signing.refusal;
  const what = isSigned ? 'a witness saw a different log' : 'the log is not signed';
  return [check('checkpoints', signing.refusal && `${what}; see the log of the service`)];
}

function witnessChecks({ signing }: Parts): Check[] {
  const isWitnessed = signing.witnesses?.isWitnessed ?? null;
  if (isWitnessed === null) return [];
  const detail =
    'fewer witnesses signed the latest checkpoint than the policy requires; see the log of the service';
  return [check('witnesses', isWitnessed ? null : detail)];
}

function timestampChecks({ signing }: Parts): Check[] {
  const ok = signing.timestamps?.isTimestamped ?? null;
  if (ok === null) return [];
  const detail = 'the latest checkpoint has no timestamp; see the log of the service';
  return [check('time-stamps', ok ? null : detail)];
}
