import type { RecordKind } from '#lifecycle/kind';
import type { RegisterItem } from '#read-models/register/register-query';
import type { Content, Element } from '../components/macro-options.ts';
import { Link } from '../components/button.tsx';
import { listedAs, partsOf } from '../kind-parts.ts';
import { bodyName } from '../names.ts';
import { recordAddress } from '../page-paths.ts';
import { daysLeft, shortDate } from '../dates.ts';
import { DEADLINE_WORDS } from '../words.ts';

interface RecordLineOptions {
  readonly kind: RecordKind;
  readonly item: RegisterItem;
  /** The list that the link comes from. */
  readonly from?: string;
  /** Hides the body if the reader sees only one. */
  readonly isOfOneBody: boolean;
  /** The user whose own records are marked. */
  readonly reader?: string | undefined;
  readonly today: string;
}

/** A record in a short list: title and reference, and below them the body and the deadline. */
export function RecordLine({ kind, item, from, isOfOneBody, reader, today }: RecordLineOptions): Element {
  const { id, title, recipient, owner } = item;
  const parts = partsOf(kind.name);
  const facts: readonly Content[] = [
    parts.body && (recipient === null ? 'No body' : !isOfOneBody && bodyName(recipient)),
    parts.dates && latenessOf(item, today),
  ].filter((fact) => fact !== false);
  return (
    <>
      <Link href={recordAddress({ kind, id }, from)}>{listedAs({ kind, id }, title)}</Link>
      <span class="docket-queue__id docket-id">
        {[parts.title !== null && ` ${id}`, owner !== null && owner === reader && ' yours']
          .filter((fact) => fact !== false)
          .join(',')}
      </span>
      <span class="docket-queue__facts">
        {facts.map((fact, index) => (
          <>
            {index > 0 && '\u00a0· '}
            {fact}
          </>
        ))}
      </span>
    </>
  );
}

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
