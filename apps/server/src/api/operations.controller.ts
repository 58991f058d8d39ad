import { Inject, Controller, Get, Param, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { register } from 'prom-client';
import { StoreFileMovedError } from '#event-sourcing/errors';
import { countMessages } from '#notifications/outbox/outbox-list';
import { ReadModelsDamagedError } from '#projections/read-model-database';
import { oldestBehind, projectionStatus } from '#projections/projection-status';
import type { ProjectionStatus } from '#projections/projection-status';
import { sweepStatus } from '#platform/sweep';
import type { SweepStatus } from '#platform/sweep';
import * as metrics from '../metrics.ts';
import { OPERATIONS } from '../parts.ts';
import type { OperationsParts } from '../parts.ts';
import { callContext } from './call-context.ts';
import { identityOf } from './authentication.ts';
import { inTime } from '#use-cases/in-time';
import { startRebuild, seeProjections } from '#use-cases/operations/read-model-work';
import { startSweep, confirmClock, seeOperations } from '../see-operations.ts';
import { whenFolded } from './fresh-reads.ts';
import { Documented } from './openapi.ts';

/** The timeout of health checks and metrics, in milliseconds; their callers have short timeouts. */
const PROBE_MS_MAX = 3_000;

/** The number of damaged places in the readiness response. */
const DAMAGES_REPORTED_MAX = 5;

/** Returns a check of the readiness response. @param detail the problem; null if there is none */
const check = (name: string, detail: string | null, ok = detail === null) => ({
  name,
  ok,
  ...(detail !== null && { detail }),
});
type Check = ReturnType<typeof check>;

/** Health, metrics and projections, for operators. */
@Controller()
export class OperationsController {
  readonly #parts: OperationsParts;

  constructor(@Inject(OPERATIONS) parts: OperationsParts) {
    this.#parts = parts;
  }

  @Get('health/live')
  @Documented('live')
  live() {
    return { status: 'live' } as const;
  }

  @Get('health/ready')
  @Documented('ready')
  async ready(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply) {
    const [checks, clock, outbox, sweep, erasures] = await Promise.all([
      this.#storeAndProjections(request),
      this.#clockCheck(),
      this.#outboxCheck(request),
      inTime(this.#sweep(), PROBE_MS_MAX).catch(() => null),
      // If this read fails, the checks of the store and the read models report why.
      inTime(this.#parts.eraser.pending(), PROBE_MS_MAX).catch(() => []),
    ]);
    checks.push(clock);
    if (outbox !== null) checks.push(outbox);
    if (sweep !== null && this.#parts.sweeps !== null) checks.push(sweepCheck(sweep));
    const ready = checks.every(({ ok }) => ok);
    // The service is usable without signatures.
    checks.push(...this.#checkpoints(), ...this.#witnesses(), ...this.#timestamps());
    void reply.status(ready ? 200 : 503);
    const { behind } = this.#parts.clock;
    return {
      status: ready ? ('ready' as const) : ('not-ready' as const),
      checks,
      ...(behind !== null && { warnings: [{ name: 'clock', detail: behind }] }),
      ...(sweep !== null && { sweep: sweepAnswer(sweep) }),
      ...(erasures.length > 0 && { erasures }),
    };
  }

  @Get('metrics')
  @Documented('metrics')
  async metrics(@Res({ passthrough: true }) reply: FastifyReply) {
    // Metrics matter most during trouble: they are returned without the values that cannot be read.
    const [sweep] = await Promise.all([
      inTime(this.#sweep(), PROBE_MS_MAX).catch(() => null),
      inTime(this.#observeProjections(), PROBE_MS_MAX).catch(() => undefined),
      this.#observeOutbox(),
    ]);
    if (sweep?.last) metrics.sweepLastRun.set(Date.parse(sweep.last.finishedAt) / 1_000);
    if (sweep?.lagDays != null) metrics.sweepLag.set(sweep.lagDays);
    const { readModels, logPages, signing } = this.#parts;
    metrics.checkpointRefused.set(signing.refusal === null ? 0 : 1);
    if (signing.last !== null) {
      metrics.checkpointSize.set(Number(signing.last.size));
      metrics.checkpointTime.set(signing.last.at / 1_000);
    }
    metrics.checkpointWitnessed.set(signing.witnesses?.isWitnessed === false ? 0 : 1);
    metrics.checkpointTimestamped.set(signing.timestamps?.isTimestamped === false ? 0 : 1);
    for (const { name, size } of signing.witnesses?.statuses ?? [])
      metrics.witnessSize.set({ witness: name }, Number(size));
    metrics.observeReads([readModels.readCounts(), logPages.counts]);
    metrics.clockBehind.set(this.#parts.clock.secondsBehind);
    metrics.clockJumped.set((await this.#clockCheck()).ok ? 0 : 1);
    metrics.sweepNextRun.set(sweep?.nextRun ? Date.parse(sweep.nextRun) / 1_000 : 0);
    void reply.header('content-type', register.contentType);
    return register.metrics();
  }

  @Get('api/operations')
  @Documented('operations')
  async operations(@Req() request: FastifyRequest) {
    return seeOperations(this.#parts, identityOf(request));
  }

  @Post('api/sweeps')
  @Documented('sweep')
  sweep(@Req() request: FastifyRequest) {
    startSweep(this.#parts, identityOf(request));
    return { state: 'requested' } as const;
  }

  @Post('api/clock/confirmations')
  @Documented('confirmClock')
  async confirmClock(@Req() request: FastifyRequest) {
    const isConfirmed = await confirmClock(this.#parts, callContext(request));
    return {
      state: isConfirmed ? ('confirmed' as const) : ('trusted' as const),
      now: new Date(this.#parts.clock.now()).toISOString(),
    };
  }

  @Get('api/projections')
  @Documented('projections')
  async projections(@Req() request: FastifyRequest) {
    const see = () => seeProjections(this.#parts, identityOf(request));
    // Refuse callers without permission before waiting.
    await see();
    await whenFolded(request, this.#parts);
    return { projections: await see() };
  }

  @Post('api/projections/:name/rebuild')
  @Documented('rebuild')
  async rebuild(@Req() request: FastifyRequest, @Param('name') name: string) {
    await startRebuild(this.#parts, identityOf(request), name);
    return { projection: name, state: 'requested' } as const;
  }

  /** If the store cannot be reached, reports the clock's state as known to this process. */
  async #clockCheck(): Promise<Check> {
    const { clock } = this.#parts;
    const detail = await inTime(clock.jumpNow(), PROBE_MS_MAX).catch(() => clock.jump);
    return check('clock', detail);
  }

  /** A failing receiver does not affect readiness; an unusable outbox does. */
  async #outboxCheck(request: FastifyRequest): Promise<Check | null> {
    const { outbox } = this.#parts;
    if (outbox === null) return null;
    try {
      await inTime(countMessages(outbox), PROBE_MS_MAX);
      return check('outbox', null);
    } catch (error) {
      request.log.error({ err: error }, 'The outbox cannot be used');
      return check('outbox', 'it cannot be used; see the log of the service');
    }
  }

  async #observeProjections(): Promise<void> {
    const projections = await this.#projections();
    for (const { name, lag, state } of projections) {
      metrics.projectionLag.set({ projection: name }, lag);
      metrics.projectionStuck.set({ projection: name }, state === 'stuck' ? 1 : 0);
    }
    const oldest = await oldestBehind(this.#parts.store, projections);
    const now = this.#parts.clock.now();
    for (const { name, position } of projections) {
      const recordedAt = oldest.get(position);
      const seconds = recordedAt === undefined ? 0 : Math.max(0, now - Date.parse(recordedAt)) / 1_000;
      metrics.projectionLagSeconds.set({ projection: name }, seconds);
    }
  }

  async #observeOutbox(): Promise<void> {
    const { outbox } = this.#parts;
    if (outbox === null) return;
    try {
      const { waiting, dead } = await inTime(countMessages(outbox), PROBE_MS_MAX);
      metrics.outboxWaiting.set(waiting);
      metrics.outboxDead.set(dead);
    } catch {
      // Readiness reports it; the metrics omit it.
    }
  }

  #sweep(): Promise<SweepStatus> {
    const { readModels, sweeps, clock } = this.#parts;
    return sweepStatus(readModels, sweeps?.nextRun ?? null, clock.now());
  }

  async #projections(): Promise<ProjectionStatus[]> {
    return projectionStatus(this.#parts.readModels, await this.#parts.store.lastPosition());
  }

  /** Returns the check of a store that responds: whether earlier reads and appends succeeded. */
  async #storeCheck(): Promise<Check> {
    const lost = await inTime(this.#parts.signedEnd.lost(), PROBE_MS_MAX).catch(() => null);
    if (lost !== null) return check('store', lost);
    const damaged = await this.#parts.damage.now();
    if (damaged.length > 0) return check('store', damaged.slice(0, DAMAGES_REPORTED_MAX).join('; '));
    if (this.#parts.appends.isFailing)
      return check('store', 'events cannot be appended; see the log of the service');
    const { refusal } = this.#parts.logPages;
    return check('store', refusal && `pages of the log are refused: ${refusal}`, true);
  }

  /** Returns the check of read models that respond: whether the reads of requests and the projector succeeded. */
  #readModelsCheck(): Check {
    const { readModels, projector } = this.#parts;
    const detail = readModels.trouble() ?? projector?.readModelsTrouble ?? null;
    if (detail !== null) return check('read models', detail);
    // Records and commands work without lists.
    const refused = readModels.readsRefused();
    return check('read models', refused && `lists are refused: ${refused}`, true);
  }

  /** Cached keys remain valid for a while when the provider fails. */
  #identityProvider(): Check[] {
    const { provider } = this.#parts;
    if (provider === null) return [];
    const detail = provider.failure && 'its keys cannot be fetched; see the log of the service';
    return [check('identity provider', detail, provider.isReady)];
  }

  #checkpoints(): Check[] {
    const { checkpoints, signing } = this.#parts;
    if (checkpoints === null && signing.refusal === null) return [];
    const isSigned = signing.witnesses?.fork === signing.refusal;
    const what = isSigned ? 'a witness saw a different log' : 'the log is not signed';
    return [check('checkpoints', signing.refusal && `${what}; see the log of the service`)];
  }

  #witnesses(): Check[] {
    const isWitnessed = this.#parts.signing.witnesses?.isWitnessed ?? null;
    if (isWitnessed === null) return [];
    const detail =
      'fewer witnesses signed the latest checkpoint than the policy requires; see the log of the service';
    return [check('witnesses', isWitnessed ? null : detail)];
  }

  #timestamps(): Check[] {
    const ok = this.#parts.signing.timestamps?.isTimestamped ?? null;
    if (ok === null) return [];
    const detail = 'the latest checkpoint has no timestamp; see the log of the service';
    return [check('time-stamps', ok ? null : detail)];
  }

  async #storeAndProjections(request: FastifyRequest): Promise<Check[]> {
    const trouble = this.#parts.projector?.trouble ?? null;
    const unreadable = 'it cannot be read; see the log of the service';
    let damaged: string | undefined;
    let moved: string | undefined;
    const onFailure = (name: string) => (error: unknown) => {
      request.log.error({ err: error }, `The ${name} cannot be read`);
      if (error instanceof ReadModelsDamagedError) damaged = error.message;
      if (error instanceof StoreFileMovedError) moved = error.message;
      return null;
    };
    const [position, projections] = await Promise.all([
      inTime(this.#parts.store.lastPosition(), PROBE_MS_MAX).catch(onFailure('store')),
      inTime(projectionStatus(this.#parts.readModels), PROBE_MS_MAX).catch(onFailure('read models')),
    ]);
    return [
      position === null ? check('store', moved ?? unreadable) : await this.#storeCheck(),
      projections === null ? check('read models', damaged ?? unreadable) : this.#readModelsCheck(),
      check('projector', trouble === null ? null : 'its thread ended and is being restarted'),
      ...this.#identityProvider(),
      ...(projections ?? []).map(({ name, state, error }) => {
        const stopped = `stopped before the event at position ${error?.position ?? 'unknown'}`;
        return check(`projection ${name}`, state === 'stuck' ? stopped : null);
      }),
    ];
  }
}

/** A failed sweep records nothing: thresholds stay unrecorded until one succeeds. */
function sweepCheck({ last }: SweepStatus): Check {
  const hasFailed = last !== null && last.error !== null;
  return check('sweep', hasFailed ? 'the last sweep failed; see the log of the service' : null);
}

const sweepAnswer = ({ last, nextRun, lagDays }: SweepStatus) => ({
  lastRun: last?.finishedAt ?? null,
  nextRun,
  lagDays,
});
