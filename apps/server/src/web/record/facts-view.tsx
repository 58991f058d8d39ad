import { viewOf } from '#state-machines/any-kind';
import { lifecycles } from '#state-machines/lifecycles';
import type { Element } from '../components/macro-options.ts';
import { daysLeft, longDate } from '../dates.ts';
import { bodyName, personName } from '../names.ts';
import {
  counted,
  DEADLINE_WORDS,
  dueOfWords,
  issuedWords,
  REDACTED,
  referenceOf,
  regionTitle,
  stateTitle,
  wordsFor,
} from '../words.ts';
import { partsOf } from '../kind-parts.ts';
import { Fact, OwnFacts, RegionFacts, StatusTag } from './own-facts.tsx';
import { StackedTable } from '../lists/stacked-table.tsx';
import { listPath, recordPath } from '../way-back.ts';
import type { ShownPage, ShownRecord } from './shown-page.ts';

/** What a record is: its status, whose it is, and where it comes from. */
export function FactsView({ shown }: { readonly shown: ShownPage }): Element {
  const { record } = shown.seen;
  const { report, supersededBy } = record;
  const reference = referenceOf(record);
  const parts = partsOf(reference.kind.name);
  const anomalies = record.anomalies.length + (record.moreAnomalies ?? 0);
  return (
    <dl class="govuk-summary-list">
      {record.says === undefined ? (
        <Fact name="Status">
          <StatusTag status={record.status} />
          {record.statusOrigin === 'import' && ' as a register says it'}
        </Fact>
      ) : (
        <RegionFacts shown={shown} />
      )}
      {parts.body && (
        <Fact name="Body">{record.recipient === null ? 'Not known' : bodyName(record.recipient)}</Fact>
      )}
      {parts.owner && (
        <Fact name="Owner">{record.owner === null ? 'Nobody yet' : personName(record.owner)}</Fact>
      )}
      {report !== null && (
        <Fact name="Report">
          {report.name ?? REDACTED}, published {longDate(report.publishedOn)}
        </Fact>
      )}
      <Fact name={issuedWords(reference.kind)}>
        {longDate(record.issuedOn)}
        {record.issue !== null && (
          <>
            {' to several bodies, as '}
            <a
              class="govuk-link"
              href={`${listPath(reference.kind)}?issue=${encodeURIComponent(record.issue)}`}
            >
              {record.issue}
            </a>
          </>
        )}
      </Fact>
      <Highlights shown={shown} />
      {record.says !== undefined && <OwnFacts shown={shown} />}
      {supersededBy !== null && (
        <Fact name="Its place is taken by">
          <a class="govuk-link" href={recordPath({ kind: reference.kind, id: supersededBy })}>
            {supersededBy}
          </a>
        </Fact>
      )}
      {anomalies > 0 && (
        <Fact name="Import">
          {counted(anomalies, 'oddity', 'oddities')} in the register’s file
          <Oddities shown={shown} />
        </Fact>
      )}
    </dl>
  );
}

/** What a region came to that is far down in a long history, with the way there. */
function Highlights({ shown }: { readonly shown: ShownPage }): Element {
  const { chart, record } = shown.seen;
  return (
    <>
      {(viewOf(record.lifecycle.name).highlights ?? []).map(({ region, state, link, meets }) => {
        const last = chart.regions.find((each) => each.region === region)?.path.at(-1);
        return (
          last?.state === state && (
            <Fact key={region} name={regionTitle(region)}>
              {`${stateTitle(state)} ${longDate(last.from)}. `}
              {isClaimed(shown, meets) && `${claimedWords(shown)} `}
              <a class="govuk-link" href={shown.addresses.event(last.version)}>
                {link}
              </a>
            </Fact>
          )
        );
      })}
    </>
  );
}

function Oddities({ shown }: { readonly shown: ShownPage }): Element {
  const { anomalies } = shown.seen.record;
  return (
    <ul class="govuk-list govuk-list--bullet govuk-body-s">
      {anomalies.slice(0, ODDITIES_MAX).map(({ line, column, detail }, index) => (
        <li key={index}>
          {detail} (line {line}, column {column})
        </li>
      ))}
      {anomalies.length > ODDITIES_MAX && <li>and more, which its export as JSON has</li>}
    </ul>
  );
}

/** Whether deadlines of a kind are only claimed to be met. */
export const isClaimed = ({ seen }: ShownRecord, kind: string): boolean =>
  seen.record.pending.claims?.some((claim) => claim.kind === kind) ?? false;

export const claimedWords = ({ seen: { record } }: ShownRecord): string =>
  `Claimed, not confirmed yet: until a second person confirms it, the ${referenceOf(record).kind.noun.singular} counts as late.`;

/** More are no reading matter. */
const ODDITIES_MAX = 10;

/** The deadlines in force, with the days left or over, and what was asked of each. */
export function DeadlinesView({ shown }: { readonly shown: ShownRecord }): Element {
  const { record, day } = shown.seen;
  const deadlines = record.deadlines.toSorted((one, other) => (one.dueOn < other.dueOn ? -1 : 1));
  if (deadlines.length === 0) return <p class="govuk-body">None is set.</p>;
  const canBeExtended = lifecycles.current(record.lifecycle.name).code.dates !== undefined;
  return (
    <StackedTable
      caption="Deadlines"
      columns={['Due', 'For', 'State', ...(canBeExtended ? ['Extension'] : [])].map((heading) => ({
        heading,
      }))}
      rowIds={deadlines.map(({ id }) => `deadline-${id}`)}
      rows={deadlines.map((deadline) => [
        <strong class="docket-figures">{longDate(deadline.dueOn)}</strong>,
        <>
          {dueOfWords(referenceOf(record).kind, deadline.kind)}
          {deadline.sourceGone === true && '; its words are no longer in the text'}
        </>,
        <>
          <DeadlineState deadline={deadline} day={day} />
          {isClaimed(shown, deadline.kind) && '; claimed to be met, not confirmed yet'}
        </>,
        ...(canBeExtended ? [<Extension shown={shown} deadline={deadline} />] : []),
      ])}
    />
  );
}

type Deadline = ShownRecord['seen']['record']['deadlines'][number];

function DeadlineState({ deadline, day }: { readonly deadline: Deadline; readonly day: string }): Element {
  const { state, dueOn } = deadline;
  const words = wordsFor(DEADLINE_WORDS, state);
  return <>{state === 'settled' ? words : `${words}, ${daysLeft(day, dueOn)}`}</>;
}

function Extension({
  shown,
  deadline,
}: {
  readonly shown: ShownRecord;
  readonly deadline: Deadline;
}): Element {
  const { id, dueOn, firstDueOn } = deadline;
  const asked = shown.seen.record.pending.extensions.filter(({ deadlineId }) => deadlineId === id);
  const isExtended = dueOn !== firstDueOn;
  if (!isExtended && asked.length === 0) return <>None</>;
  return (
    <>
      {isExtended && `Extended; first due ${longDate(firstDueOn)}. `}
      {asked.map((request) => (
        <span key={request.eventId}>
          {request.requester === null ? 'Asked' : `${personName(request.requester)} asked`} on{' '}
          {longDate(request.requestedOn)} for {longDate(request.dueOn)}.{' '}
        </span>
      ))}
    </>
  );
}
