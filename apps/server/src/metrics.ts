import type { FastifyInstance } from 'fastify';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Attempt } from '../../../libs/use-cases/src/deliver-messages.ts';

export const registry = new Registry();
collectDefaultMetrics({ register: registry });

const requestSeconds = new Histogram({
  name: 'docket_http_request_duration_seconds',
  help: 'How long requests took, by route, method and status.',
  labelNames: ['method', 'route', 'status'],
  buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 2.5, 10],
  registers: [registry],
});

export const projectionLag = new Gauge({
  name: 'docket_projection_lag_events',
  help: 'Events in the log that a projection has not applied yet.',
  labelNames: ['projection'],
  registers: [registry],
});

export const projectionStuck = new Gauge({
  name: 'docket_projection_stuck',
  help: '1 where a projection has stopped at an event that it cannot apply.',
  labelNames: ['projection'],
  registers: [registry],
});

export const sweptEvents = new Counter({
  name: 'docket_sweep_recorded_total',
  help: 'Events that the deadline sweeps of this process have recorded.',
  registers: [registry],
});

export const sweepLastRun = new Gauge({
  name: 'docket_sweep_last_run_timestamp_seconds',
  help: 'When the last sweep of any process ended; absent before the first.',
  registers: [registry],
});

export const sweepNextRun = new Gauge({
  name: 'docket_sweep_next_run_timestamp_seconds',
  help: 'When this process sweeps next; 0 where it does not.',
  registers: [registry],
});

export const sweepLag = new Gauge({
  name: 'docket_sweep_lag_days',
  help: 'Days up to today that no sweep has covered.',
  registers: [registry],
});

export const outboxWaiting = new Gauge({
  name: 'docket_outbox_waiting',
  help: 'Messages that are still to be delivered.',
  registers: [registry],
});

export const outboxDead = new Gauge({
  name: 'docket_outbox_dead',
  help: 'Messages that were given up; docket outbox list --dead tells of them.',
  registers: [registry],
});

const outboxDelivered = new Counter({
  name: 'docket_outbox_delivered_total',
  help: 'Messages that this process has delivered.',
  labelNames: ['channel'],
  registers: [registry],
});

const outboxFailed = new Counter({
  name: 'docket_outbox_attempts_failed_total',
  help: 'Attempts of this process to deliver a message that failed.',
  labelNames: ['channel'],
  registers: [registry],
});

/** Counts an attempt to deliver a message. */
export function observeAttempt({ channel, outcome }: Pick<Attempt, 'channel' | 'outcome'>): void {
  (outcome === 'delivered' ? outboxDelivered : outboxFailed).inc({ channel });
}

/** Observes each answer, and writes one line about it: the route, never the address, a body or a token. */
export function observeRequests(fastify: FastifyInstance): void {
  fastify.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'unknown';
    const { method } = request;
    const { statusCode: status, elapsedTime: ms } = reply;
    requestSeconds.observe({ method, route, status }, ms / 1_000);
    request.log.info(
      {
        method,
        route,
        status,
        ms: Math.round(ms * 10) / 10,
        subject: request.identity?.subject,
      },
      'request',
    );
    done();
  });
}
