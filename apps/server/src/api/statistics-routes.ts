import { INTERVALS, POINTS_MAX } from '#lives/intervals';
import { choice, date, text, VIEW } from './query-parameters.ts';
import { KIND, withoutUnusedFilters } from './register-routes.ts';
import { AS_CSV, okOrCsv, QUERY_PAST } from './route-document.ts';
import type { RouteDocument } from './route-document.ts';

const recipient = text('Includes only records that were for this body at the time.');
const { effectiveOn, knownAt } = VIEW;
const ISSUED = withoutUnusedFilters({
  recipient,
  kind: KIND,
  from: date('Includes only records issued on or after this date.'),
  to: date('Includes only records issued on or before this date.'),
  effectiveOn,
  knownAt,
});
const SIGHT = 'Covers the records that you may see today. With `Accept: text/csv`, returns a table.';
const PROBLEMS = [...QUERY_PAST, 'other-organisation', ...AS_CSV] as const;

/** The routes for figures over time. */
export const STATISTICS_ROUTES = {
  series: {
    summary:
      'Counts the records at the end of each month, quarter or year, and those issued and closed in each interval.',
    description:
      `Returns calendar intervals, at most ${POINTS_MAX}; the last one ends on the last requested day. ` +
      `Each stock equals the list with that \`effectiveOn\` and the same \`knownAt\`. ${SIGHT}`,
    reads: true,
    streams: true,
    query: withoutUnusedFilters({
      from: date('The first day of the period; by default the start of the last twelve months.'),
      to: date('The last day of the period; by default today, or the day of `knownAt`.'),
      interval: choice('The length of each interval; by default a month.', INTERVALS),
      recipient,
      kind: KIND,
      knownAt,
    }),
    answer: okOrCsv('Series'),
    problems: PROBLEMS,
  },
  closureTimes: {
    summary: 'Retrieves the times from issue to closure, in total and by body.',
    description: SIGHT,
    reads: true,
    streams: true,
    query: ISSUED,
    answer: okOrCsv('ClosureTimes'),
    problems: PROBLEMS,
  },
  deadlineFigures: {
    summary: 'Counts the outcomes of deadlines that fell due, in total and by body.',
    description:
      'Counts deadlines whose current date had passed by the end of the requested day (`effectiveOn`; by default today, or the day of `knownAt`), or had ' +
      `passed when they were withdrawn. ${SIGHT}`,
    reads: true,
    streams: true,
    query: ISSUED,
    answer: okOrCsv('DeadlineFigures'),
    problems: PROBLEMS,
  },
} satisfies Record<string, RouteDocument>;
