import { labelOf } from '#lifecycle/fields';
import { viewOf } from '#state-machines/any-kind';
import type { Element, Content } from '../components/macro-options.ts';
import { Link } from '../components/button.tsx';
import { longDate } from '../dates.ts';
import { Lateness } from '../lists/record-line.tsx';
import { bodyName, personName } from '../names.ts';
import {
  countWords,
  issuedWords,
  REDACTED,
  referenceOf,
  regionTitle,
  stateTitle,
  stateColour,
} from '../words.ts';
import { partsOf } from '../kind-parts.ts';
import { CLAIMED_WORDS, isClaimed, isOpen, isOwn, nextDeadlines, statusSince } from './shown-page.ts';
import { listPath, recordPath } from '../page-paths.ts';
import type { ShownPage, ShownRecord } from './shown-page.ts';
import type { TravelledRegion } from '#lifecycle/travelled-chart';
import { lifecycles } from '#state-machines/lifecycles';
import { eventMembers, ValueView } from '../member-values.tsx';
import type { EventMember } from '../member-values.tsx';

export function StandingFacts({ shown }: { readonly shown: ShownPage }): Element {
  const { record } = shown.seen;
  const { report, supersededBy } = record;
  const { kind } = referenceOf(record);
  const parts = partsOf(kind.name);
  return (
    <>
      {record.says === undefined ? <StatusFact shown={shown} /> : <RegionFacts shown={shown} />}
      {parts.dates && <DueFacts shown={shown} />}
      {parts.body && (
        <Fact name="Body">{record.recipient === null ? 'Not set' : bodyName(record.recipient)}</Fact>
      )}
      {parts.owner && (
        <Fact name="Owner">{record.owner === null ? 'Not assigned' : personName(record.owner)}</Fact>
      )}
      {parts.submissions && <EvidenceFact submitted={shown.seen.submitted} />}
      {report !== null && (
        <Fact name="Report">
          {report.name ?? REDACTED}, published {longDate(report.publishedOn)}
        </Fact>
      )}
      <Highlights shown={shown} />
      {supersededBy !== null && (
        <Fact name="Replaced by">
          <Link href={recordPath({ kind, id: supersededBy })}>{supersededBy}</Link>
        </Fact>
      )}
      <Fact name={issuedWords(kind)}>
        {longDate(record.issuedOn)}
        {record.issue !== null && (
          <>
            {' to several bodies, as '}
            <Link href={`${listPath(kind)}?issue=${encodeURIComponent(record.issue)}`}>{record.issue}</Link>
          </>
        )}
      </Fact>
    </>
  );
}

function StatusFact({ shown }: { readonly shown: ShownPage }): Element {
  const { status, statusOrigin } = shown.seen.record;
  const since = statusSince(shown);
  const words = [
    ...(since === null ? [] : [`since ${longDate(since)}`]),
    ...(statusOrigin === 'import' ? ['imported'] : []),
  ].join(', ');
  return (
    <Fact name="Status">
      <StatusTag status={status} /> <span class="docket-since">{words}</span>
      {isClaimed(shown) && <>. {CLAIMED_WORDS}</>}
    </Fact>
  );
}

/** The next deadline of each kind. An open record without one says so. */
function DueFacts({ shown }: { readonly shown: ShownPage }): Element {
  const next = nextDeadlines(shown);
  const { day } = shown.seen;
  return (
    <>
      {isOpen(shown) && !next.some(isOwn) && <Fact name="Due">No deadline</Fact>}
      {next.map(({ kind, dueOn, later }) => (
        <Fact name={isOwn({ kind }) ? 'Due' : `${labelOf(kind)} due`}>
          {longDate(dueOn)}, <Lateness dueOn={dueOn} isSettled={false} day={day} />
          {later > 0 && (
            <>
              {' '}
              <Link href="#deadlines">and {countWords(later, 'later date')}</Link>
            </>
          )}
        </Fact>
      ))}
    </>
  );
}

const EvidenceFact = ({ submitted }: { readonly submitted: number }): Element => (
  <Fact name="Evidence">
    {submitted === 0 ? 'None submitted' : <Link href="#evidence">{countWords(submitted, 'submission')}</Link>}
  </Fact>
);

/** States that the view highlights, because their events may be far down in the history. */
function Highlights({ shown }: { readonly shown: ShownPage }): Element {
  const { chart, record } = shown.seen;
  return (
    <>
      {(viewOf(record.lifecycle.name).highlights ?? []).map(({ region, state, link, meets }) => {
        const last = chart.regions.find((each) => each.region === region)?.path.at(-1);
        return (
          last?.state === state && (
            <Fact name={regionTitle(region)}>
              {`${stateTitle(state)} ${longDate(last.from)}. `}
              {isClaimed(shown, meets) && `${CLAIMED_WORDS} `}
              <Link href={shown.addresses.event(last.version)}>{link}</Link>
            </Fact>
          )
        );
      })}
    </>
  );
}

/** Returns the facts of the record's kind, and the problems of its import. */
export function furtherFacts(shown: ShownPage): readonly Element[] {
  const { record } = shown.seen;
  const problems = record.anomalies.length + (record.moreAnomalies ?? 0);
  return [
    ...(record.says === undefined ? [] : ownFacts(shown)),
    ...(problems === 0
      ? []
      : [
          <Fact name="Import">
            {countWords(problems, 'problem')} in the register’s file
            <ImportProblems shown={shown} />
          </Fact>,
        ]),
  ];
}

function ImportProblems({ shown }: { readonly shown: ShownPage }): Element {
  const { anomalies } = shown.seen.record;
  return (
    <ul class="govuk-list govuk-list--bullet govuk-body-s">
      {anomalies.slice(0, PROBLEMS_MAX).map(({ line, column, detail }) => (
        <li>
          {detail} (line {line}, column {column})
        </li>
      ))}
      {anomalies.length > PROBLEMS_MAX && <li>and more. Export the record as JSON to see them all</li>}
    </ul>
  );
}

/** The export lists all. */
const PROBLEMS_MAX = 10;

const Fact = ({ name, children }: { readonly name: string; readonly children: Content }): Element => (
  <div class="govuk-summary-list__row">
    <dt class="govuk-summary-list__key">{name}</dt>
    <dd class="govuk-summary-list__value">{children}</dd>
  </div>
);

const StatusTag = ({ status }: { readonly status: string }): Element => (
  <strong class={`govuk-tag govuk-tag--${stateColour(status)}`}>{stateTitle(status)}</strong>
);

// Facts of records whose lifecycle defines no view: the amended members of the first event, and for each
// region the members of the event that caused its current state.

function RegionFacts({ shown }: { readonly shown: ShownRecord }): Element {
  const { chart, detailEvents, record } = shown.seen;
  const name = record.lifecycle.name;
  return (
    <>
      {chart.regions.map((region) => {
        const last = region.path.at(-1);
        const cause = detailEvents.find(({ version }) => version === last?.version);
        const members = cause === undefined || cause.version === 1 ? [] : eventMembers(cause);
        return (
          <Fact name={regionName(name, region, chart.regions.length)}>
            <StatusTag status={region.current} />
            {last !== undefined && ` since ${longDate(last.from)}`}
            {members.length > 0 && (
              <ul class="govuk-list govuk-!-margin-top-2 govuk-!-margin-bottom-0">
                {members.map((each) => (
                  <li>
                    {labelOf(each.name, each.field)}: <ValueView {...each} />
                  </li>
                ))}
              </ul>
            )}
          </Fact>
        );
      })}
    </>
  );
}

/** A single region is called the status. */
const regionName = (lifecycle: string, { region }: Pick<TravelledRegion, 'region'>, of: number): string =>
  of === 1 && lifecycles.current(lifecycle).words.regions?.[region] === undefined
    ? 'Status'
    : regionTitle(region);

/** Returns the states of the other regions as sentences. */
export const regionSentences = ({ seen: { chart, record } }: ShownRecord): readonly string[] => {
  const { statusRegion } = lifecycles.current(record.lifecycle.name).definition;
  return chart.regions
    .filter(({ region }) => region !== statusRegion)
    .map(({ region, current, path }) => {
      const last = path.at(-1);
      const since = last === undefined ? '' : ` since ${longDate(last.from)}`;
      return `${regionTitle(region)}: ${stateTitle(current).toLowerCase()}${since}.`;
    });
};

/** Returns the members that are shown nowhere else. */
const ownFacts = (shown: ShownRecord): readonly Element[] =>
  ownMembers(shown).map((each) => (
    <Fact name={labelOf(each.name, each.field)}>
      <ValueView {...each} />
    </Fact>
  ));

function ownMembers({ seen: { detailEvents, record } }: ShownRecord): readonly EventMember[] {
  const [first] = detailEvents;
  if (first === undefined) return [];
  const name = record.lifecycle.name;
  const { events } = lifecycles.current(name).definition;
  const { title, text, body, owner } = partsOf(name);
  const shownElsewhere = new Set([title, text, 'issue', body && 'recipient', owner && 'owner']);
  const due = new Set(record.deadlines.flatMap(({ dueOn, firstDueOn }) => [dueOn, firstDueOn]));
  const amendments = detailEvents.filter(({ type }) => events[type]?.kind === 'note').map(eventMembers);
  return eventMembers(first)
    .map((member) => amendments.flat().findLast((each) => each.name === member.name) ?? member)
    .filter(
      ({ name: member, value }) =>
        !shownElsewhere.has(member) && !(typeof value === 'string' && due.has(value)),
    );
}
