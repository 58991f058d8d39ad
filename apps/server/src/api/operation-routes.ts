import { json, ok } from './route-document.ts';
import type { RouteDocument } from './route-document.ts';

/** The routes for operators, and of the caller's own identity. */
export const OPERATION_ROUTES = {
  me: {
    summary: 'Retrieves your identity and the expiry of your token.',
    reads: true,
    answer: ok('Me'),
    problems: ['invalid-parameter', 'store-unavailable', 'read-model-behind'],
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
