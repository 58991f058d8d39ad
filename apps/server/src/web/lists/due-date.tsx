import type { RegisterItem } from '#read-models/register/register-query';
import type { Content, Element } from '../components/macro-options.ts';
import { daysLeft, shortDate } from '../dates.ts';
import { DEADLINE_WORDS } from '../words.ts';

interface DueDateOptions {
  /** A plain date. */
  readonly dueOn: string;
  readonly isSettled: boolean;
  /** The day for which it is judged. */
  readonly day: string;
}

/** A deadline in a list, with how long it is until then. */
export const DueDate = (due: DueDateOptions): Element => (
  <span class="docket-figures">
    {`${shortDate(due.dueOn)}, `}
    <Lateness {...due} />
  </span>
);

/** How long it is until a deadline: what is late says so in words, weight and colour. */
export function Lateness({ dueOn, isSettled, day }: DueDateOptions): Element {
  if (isSettled) return <>settled</>;
  const words = daysLeft(day, dueOn);
  return dueOn < day ? <strong class="docket-late">{words}</strong> : <>{words}</>;
}

type Due = Pick<RegisterItem, 'dueOn' | 'state'>;

/** A record's deadline, as lists show it for a day. */
export const dueOf = (item: Due, day: string): Content =>
  item.dueOn === null ? DEADLINE_WORDS.none : <DueDate {...judged(item.dueOn, item, day)} />;

/** The same in few words, without the date. */
export const latenessOf = (item: Due, day: string): Content =>
  item.dueOn === null ? (
    DEADLINE_WORDS.none.toLowerCase()
  ) : (
    <>
      {item.dueOn >= day && item.state['deadline'] !== 'settled' && 'due '}
      <Lateness {...judged(item.dueOn, item, day)} />
    </>
  );

const judged = (dueOn: string, { state }: Pick<Due, 'state'>, day: string): DueDateOptions => ({
  ...{ dueOn, day },
  isSettled: state['deadline'] === 'settled',
});
