import { Inject, Controller, Get, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { register } from 'prom-client';
import { countMessages } from '#notifications/outbox/outbox-list';
import { oldestBehind, readModelsStatus } from '#projections/read-models-status';
import { inTime } from '#use-cases/in-time';
import { healthOf, PROBE_MS_MAX, sweepOf } from '../health.ts';
import * as metrics from '../metrics.ts';
import { PARTS } from '../parts.ts';
import type { Parts } from '../parts.ts';
import { Documented } from './openapi.ts';

/** Health and metrics, for operators. */
@Controller()
export class OperationsController {
  @Inject(PARTS) private readonly parts!: Parts;

  @Get('health/live')
  @Documented('live')
  live() {
    return { status: 'live' } as const;
  }

  @Get('health/ready')
  @Documented('ready')
  async ready(@Req() { log }: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply) {
    const { isReady, checks, sweep, erasures } = await healthOf(this.parts, (err, message) => {
      log.error({ err }, message);
    });
    void reply.status(isReady ? 200 : 503);
    return {
      status: isReady ? ('ready' as const) : ('not-ready' as const),
      checks,
      ...(sweep !== null && {
        sweep: {
          lastRun: sweep.last?.finishedAt ?? null,
          nextRun: sweep.nextRun,
          lagDays: sweep.lagDays,
        },
      }),
      ...(erasures.length > 0 && { erasures }),
    };
  }

  @Get('metrics')
  @Documented('metrics')
  async metrics(@Res({ passthrough: true }) reply: FastifyReply) {
    // Metrics matter most during trouble: they are returned without the values that cannot be read.
    const [sweep] = await Promise.all([
      inTime(sweepOf(this.parts), PROBE_MS_MAX).catch(() => null),
      inTime(this.#observeReadModels(), PROBE_MS_MAX).catch(() => undefined),
      this.#observeOutbox(),
    ]);
    if (sweep?.last) metrics.sweepLastRun.set(Date.parse(sweep.last.finishedAt) / 1_000);
    if (sweep?.lagDays != null) metrics.sweepLag.set(sweep.lagDays);
    const { readModels, logPages, signing, clock } = this.parts;
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
    metrics.clockJumped.set(clock.trouble() === null ? 0 : 1);
    metrics.sweepNextRun.set(sweep?.nextRun ? Date.parse(sweep.nextRun) / 1_000 : 0);
    void reply.header('content-type', register.contentType);
    return register.metrics();
  }

  async #observeReadModels(): Promise<void> {
    const { readModels, store, clock } = this.parts;
    const status = await readModelsStatus(readModels, await store.lastPosition());
    for (const { name } of readModels.projections)
      metrics.projectionLag.set({ projection: name }, status.lag);
    metrics.readModelsStuck.set(status.state === 'stuck' ? 1 : 0);
    const recordedAt = await oldestBehind(store, status);
    const behindMs = recordedAt === null ? 0 : clock.now() - Date.parse(recordedAt);
    metrics.readModelsLag.set(Math.max(0, behindMs) / 1_000);
  }

  async #observeOutbox(): Promise<void> {
    try {
      const { waiting, dead } = await inTime(countMessages(this.parts.outbox), PROBE_MS_MAX);
      metrics.outboxWaiting.set(waiting);
      metrics.outboxDead.set(dead);
    } catch {
      // Readiness reports it; the metrics omit it.
    }
  }
}
