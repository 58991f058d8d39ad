import type { Element } from '../components/macro-options.ts';
import { daysLeft, shortDate } from '../dates.ts';

interface DueDateOptions {
  /** A plain date. */
  readonly dueOn: string;
  readonly isSettled: boolean;
  /** The day for which it is judged. */
  readonly day: string;
}

/** A deadline in a list, with how long it is until then: what is late says so in words, weight and colour. */
export const DueDate = ({ dueOn, isSettled, day }: DueDateOptions): Element => (
  <span class="docket-figures">
    {`${shortDate(dueOn)}, `}
    {!isSettled && dueOn < day ? (
      <strong class="docket-late">{daysLeft(day, dueOn)}</strong>
    ) : isSettled ? (
      'settled'
    ) : (
      daysLeft(day, dueOn)
    )}
  </span>
);
