import { lifecycles } from '#state-machines/lifecycles';
import type { Element } from '../components/macro-options.ts';
import { longDate, daysLeft } from '../dates.ts';
import { Lateness } from '../lists/record-line.tsx';
import { StackedTable } from '../lists/stacked-table.tsx';
import { personName, bodyName } from '../names.ts';
import { DEADLINE_WORDS, dueOfWords, referenceOf, wordsFor, stateTitle } from '../words.ts';
import { isClaimed, CLAIMED_WORDS, isOpen, isOwn, nextDeadlines, statusSince } from './shown-page.ts';
import type { ShownRecord } from './shown-page.ts';
import { partsOf } from '../kind-parts.ts';
import type { KindParts } from '../kind-parts.ts';
import { upperFirst } from '#lifecycle/words';
import { regionSentences } from './facts-view.tsx';

export function DeadlinesView({ shown }: { readonly shown: ShownRecord }): Element {
  const { record, day } = shown.seen;
  const deadlines = record.deadlines.toSorted((one, other) => (one.dueOn < other.dueOn ? -1 : 1));
  const canBeExtended = lifecycles.current(record.lifecycle.name).code.dates !== undefined;
  return (
    <StackedTable
      caption="Deadlines"
      none="There are no deadlines."
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

export function StateView({ shown }: { readonly shown: ShownRecord }): Element {
  const parts = partsOf(shown.seen.record.lifecycle.name);
  return (
    <p class="govuk-body-l" id="state">
      {[
        statusOf(shown),
        ...(shown.seen.record.says === undefined ? [] : regionSentences(shown)),
        ...(isClaimed(shown) ? [CLAIMED_WORDS] : []),
        ...(parts.dates ? dueSentences(shown) : []),
        ...(isOpen(shown) && (parts.body || parts.owner) ? [whose(shown, parts)] : []),
      ].join(' ')}
    </p>
  );
}

function statusOf(shown: ShownRecord): string {
  const since = statusSince(shown);
  const words = stateTitle(shown.seen.record.status);
  return since === null ? `${words}.` : `${words} since ${longDate(since)}.`;
}

/** Other kinds of deadlines, such as responses, also apply to closed records. */
function dueSentences(shown: ShownRecord): readonly string[] {
  const { record, day } = shown.seen;
  const next = nextDeadlines(shown);
  const own = next.find(isOwn);
  const others = next.filter((each) => each !== own);
  const inWords = (dueOn: string): string => `${longDate(dueOn)}, ${daysLeft(day, dueOn)}`;
  const none = others.length === 0 ? 'Nothing is due.' : 'It has no deadline of its own.';
  return [
    ...(isOpen(shown) ? [own === undefined ? none : `Due on ${inWords(own.dueOn)}.`] : []),
    ...others.map(({ kind, dueOn }) => {
      const what = dueOfWords(referenceOf(record).kind, kind);
      return dueOn < day
        ? `${what} was due on ${longDate(dueOn)} and is ${daysLeft(day, dueOn)}.`
        : `${what} is due on ${inWords(dueOn)}.`;
    }),
  ];
}

function whose({ seen }: ShownRecord, parts: KindParts): string {
  const { recipient, owner } = seen.record;
  const body = recipient === null ? 'No body is set' : `It is for ${bodyName(recipient)}`;
  const person = owner === null ? 'it has no owner yet' : `${personName(owner)} owns it`;
  if (!parts.owner) return `${body}.`;
  return parts.body ? `${body}, and ${person}.` : `${upperFirst(person)}.`;
}
