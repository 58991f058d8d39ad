import { list, withDescription, object, orNull, schemed } from '#lifecycle/fields';
import { DEADLINE_STATES } from '#state-machines/capabilities/deadlines';
import { lifecycles } from '#state-machines/lifecycles';
import { count, countsOf, date, position, text } from './answer-fields.ts';

export const byStatus = countsOf(lifecycles.statuses);

const days = schemed<number>({ type: 'number', minimum: 0 });

const closureTimes = {
  closed: count,
  open: withDescription(count, 'The number of open records, which count as not yet closed.'),
  days: withDescription(
    object({ q1: orNull(days), median: orNull(days), q3: orNull(days) }),
    'The days from issue until a quarter, half and three quarters of the records were closed (Kaplan–Meier); null if not reached.',
  ),
};

const deadlineFigures = {
  enteredInError: withDescription(
    count,
    'The number of deadlines that were recorded as late only because of a mistake, which was corrected later.',
  ),
  superseded: withDescription(
    count,
    'The number of deadlines that were open when another record superseded their record.',
  ),
  withdrawn: withDescription(count, 'The number of deadlines that were withdrawn after they fell due.'),
  lateAtEntry: withDescription(
    count,
    'The number of deadlines that had already passed when they were entered, and therefore do not count as late.',
  ),
  metEstablishedLater: withDescription(
    count,
    'The number of deadlines that were recorded as late, but that two people later decided were met by the date in force.',
  ),
  stillOpen: withDescription(
    count,
    'The number of deadlines that are not settled. A claim that waits for confirmation settles nothing.',
  ),
  late: withDescription(
    count,
    'The number of deadlines that were settled after the date in force, or after they were recorded as passed.',
  ),
  met: withDescription(
    count,
    'The number of deadlines that were settled by the date in force and never overdue.',
  ),
  metOnRecord: withDescription(
    count,
    'The number of deadlines in `met` whose settlement was also recorded by the date in force.',
  ),
  recordedLate: withDescription(
    count,
    'The number of deadlines that were recorded as late after they were entered, whatever their outcome, counted for the body at that time. This figure is not an outcome itself.',
  ),
  medianDaysLate: withDescription(
    orNull(days),
    'The median number of days by which late deadlines were missed; null if there are none.',
  ),
  extensions: withDescription(count, 'The number of extensions of all these deadlines.'),
  extended: withDescription(count, 'The number of deadlines that were extended and not withdrawn.'),
};

const recipient = withDescription(orNull(text), 'The body at that time; null if the record had none.');

/** The schemas of figures over time. */
export const STATISTICS_ANSWERS = {
  Series: object({
    items: list(
      object({
        on: withDescription(date, 'The last day of the interval, or the last requested day.'),
        open: withDescription(count, 'The number of open records at the end of the interval.'),
        byStatus,
        byDeadline: withDescription(
          countsOf(DEADLINE_STATES),
          'The number of records by deadline state. Each record counts once: `overdue` does not include `escalated` here.',
        ),
        issued: withDescription(count, 'The number of records issued in the interval.'),
        closed: withDescription(
          count,
          'The number of closures in the interval; a reopened record can be closed again.',
        ),
        reopened: withDescription(count, 'The number of times that a closed record was opened again.'),
        transferredIn: withDescription(
          count,
          'The number of open records that came to the requested recipient; 0 without `recipient`.',
        ),
        transferredOut: withDescription(
          count,
          'The number of open records that went from the requested recipient to another.',
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
