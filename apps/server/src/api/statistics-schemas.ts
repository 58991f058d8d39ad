import { list, meaning, object, orNull, schemed } from '#lifecycle/fields';
import { DEADLINE_STATES } from '#state-machines/capabilities/deadlines';
import { lifecycles } from '#state-machines/lifecycles';
import { count, countsOf, date, position, text } from './answer-fields.ts';

export const byStatus = countsOf(lifecycles.statuses);

const days = schemed<number>({ type: 'number', minimum: 0 });

const closureTimes = {
  closed: count,
  open: meaning(count, 'Those that are open: they count as not closed yet.'),
  days: meaning(
    object({ q1: orNull(days), median: orNull(days), q3: orNull(days) }),
    'After how many days from the issue a quarter, half and three quarters of the records are closed (Kaplan and Meier); null where that is not reached.',
  ),
};

const deadlineFigures = {
  enteredInError: meaning(count, 'Recorded as late only because of a mistake that was corrected later.'),
  superseded: meaning(count, 'Open when another record replaced theirs.'),
  withdrawn: meaning(count, 'Withdrawn after they fell due.'),
  lateAtEntry: meaning(count, 'Over before they were entered here, which is no lateness of the body.'),
  metEstablishedLater: meaning(
    count,
    'Recorded as late, until two people decided that they were met by the date in force.',
  ),
  stillOpen: meaning(count, 'Not settled. A claim that waits for confirmation settles nothing.'),
  late: meaning(count, 'Settled after the date in force, or overdue before.'),
  met: meaning(count, 'Settled by the date in force, and never overdue before.'),
  metOnRecord: meaning(count, 'Of these, those of which that was recorded by that date as well.'),
  recordedLate: meaning(
    count,
    'Recorded as late after their entry, whatever their outcome, under the body at that time. These are no outcome of their own.',
  ),
  medianDaysLate: meaning(orNull(days), 'Of those that were late; null where there is none.'),
  extensions: meaning(count, 'How often the dates of all these were put off.'),
  extended: meaning(count, 'Of how many that were not withdrawn the date was put off.'),
};

const recipient = meaning(orNull(text), 'The body that they were for then; null where there was none.');

/** The schemas of figures over time. */
export const STATISTICS_ANSWERS = {
  Series: object({
    items: list(
      object({
        on: meaning(date, 'The last day of the interval, or the last day that is asked for.'),
        open: meaning(count, 'How many were open then.'),
        byStatus,
        byDeadline: meaning(
          countsOf(DEADLINE_STATES),
          'Each record once: overdue is without escalated here.',
        ),
        issued: meaning(count, 'How many were issued within the interval.'),
        closed: meaning(count, 'How many were closed within it; a record that was reopened may be so again.'),
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
