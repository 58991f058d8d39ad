import { lifecycles } from '#state-machines/lifecycles';
import type { Element } from '../components/macro-options.ts';
import { longDate } from '../dates.ts';
import { Lateness } from '../lists/record-line.tsx';
import { StackedTable } from '../lists/stacked-table.tsx';
import { personName } from '../names.ts';
import { DEADLINE_WORDS, dueOfWords, referenceOf, wordsFor } from '../words.ts';
import type { ShownRecord } from './shown-page.ts';
import { isClaimed } from './shown-page.ts';

export function DeadlinesView({ shown }: { readonly shown: ShownRecord }): Element {
  const { record, day } = shown.seen;
  const deadlines = record.deadlines.toSorted((one, other) => (one.dueOn < other.dueOn ? -1 : 1));
  if (deadlines.length === 0) return <p class="govuk-body">There are no deadlines.</p>;
  const canBeExtended = lifecycles.current(record.lifecycle.name).code.dates !== undefined;
  return (
    <StackedTable
      caption="Deadlines"
      columns={['Due', 'For', 'State', ...(canBeExtended ? ['Extension'] : [])]}
      rowIds={deadlines.map(({ id }) => `deadline-${id}`)}
      rows={deadlines.map((deadline) => [
        <strong class="docket-figures">{longDate(deadline.dueOn)}</strong>,
        <>
          {dueOfWords(referenceOf(record).kind, deadline.kind)}
          {deadline.sourceGone === true && '; this wording is no longer in the text'}
        </>,
        <>
          <State deadline={deadline} day={day} />
          {isClaimed(shown, deadline.kind) && '; reported as met but not confirmed'}
        </>,
        ...(canBeExtended ? [<Extension shown={shown} deadline={deadline} />] : []),
      ])}
    />
  );
}

type Deadline = ShownRecord['seen']['record']['deadlines'][number];

function State({ deadline, day }: { readonly deadline: Deadline; readonly day: string }): Element {
  const { state, dueOn } = deadline;
  const words = wordsFor(DEADLINE_WORDS, state);
  if (state === 'settled') return <>{words}</>;
  return (
    <>
      {words}, <Lateness dueOn={dueOn} isSettled={false} day={day} />
    </>
  );
}

function Extension({
  shown,
  deadline,
}: {
  readonly shown: ShownRecord;
  readonly deadline: Deadline;
}): Element {
  const { id, dueOn, firstDueOn } = deadline;
  const requests = shown.seen.record.pending.extensions.filter(({ deadlineId }) => deadlineId === id);
  const isExtended = dueOn !== firstDueOn;
  if (!isExtended && requests.length === 0) return <>None</>;
  return (
    <>
      {isExtended && `Extended; first due ${longDate(firstDueOn)}. `}
      {requests.map((request) => (
        <span>
          Extension to {longDate(request.dueOn)} requested{' '}
          {request.requester !== null && `by ${personName(request.requester)} `} on{' '}
          {longDate(request.requestedOn)}.{' '}
        </span>
      ))}
    </>
  );
}
