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
  /** True if the list is about responses, and not about the deadlines of records. */
  readonly ofResponse?: boolean;
}

/** A record in a short list: title and reference, and below them the body and the deadline. */
export function RecordLine({
  kind,
  item,
  from,
  isOfOneBody,
  reader,
  today,
  ofResponse,
}: RecordLineOptions): Element {
  const { id, title, recipient, owner } = item;
  const parts = partsOf(kind.name);
  const facts: readonly Content[] = [
    parts.body && (recipient === null ? 'No body' : !isOfOneBody && bodyName(recipient)),
    parts.dates && latenessOf(item, { day: today, ofResponse }),
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

type Due = Pick<RegisterItem, 'dueOn' | 'responseDueOn' | 'state'>;

interface DateOptions {
  /** The date of the view. */
  readonly day: string;
  /** True to show when the response is due, and not the record's deadline. */
  readonly ofResponse?: boolean | undefined;
}

/** Returns a record's deadline for lists, or when its response is due. */
export function dueOf(item: Due, options: DateOptions): Content {
  const due = shownDate(item, options);
  if (due === null) return DEADLINE_WORDS.none;
  return due.isOfRecord || options.ofResponse === true ? (
    <DueDate {...due} />
  ) : (
    <>
      Response: <DueDate {...due} />
    </>
  );
}

/** Returns the time left without the date. */
export function latenessOf(item: Due, options: DateOptions): Content {
  const due = shownDate(item, options);
  if (due === null) return DEADLINE_WORDS.none.toLowerCase();
  return (
    <>
      {!due.isOfRecord && 'response '}
      {due.dueOn >= options.day && !due.isSettled && 'due '}
      <Lateness {...due} />
    </>
  );
}

/** Returns the date to show: the response's where the list is about it, or where there is no other. */
function shownDate(
  { dueOn, responseDueOn, state }: Due,
  { day, ofResponse = dueOn === null }: DateOptions,
): (DueDateOptions & { readonly isOfRecord: boolean }) | null {
  if (ofResponse && responseDueOn !== null)
    return { dueOn: responseDueOn, day, isSettled: false, isOfRecord: false };
  if (ofResponse || dueOn === null) return null;
  return { dueOn, day, isSettled: state['deadline'] === 'settled', isOfRecord: true };
}
