import { MESSAGE_STATES } from '#notifications/outbox/outbox-database';
import { choice, cursor, limit, LIST_PAGE } from './query-parameters.ts';
import { BODY, json, ok, READ } from './route-document.ts';
import type { RouteDocument } from './route-document.ts';

/** The routes for operators, and of the caller's own identity. */
export const OPERATION_ROUTES = {
  me: {
    summary: 'Retrieves your identity and the expiry of your token.',
    reads: true,
    answer: ok('Me'),
    problems: ['invalid-parameter', 'store-unavailable', 'read-model-behind'],
  },
  operations: {
    summary:
      'Retrieves the state of the service: stores, sweeps, messages, checkpoints, processes and errors.',
    description:
      'Requires the `administrator` role. `errors` contains the names of the last 100 errors in the process that responds. Their messages are in its log.',
    answer: ok('Operations'),
    problems: ['invalid-parameter', 'role-not-permitted', 'store-unavailable', 'read-model-behind'],
  },
  sweep: {
    summary: 'Starts a sweep of deadlines in the process that receives the request.',
    description: 'Requires the `administrator` role.',
    answer: {
      status: 202,
      description: 'The sweep was requested. `GET /api/operations` reports its result.',
      content: json('SweepRequested'),
    },
    problems: ['invalid-parameter', ...BODY, 'not-found', 'role-not-permitted'],
  },
  confirmClock: {
    summary: "Confirms that the machine's clock is now correct, if the service does not trust it.",
    description:
      'Requires the `administrator` role. If the clock has jumped, or the log contains events dated in the future, Docket refuses all commands (`clock-jumped`) until the clock is corrected or confirmed. The confirmation is recorded and applies to every process whose clock agrees.',
    answer: {
      status: 200,
      description: 'The clock is trusted. The state is `confirmed` if the clock was not trusted before.',
      content: json('ClockTrusted'),
    },
    problems: ['invalid-parameter', ...BODY, 'role-not-permitted', 'store-unavailable'],
  },
  projections: {
    summary: 'Lists the projections with their progress and state.',
    description: 'Requires the `administrator` role.',
    reads: true,
    answer: ok('Projections'),
    problems: ['invalid-parameter', 'role-not-permitted', 'store-unavailable', 'read-model-behind'],
  },
  rebuild: {
    summary:
      'Rebuilds a read model beside the live one, compares the two read models, and switches to the new one even if they differ.',
    description: 'Requires the `administrator` role.',
    answer: {
      status: 202,
      description:
        'The rebuild was requested. `GET /api/projections` reports its progress, and its result in `lastRebuild`.',
      content: json('Rebuild'),
    },
    problems: ['invalid-parameter', ...BODY, 'not-found', 'role-not-permitted', 'store-unavailable'],
  },
  outbox: {
    summary: 'Lists the outgoing messages with their delivery state, newest first.',
    description: 'Requires the `administrator` role.',
    reads: true,
    query: {
      state: choice('Includes only messages in this state. Dead letters failed permanently.', MESSAGE_STATES),
      limit: limit(LIST_PAGE),
      cursor,
    },
    answer: ok('Outbox'),
    problems: [...READ, 'role-not-permitted'],
  },
  retryMessage: {
    summary:
      'Queues a message for immediate redelivery; the attempts of a dead letter are counted from zero again.',
    description: 'Requires the `administrator` role.',
    answer: { status: 202, description: 'The message will be retried shortly.', content: json('Retry') },
    problems: [...BODY, 'not-found', 'role-not-permitted', 'already-delivered', 'store-unavailable'],
  },
  live: { summary: 'Reports whether the process responds.', open: true, answer: ok('Live'), problems: [] },
  ready: {
    summary: 'Reports whether the service is ready and, if not, why.',
    open: true,
    answer: {
      ...ok('Ready'),
      also: [{ status: 503, description: 'The service is not ready.', content: json('Ready') }],
    },
    problems: [],
  },
  metrics: {
    summary: 'Retrieves metrics in the Prometheus format.',
    open: true,
    answer: {
      status: 200,
      description: 'The metrics.',
      content: { 'text/plain': { schema: { type: 'string' } } },
    },
    problems: [],
  },
} satisfies Record<string, RouteDocument>;
