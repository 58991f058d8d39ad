import { list, meaning, object, orNull, schemed } from '#lifecycle/fields';
import { DEADLINE_STATES } from '#state-machines/capabilities/deadlines';
import { lifecycles } from '#state-machines/lifecycles';
import { count, countsOf, date, position, text } from './answer-fields.ts';

export const byStatus = countsOf(lifecycles.statuses);

const days = schemed<number>({ type: 'number', minimum: 0 });

const closureTimes = {
  closed: count,
  open: meaning(count, 'Open records, which count as not closed yet.'),
  days: meaning(
    object({ q1: orNull(days), median: orNull(days), q3: orNull(days) }),
    'The days from issue until a quarter, half and three quarters of the records were closed (Kaplan–Meier); null if not reached.',
  ),
};

const deadlineFigures = {
  enteredInError: meaning(count, 'Recorded as late only because of a mistake that was corrected later.'),
  superseded: meaning(count, 'Open when another record superseded theirs.'),
  withdrawn: meaning(count, 'Withdrawn after they fell due.'),
  lateAtEntry: meaning(count, 'Already past when entered here, so not counted as late.'),
  metEstablishedLater: meaning(
    count,
    'Recorded as late, but two people later decided that they were met by the date in force.',
  ),
  stillOpen: meaning(count, 'Not settled. A claim that waits for confirmation settles nothing.'),
  late: meaning(count, 'Settled after the date in force, or overdue before.'),
  met: meaning(count, 'Settled by the date in force, and never overdue.'),
  metOnRecord: meaning(count, 'The number of `met` that were also recorded by that date.'),
  recordedLate: meaning(
    count,
    'Recorded as late after entry, with any outcome, under the body at that time. This is not an outcome itself.',
  ),
  medianDaysLate: meaning(orNull(days), 'The median of late deadlines; null if there are none.'),
  extensions: meaning(count, 'The number of extensions of all these deadlines.'),
  extended: meaning(count, 'The number of deadlines that were extended and not withdrawn.'),
};

const recipient = meaning(orNull(text), 'The body at that time; null if there was none.');

/** The schemas of figures over time. */
export const STATISTICS_ANSWERS = {
  Series: object({
    items: list(
      object({
        on: meaning(date, 'The last day of the interval, or the last requested day.'),
        open: meaning(count, 'The number of open records at the end of the interval.'),
        byStatus,
        byDeadline: meaning(
          countsOf(DEADLINE_STATES),
          'Each record counts once: overdue does not include escalated here.',
        ),
        issued: meaning(count, 'The number of records issued in the interval.'),
        closed: meaning(
          count,
          'The number of closures in the interval; a reopened record can be closed again.',
        ),
      }),
    ),
    position,
  }),
  ClosureTimes: object({
    overall: object(closureTimes),
    byRecipient: list(object({ recipient, ...closureTimes })),
    position,
  }),
  DeadlineFigures: object({
    overall: object(deadlineFigures),
    byRecipient: list(object({ recipient, ...deadlineFigures })),
    position,
  }),
};
