import { labelOf } from '#lifecycle/fields';
import { viewOf } from '#state-machines/any-kind';
import type { Element } from '../components/macro-options.ts';
import { Link } from '../components/link.tsx';
import { longDate } from '../dates.ts';
import { Lateness } from '../lists/due-date.tsx';
import { bodyName, personName } from '../names.ts';
import { countWords, issuedWords, REDACTED, referenceOf, regionTitle, stateTitle } from '../words.ts';
import { partsOf } from '../kind-parts.ts';
import { Fact, ownFacts, RegionFacts, StatusTag } from './own-facts.tsx';
import { CLAIMED_WORDS, isClaimed, isOpen, isOwn, nextDeadlines, statusSince } from './record-state.ts';
import { listPath, recordPath } from '../list-paths.ts';
import type { ShownPage } from './shown-page.ts';

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
        <Fact key={kind} name={isOwn({ kind }) ? 'Due' : `${labelOf(kind)} due`}>
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
            <Fact key={region} name={regionTitle(region)}>
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
      {anomalies.slice(0, PROBLEMS_MAX).map(({ line, column, detail }, index) => (
        <li key={index}>
          {detail} (line {line}, column {column})
        </li>
      ))}
      {anomalies.length > PROBLEMS_MAX && <li>and more. Export the record as JSON to see them all</li>}
    </ul>
  );
}

/** The export lists all. */
const PROBLEMS_MAX = 10;
