import { INTERVALS, POINTS_MAX } from '#read-models/history/series-points';
import { choice, date, text, VIEW } from './query-parameters.ts';
import { KIND, takenBySome } from './register-routes.ts';
import { AS_CSV, okOrCsv, QUERY } from './route-document.ts';
import type { RouteDocument } from './route-document.ts';

const recipient = text('Only records that were for this body then.');
const { effectiveOn, knownAt } = VIEW;
const ISSUED = takenBySome({
  recipient,
  kind: KIND,
  from: date('Only records that were issued on this day or later.'),
  to: date('Only records that were issued on this day or before.'),
  effectiveOn,
  knownAt,
});
const SIGHT = 'Of the records that are yours to see today. With `Accept: text/csv` a table.';
const PROBLEMS = [...QUERY, 'other-organisation', ...AS_CSV] as const;

/** The routes for figures over time. */
export const STATISTICS_ROUTES = {
  series: {
    summary:
      'How the register stood at the end of each month, quarter or year, and what came and went within it.',
    description:
      `Intervals are those of the calendar, at most ${POINTS_MAX}; the last one ends on the last day that is asked for. ` +
      `Each stock is what the list has with that \`effectiveOn\` and the same \`knownAt\`. ${SIGHT}`,
    reads: true,
    streams: true,
    query: takenBySome({
      from: date('The first day; without it that of the twelfth month from the end.'),
      to: date('The last day; without it today, or the day of knownAt.'),
      interval: choice('How long intervals are; a month where nothing is said.', INTERVALS),
      recipient,
      kind: KIND,
      knownAt,
    }),
    answer: okOrCsv('Series'),
    problems: PROBLEMS,
  },
  closureTimes: {
    summary: 'How long records take from their issue until they are closed, in all and by body.',
    description: SIGHT,
    reads: true,
    streams: true,
    query: ISSUED,
    answer: okOrCsv('ClosureTimes'),
    problems: PROBLEMS,
  },
  deadlineFigures: {
    summary: 'The outcomes of the deadlines that fell due, in all and by body.',
    description:
      'A deadline fell due where its date in force is over by the end of the day that is looked at (`effectiveOn`; else today, or the day of `knownAt`), or was ' +
      `so when it was withdrawn. ${SIGHT}`,
    reads: true,
    streams: true,
    query: ISSUED,
    answer: okOrCsv('DeadlineFigures'),
    problems: PROBLEMS,
  },
} satisfies Record<string, RouteDocument>;
