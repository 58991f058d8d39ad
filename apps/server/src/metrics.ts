import type { FastifyInstance } from 'fastify';
import { collectDefaultMetrics, Counter, Gauge, Histogram } from 'prom-client';
import type { AppendEnd, StoreObserver, SubscriptionDrop } from '#event-sourcing/store-observer';
import type { ReadCounts } from '#projections/limited-reads';
import { VERSION } from '#platform/package-json';
import type { Delivery } from '#notifications/deliver-messages';

collectDefaultMetrics();

const gauge = <Label extends string>(name: string, help: string, ...labelNames: Label[]) =>
  new Gauge({ name: `docket_${name}`, help, labelNames });
const counter = <Label extends string>(name: string, help: string, ...labelNames: Label[]) =>
  new Counter({ name: `docket_${name}`, help, labelNames });

const requestSeconds = new Histogram({
  name: 'docket_http_request_duration_seconds',
  help: 'Duration of requests by route, method and status.',
  labelNames: ['method', 'route', 'status'],
  buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 2.5, 10],
});

export const projectionLag = gauge(
  'projection_lag_events',
  'Events in the log that are not folded yet: the same for every projection.',
  'projection',
);

export const readModelsLag = gauge(
  'read_models_lag_seconds',
  'Age of the oldest event that the read models have not folded; 0 if there is none.',
);

export const readModelsStuck = gauge(
  'read_models_stuck',
  '1 if the read models have stopped at an event that they cannot fold.',
);

export const sweptEvents = counter(
  'sweep_recorded_total',
  'Events that the deadline sweeps of this process have recorded.',
);

export const sweepLastRun = gauge(
  'sweep_last_run_timestamp_seconds',
  'When the last sweep of any process ended; absent before the first.',
);

export const sweepNextRun = gauge(
  'sweep_next_run_timestamp_seconds',
  'When this process sweeps next; 0 if it does not sweep.',
);

export const sweepLag = gauge('sweep_lag_days', 'Days up to today that no sweep has covered.');

export const checkpointRefused = gauge(
  'checkpoint_refused',
  '1 if the last attempt to sign the log failed, because the log does not continue from the signed one or the key cannot be used.',
);

export const checkpointSize = gauge(
  'checkpoint_size',
  'Number of signed events when this process last checked; 0 before that.',
);

export const checkpointTime = gauge(
  'checkpoint_timestamp_seconds',
  'When this process last signed the log or found no new events; 0 before that.',
);

export const witnessSize = gauge(
  'witness_size',
  'Number of events in the last checkpoint that a witness signed, as far as this process knows; 0 before that.',
  'witness',
);

export const checkpointWitnessed = gauge(
  'checkpoint_witnessed',
  '1 if enough witnesses for the policy signed the last checkpoint, or there is no policy.',
);

export const checkpointTimestamped = gauge(
  'checkpoint_timestamped',
  '1 if the last checkpoint has a timestamp, or none is required.',
);

export const outboxWaiting = gauge('outbox_waiting', 'Messages that have not been delivered yet.');

export const outboxDead = gauge(
  'outbox_dead',
  'Messages that failed permanently; the Operations page lists them.',
);

const outboxDelivered = counter(
  'outbox_delivered_total',
  'Messages that this process has delivered.',
  'channel',
);

const outboxLapsed = counter(
  'outbox_lapsed_total',
  'Messages that this process did not send, because they no longer apply to their recipient.',
  'channel',
);

const outboxFailed = counter(
  'outbox_attempts_failed_total',
  'Failed delivery attempts of this process.',
  'channel',
);

export const linesDropped = counter(
  'log_lines_dropped_total',
  'Log lines of this process that were dropped, because the log could not be written.',
);

const readsBusy = gauge(
  'reads_busy',
  'Reads of read models, and of pages of the log in a file, that this process is running.',
);

const readsWaiting = gauge(
  'reads_waiting',
  'Reads of read models, and of pages of the log in a file, that are queued in this process.',
);

const readsTooSlow = counter(
  'reads_too_slow_total',
  'Reads of read models, and of pages of the log in a file, that this process cancelled because they took too long.',
);

const readerThreadsReplaced = counter(
  'reader_threads_replaced_total',
  'Reader threads that were replaced, because they did not end a cancelled read or exited.',
);

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

export const answersCut = counter(
  'http_answers_cut_total',
  'Connections that this process closed, because their client read nothing for five minutes.',
);

export const clockJumped = gauge(
  'clock_jumped',
  '1 while the clock of this machine is not trusted and nothing is recorded; otherwise 0.',
);

const build = gauge('build_info', 'Always 1; the label is the version.', 'version');
build.set({ version: VERSION }, 1);

const appendSeconds = new Histogram({
  name: 'docket_append_seconds',
  help: 'Duration of appends of this process, including the wait for their group, by outcome.',
  labelNames: ['outcome'],
  buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
});

const appendConflicts = counter(
  'append_conflicts_total',
  'Appends of this process that found a stream at a different version than expected; most are retried.',
);

const groupCommits = new Histogram({
  name: 'docket_append_group_commits',
  help: 'Commits that the store wrote in one transaction.',
  buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256],
});

const groupEvents = counter('append_events_total', 'Events that the store wrote for this process.');

const subscriptionDrops = counter(
  'subscription_drops_total',
  'Dropped subscriptions of this process, by cause: connection, read or handler.',
  'reason',
);

// Starting each series at 0 makes its first event visible as an increase.
for (const outcome of ['appended', 'repeated', 'conflict', 'unavailable', 'failed'] satisfies AppendEnd[]) {
  appendSeconds.zero({ outcome });
}
for (const reason of ['read', 'handler'] satisfies SubscriptionDrop[]) {
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
