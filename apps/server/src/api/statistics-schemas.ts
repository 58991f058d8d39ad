import { DEADLINE_STATES } from '#state-machines/capabilities/deadlines';
import { lifecycles } from '#state-machines/lifecycles';
import { count, countsOf, date, list, object, orNull, position, text, told, typed } from './schema-forms.ts';
import type { SchemaOf } from './schema-forms.ts';

export const byStatus = countsOf(lifecycles.statuses);

const days = typed<number>({ type: 'number', minimum: 0 });

const closureTimes = {
  closed: count,
  open: told(count, 'Those that are open: they count as not closed yet.'),
  days: told(
    object({ q1: orNull(days), median: orNull(days), q3: orNull(days) }),
    'After how many days from the issue a quarter, half and three quarters of the records are closed (Kaplan and Meier); null where that is not reached.',
  ),
};

const deadlineFigures = {
  enteredInError: told(count, 'Recorded as late only because of a mistake that was corrected later.'),
  superseded: told(count, 'Open when another record replaced theirs.'),
  withdrawn: told(count, 'Withdrawn after they fell due.'),
  lateAtEntry: told(count, 'Over before they were entered here, which is no lateness of the body.'),
  metEstablishedLater: told(
    count,
    'Recorded as late, until two people decided that they were met by the date in force.',
  ),
  stillOpen: told(count, 'Not settled. A claim that waits for confirmation settles nothing.'),
  late: told(count, 'Settled after the date in force, or overdue before.'),
  met: told(count, 'Settled by the date in force, and never overdue before.'),
  metOnRecord: told(count, 'Of these, those of which that was recorded by that date as well.'),
  recordedLate: told(
    count,
    'Recorded as late after their entry, whatever their outcome, under the body at that time. These are no outcome of their own.',
  ),
  medianDaysLate: told(orNull(days), 'Of those that were late; null where there is none.'),
  extensions: told(count, 'How often the dates of all these were put off.'),
  extended: told(count, 'Of how many that were not withdrawn the date was put off.'),
};

const recipient = told(orNull(text), 'The body that they were for then; null where there was none.');

/** The schemas of the figures over time. */
export const STATISTICS_ANSWERS = {
  Series: object({
    items: list(
      object({
        on: told(date, 'The last day of the interval, or the last day that is asked for.'),
        open: told(count, 'How many were open then.'),
        byStatus,
        byDeadline: told(countsOf(DEADLINE_STATES), 'Each record once: overdue is without escalated here.'),
        issued: told(count, 'How many were issued within the interval.'),
        closed: told(count, 'How many were closed within it; a record that was reopened may be so again.'),
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
} satisfies Readonly<Record<string, SchemaOf<unknown>>>;
