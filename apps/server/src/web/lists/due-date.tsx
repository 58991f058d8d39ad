import type { RegisterItem } from '#read-models/register/register-query';
import type { Content, Element } from '../components/macro-options.ts';
import { daysLeft, shortDate } from '../dates.ts';
import { DEADLINE_WORDS } from '../words.ts';

interface DueDateOptions {
  readonly dueOn: string;
  readonly isSettled: boolean;
  /** The date of the view. */
  readonly day: string;
}

export const DueDate = (due: DueDateOptions): Element => (
  <span class="docket-figures">
    {`${shortDate(due.dueOn)}, `}
    <Lateness {...due} />
  </span>
);

/** The time left. Overdue dates are marked by text, weight and colour. */
export function Lateness({ dueOn, isSettled, day }: DueDateOptions): Element {
  if (isSettled) return <>no longer due</>;
  const words = daysLeft(day, dueOn);
  return dueOn < day ? <strong class="docket-late">{words}</strong> : <>{words}</>;
}

type Due = Pick<RegisterItem, 'dueOn' | 'state'>;

/** Returns a record's deadline for lists. */
export const dueOf = (item: Due, day: string): Content =>
  item.dueOn === null ? DEADLINE_WORDS.none : <DueDate {...dueDateOptions(item.dueOn, item, day)} />;

/** Returns the time left without the date. */
export const latenessOf = (item: Due, day: string): Content =>
  item.dueOn === null ? (
    DEADLINE_WORDS.none.toLowerCase()
  ) : (
    <>
      {item.dueOn >= day && item.state['deadline'] !== 'settled' && 'due '}
      <Lateness {...dueDateOptions(item.dueOn, item, day)} />
    </>
  );

const dueDateOptions = (dueOn: string, { state }: Pick<Due, 'state'>, day: string): DueDateOptions => ({
  ...{ dueOn, day },
  isSettled: state['deadline'] === 'settled',
});
