import 'reflect-metadata';
import { Controller, Get, HttpCode, Post, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { openSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { inspect } from 'node:util';
import pino from 'pino';
import { createApp } from '#server/app';
import { storeMetrics } from '#server/metrics';
import { identityOf } from '#server/api/authentication';
import { validatePayload } from '#lifecycle/validate-payload';
import { LogDestination } from '#platform/log/log-destination';
import { FileSink } from '#platform/log/log-sink';
import { openNode } from '#platform/node';
import type { NodeReports } from '#platform/node';
import { readSettings } from '#platform/settings';
import { commentCapability } from '#state-machines/inspection-recommendation/v1/parts';

const RESOLUTION_MS = 1;
const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
let before = process.cpuUsage();

/** The baseline: a route with only those steps that every command's request passes. */
@Controller('api/bench')
class BenchController {
  @Post('empty')
  @HttpCode(200)
  empty(@Req() request: FastifyRequest) {
    const { subject } = identityOf(request);
    const { text } = validatePayload(commentCapability.AddCommentPayload, request.body);
    return { subject, length: text.length };
  }

  /** Returns the event loop's delay and the processor time since the last call, in milliseconds. */
  @Get('usage')
  usage() {
    const p99 = delay.percentile(99) / 1e6;
    const { user, system } = process.cpuUsage(before);
    delay.reset();
    before = process.cpuUsage();
    return { p99, processorMs: (user + system) / 1_000 };
  }
}

// This is the service's logger with its destination, here a device.
const logger = pino(
  { level: 'info', base: null, timestamp: pino.stdTimeFunctions.isoTime },
  new LogDestination(new FileSink(openSync('/dev/null', 'w')), () => undefined),
);
const report = (message: string): void => {
  process.stderr.write(`${message}\n`);
};
const reports: NodeReports = {
  onError: report,
  onProjectorError: report,
  onFailure: (what, error) => {
    report(`${what}: ${inspect(error)}`);
  },
  onWarning: () => undefined,
  onSwept: () => undefined,
  onDelivery: () => undefined,
  observer: storeMetrics,
};
const work = { http: true, project: true, sweep: null, checkpoints: null } as const;
const node = await openNode(readSettings(process.env), reports, work);
const app = await createApp(node, logger, { controllers: [BenchController] });
await app.listen(0, '127.0.0.1');
node.start();
delay.enable();
const { port } = app.getHttpServer().address() as { port: number };
process.stdout.write(`Docket is ready at http://127.0.0.1:${port}\n`);

process.once('SIGTERM', () => {
  void app
    .close()
    .then(() => node.close())
    .then(() => process.exit(0));
});
