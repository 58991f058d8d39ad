import { MESSAGE_STATES } from '#notifications/outbox/outbox-database';
import { choice, cursor, limit, LIST_PAGE } from './query-parameters.ts';
import { BODY, json, ok, READ } from './route-document.ts';
import type { RouteDocument } from './route-document.ts';

/** The routes for operators, and of the caller's own identity. */
export const OPERATION_ROUTES = {
  me: {
    summary: 'Who you are, as your token says, and until when it holds.',
    reads: true,
    answer: ok('Me'),
    problems: ['invalid-parameter', 'store-unavailable', 'read-model-behind'],
  },
  operations: {
    summary: 'How the service stands: where all is kept, sweeps, messages, checkpoints, processes, errors.',
    description:
      'For administrator. Errors are the last 100 of the process that answers, by their names: what they say is in its log.',
    answer: ok('Operations'),
    problems: ['invalid-parameter', 'role-not-permitted', 'store-unavailable', 'read-model-behind'],
  },
  sweep: {
    summary: 'Has the process that is asked sweep deadlines once more.',
    description: 'For administrator.',
    answer: {
      status: 202,
      description: 'Asked for; the operations tell how it ended.',
      content: json('SweepAsked'),
    },
    problems: ['invalid-parameter', ...BODY, 'not-found', 'role-not-permitted'],
  },
  confirmClock: {
    summary: "Says that the machine's clock is right now, where the service does not trust it.",
    description:
      'For administrator. While the clock jumped, or the log holds events of the future, nothing is recorded (`clock-jumped`). The confirmation is on record, and holds for every process whose clock agrees.',
    answer: {
      status: 200,
      description: 'It is trusted; `confirmed` where it was not until now.',
      content: json('ClockTrusted'),
    },
    problems: ['invalid-parameter', ...BODY, 'role-not-permitted', 'store-unavailable'],
  },
  projections: {
    summary: 'The projections: how far each is, and whether it is stuck.',
    description: 'For administrator.',
    reads: true,
    answer: ok('Projections'),
    problems: ['invalid-parameter', 'role-not-permitted', 'store-unavailable', 'read-model-behind'],
  },
  rebuild: {
    summary:
      'Rebuilds a read model beside the live one, compares the two, and switches, also where they differ.',
    description: 'For administrator.',
    answer: {
      status: 202,
      description: 'Asked for; the projections tell how far it is, and in lastRebuild how it ended.',
      content: json('Rebuild'),
    },
    problems: ['invalid-parameter', ...BODY, 'not-found', 'role-not-permitted', 'store-unavailable'],
  },
  outbox: {
    summary: 'What people are told of deadlines, and what became of it; the newest first.',
    description: 'For administrator.',
    reads: true,
    query: {
      state: choice('Only messages in this state; dead letters were given up.', MESSAGE_STATES),
      limit: limit(LIST_PAGE),
      cursor,
    },
    answer: ok('Outbox'),
    problems: [...READ, 'role-not-permitted'],
  },
  retryMessage: {
    summary: 'Has a message tried again at once, a dead letter with all its attempts before it.',
    description: 'For administrator.',
    answer: { status: 202, description: 'It is tried shortly.', content: json('Retry') },
    problems: [...BODY, 'not-found', 'role-not-permitted', 'already-delivered', 'store-unavailable'],
  },
  live: { summary: 'Whether the process answers.', open: true, answer: ok('Live'), problems: [] },
  ready: {
    summary: 'Whether the service can do its work, and what is in the way.',
    open: true,
    answer: {
      ...ok('Ready'),
      also: [{ status: 503, description: 'Something is in the way.', content: json('Ready') }],
    },
    problems: [],
  },
  metrics: {
    summary: 'Metrics, as Prometheus reads them.',
    open: true,
    answer: {
      status: 200,
      description: 'As asked.',
      content: { 'text/plain': { schema: { type: 'string' } } },
    },
    problems: [],
  },
} satisfies Record<string, RouteDocument>;
