import { point } from './query-parameters.ts';
import { ok, READ } from './route-document.ts';
import type { RouteDocument } from './route-document.ts';

/** The route that compares two points of a record's history. */
export const COMPARISON_ROUTES = {
  compare: {
    summary: 'Compares a record at two points of its history.',
    description:
      'Returns the events that only the later point includes, in effective order; between two versions, in stream ' +
      'order. Compared with a point before the record existed, everything is new. `pending.evidence.items` lists the evidence that waits for a decision.',
    reads: true,
    query: { from: point('The earlier point.'), to: point('The later point.') },
    answer: ok('Comparison', 'The members that differ, in the order of the record.'),
    problems: READ,
  },
} satisfies Record<string, RouteDocument>;
