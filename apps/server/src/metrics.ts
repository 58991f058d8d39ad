import type { FastifyInstance } from 'fastify';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { AppendEnd, StoreObserver, SubscriptionDrop } from '#event-sourcing/store-observer';
import type { ReadCounts } from '#projections/limited-reads';
import { VERSION } from '#platform/package-json';
import type { Delivery } from '#notifications/deliver-messages';

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

export const projectionLagSeconds = new Gauge({
  name: 'docket_projection_lag_seconds',
  help: 'How long ago the oldest event was recorded that a projection has not applied; 0 where it has all.',
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

export const checkpointRefused = new Gauge({
  name: 'docket_checkpoint_refused',
  help: 'Whether the log was not signed when that was tried last, since it does not lead on from what was signed or the key cannot be used.',
  registers: [registry],
});

export const checkpointSize = new Gauge({
  name: 'docket_checkpoint_size',
  help: 'How many events of the log are signed, as this process saw it last; 0 before it has.',
  registers: [registry],
});

export const checkpointTime = new Gauge({
  name: 'docket_checkpoint_timestamp_seconds',
  help: 'When this process last signed the log, or found nothing new in it; 0 before it has.',
  registers: [registry],
});

export const witnessSize = new Gauge({
  name: 'docket_witness_size',
  help: 'How many events the last checkpoint had that a witness signed, as far as this process knows; 0 before it has signed one.',
  labelNames: ['witness'],
  registers: [registry],
});

export const checkpointWitnessed = new Gauge({
  name: 'docket_checkpoint_witnessed',
  help: 'Whether as many witnesses signed the last checkpoint as the policy asks for; 1 where there is no policy.',
  registers: [registry],
});

export const checkpointTimestamped = new Gauge({
  name: 'docket_checkpoint_timestamped',
  help: 'Whether the last checkpoint has a time-stamp; 1 where none is asked for.',
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

const outboxLapsed = new Counter({
  name: 'docket_outbox_lapsed_total',
  help: 'Messages that this process has not sent, since nothing that they tell of holds for their subscription any more.',
  labelNames: ['channel'],
  registers: [registry],
});

const outboxFailed = new Counter({
  name: 'docket_outbox_attempts_failed_total',
  help: 'Attempts of this process to deliver a message that failed.',
  labelNames: ['channel'],
  registers: [registry],
});

export const linesDropped = new Counter({
  name: 'docket_log_lines_dropped_total',
  help: 'Lines of the log of this process that were dropped, since it could not be written.',
  registers: [registry],
});

const readsBusy = new Gauge({
  name: 'docket_reads_busy',
  help: 'Reads of read models, and of pages of the log in a file, that this process is at.',
  registers: [registry],
});

const readsWaiting = new Gauge({
  name: 'docket_reads_waiting',
  help: 'Reads of read models, and of pages of the log in a file, that wait for their turn in this process.',
  registers: [registry],
});

const readsTooSlow = new Counter({
  name: 'docket_reads_too_slow_total',
  help: 'Reads of read models, and of pages of the log in a file, that this process has ended, since they took too long.',
  registers: [registry],
});

const readerThreadsReplaced = new Counter({
  name: 'docket_reader_threads_replaced_total',
  help: 'Threads that read and were replaced: they went on when their read was over, or ended.',
  registers: [registry],
});

/** Sets the gauges and counters of limited reads from all counts. */
export function observeReads(counts: readonly ReadCounts[]): void {
  const sum = (of: keyof ReadCounts): number => counts.reduce((all, each) => all + each[of], 0);
  readsBusy.set(sum('busy'));
  readsWaiting.set(sum('waiting'));
  for (const [counter, total] of [
    [readsTooSlow, sum('tooSlow')],
    [readerThreadsReplaced, sum('replaced')],
  ] as const) {
    counter.reset();
    counter.inc(total);
  }
}

export const answersCut = new Counter({
  name: 'docket_http_answers_cut_total',
  help: 'Connections that this process cut, since their peer took nothing of its answer for five minutes.',
  registers: [registry],
});

export const clockJumped = new Gauge({
  name: 'docket_clock_jumped',
  help: "1 while nothing is recorded because this machine's clock is not trusted; else 0.",
  registers: [registry],
});
export const clockBehind = new Gauge({
  name: 'docket_clock_behind_log_seconds',
  help: "How far the log's last event at start is ahead of this machine's clock; 0 where it is not, or has been caught up with.",
  registers: [registry],
});

const build = new Gauge({
  name: 'docket_build_info',
  help: 'Always 1; the version is the label.',
  labelNames: ['version'],
  registers: [registry],
});
build.set({ version: VERSION }, 1);

const appendSeconds = new Histogram({
  name: 'docket_append_seconds',
  help: 'How long appends of this process took, waiting for their group included, by how they ended.',
  labelNames: ['outcome'],
  buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  registers: [registry],
});

const appendConflicts = new Counter({
  name: 'docket_append_conflicts_total',
  help: 'Appends of this process that met another version of a stream than they expected; most are tried again.',
  registers: [registry],
});

const groupCommits = new Histogram({
  name: 'docket_append_group_commits',
  help: 'Commits that the store wrote in one transaction.',
  buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256],
  registers: [registry],
});

const groupEvents = new Counter({
  name: 'docket_append_events_total',
  help: 'Events that the store wrote for this process.',
  registers: [registry],
});

const subscriptionDrops = new Counter({
  name: 'docket_subscription_drops_total',
  help: 'Subscriptions of this process that were dropped, by what failed: connection, read or handler.',
  labelNames: ['reason'],
  registers: [registry],
});

// Starting each series at 0 makes its first event visible as an increase.
for (const outcome of ['appended', 'repeated', 'conflict', 'unavailable', 'failed'] satisfies AppendEnd[]) {
  appendSeconds.zero({ outcome });
}
for (const reason of ['connection', 'read', 'handler'] satisfies SubscriptionDrop[]) {
  subscriptionDrops.inc({ reason }, 0);
}

/** Records metrics of the store. */
export const storeMetrics: StoreObserver = {
  appended({ seconds, outcome }) {
    appendSeconds.observe({ outcome }, seconds);
    if (outcome === 'conflict') appendConflicts.inc();
  },
  groupWritten(commits, events) {
    groupCommits.observe(commits);
    groupEvents.inc(events);
  },
  subscriptionDropped(reason) {
    subscriptionDrops.inc({ reason });
  },
};

/** Counts a delivery attempt. */
export function observeDelivery({ channel, outcome }: Pick<Delivery, 'channel' | 'outcome'>): void {
  const counters = {
    delivered: outboxDelivered,
    lapsed: outboxLapsed,
    failed: outboxFailed,
    dead: outboxFailed,
  };
  counters[outcome].inc({ channel });
}

/** Records the duration of each request, and logs one line: the route, but no path, body or token. */
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
