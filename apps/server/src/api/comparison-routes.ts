import { point } from './query-parameters.ts';
import { ok, READ } from './route-document.ts';
import type { RouteDocument } from './route-document.ts';

/** The route that compares two points of a record's history. */
export const COMPARISON_ROUTES = {
  compare: {
    summary: 'What changed in a record from one point of its history to another.',
    description:
      'The events are those that the later point takes and the earlier does not, in effective order; between two versions, in stream ' +
      'order. From before the record existed everything is new. `pending.evidence.items` names the evidence that waits for a decision.',
    reads: true,
    query: { from: point('The earlier.'), to: point('The later.') },
    answer: ok(
      'Comparison',
      'The members of the record that differ, in the order in which the record has them.',
    ),
    problems: READ,
  },
} satisfies Record<string, RouteDocument>;
