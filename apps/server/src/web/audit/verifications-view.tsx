import type { FoundInLog, LogVerification } from '#use-cases/audit/verify-now';
import { pathOf } from '#lifecycle/kind';
import { kinds } from '#state-machines/record-streams';
import { Button } from '../components/button.tsx';
import { Details } from '../components/details.tsx';
import type { Content, Element } from '../components/macro-options.ts';
import { Tag } from '../components/set-apart.tsx';
import { longInstant } from '../dates.ts';
import { StackedTable } from '../lists/stacked-table.tsx';
import { personName } from '../names.ts';
import { MARK_FIELD } from '../page-context.ts';
import { counted, wordsFor } from '../words.ts';

const NUMBER = new Intl.NumberFormat('en-GB');

interface VerificationsOptions {
  readonly verifications: readonly LogVerification[];
  readonly mark: string | undefined;
}

/** The last verification. A running one is refreshed by script, or by a link. */
export function Verifications({ verifications, mark }: VerificationsOptions): Element {
  const [last, ...earlier] = verifications;
  const isRunning = last?.state === 'running';
  return (
    <>
      {/* Outside the refreshed part, so that screen readers announce the change. */}
      <div role="status" class="govuk-visually-hidden" data-end-of="verify" />
      <section id="verify" data-goes-on={isRunning ? '' : undefined} aria-labelledby="verify-heading">
        <h2 class="govuk-heading-m" id="verify-heading">
          Verify the history
        </h2>
        {last === undefined ? (
          <p class="govuk-body">Nobody has had it verified here yet.</p>
        ) : (
          <Last verification={last} />
        )}
        {!isRunning && <VerifyNow mark={mark} />}
        {earlier.length > 0 && <Earlier verifications={earlier} />}
      </section>
    </>
  );
}

const VerifyNow = ({ mark }: Pick<VerificationsOptions, 'mark'>): Element => (
  <form method="post" action="/audit/verifications" class="docket-not-on-paper">
    <input type="hidden" name={MARK_FIELD} value={mark} />
    <p class="govuk-body" id="verify-does">
      Reads every event there is: that none was changed, that none is missing in a record’s history, that each
      was allowed by the rules, that reads find all of them, and that the history leads on from the last
      checkpoint. It goes on behind all other work: nobody has to wait for it, and you may go elsewhere.
    </p>
    <Button attributes={{ 'aria-describedby': 'verify-does' }} preventDoubleClick>
      Verify now
    </Button>
  </form>
);

const STATES: Readonly<
  Record<LogVerification['state'], { readonly words: string; readonly colour: string }>
> = {
  running: { words: 'Under way', colour: 'light-blue' },
  holds: { words: 'Holds', colour: 'green' },
  'does-not-hold': { words: 'Does not hold', colour: 'red' },
  failed: { words: 'Failed', colour: 'orange' },
  stopped: { words: 'Stopped', colour: 'grey' },
};

const State = ({ of: state }: { readonly of: LogVerification['state'] }): Element => (
  <Tag classes={`govuk-tag--${STATES[state].colour}`}>{STATES[state].words}</Tag>
);

const askedWords = ({ askedBy, askedAt, finishedAt }: LogVerification): string =>
  `Asked for by ${personName(askedBy)} on ${longInstant(askedAt)}.${finishedAt === null ? '' : ` Ended on ${longInstant(finishedAt)}.`}`;

const Last = ({ verification }: { readonly verification: LogVerification }): Element => (
  <>
    <p class="govuk-body" data-end>
      <State of={verification.state} /> {saidOf(verification)}
    </p>
    {verification.state === 'running' && <Progress verification={verification} />}
    <p class="govuk-body">{askedWords(verification)}</p>
    {verification.found !== null && verification.found.divergenceCount > 0 && (
      <Findings found={verification.found} />
    )}
  </>
);

/** The result in a sentence. */
function saidOf({ state, events, found, failure }: LogVerification): string {
  switch (state) {
    case 'running':
      return 'The history is being verified.';
    case 'holds':
      return `All ${counted(events, 'event')} in ${counted(found?.streams ?? 0, 'stream')} are as they were recorded${leadingOn(found)}.`;
    case 'does-not-hold':
      return `Of ${counted(events, 'event')}, something is wrong in ${counted(found?.divergenceCount ?? 0, 'place')}. Tell the administrator, and keep the store as it is until it is known why.`;
    case 'failed':
      return `It could not be verified: ${failure ?? 'the log of the service says why'}.`;
    case 'stopped':
      return `The service was stopped after ${counted(events, 'event')}. That says nothing about the history: have it verified again.`;
  }
}

const leadingOn = (found: FoundInLog | null): string =>
  found?.checkpoint == null
    ? ''
    : `, and lead on from the last checkpoint, of ${counted(found.checkpoint, 'event')}`;

function Progress({ verification: { events, total } }: { readonly verification: LogVerification }): Element {
  const share = total === null || total === 0 ? null : Math.min(Math.floor((events / total) * 100), 100);
  const said =
    total === null
      ? `${counted(events, 'event')} examined`
      : `${NUMBER.format(events)} of about ${counted(total, 'event')} examined, ${share ?? 0} %`;
  return (
    <>
      <p class="govuk-body">
        <progress class="docket-progress" max={100} value={share ?? undefined} aria-label="Events examined">
          {said}
        </progress>
        <br />
        {said}
      </p>
      <p class="govuk-body docket-not-on-paper">
        <a class="govuk-link" href="/audit#verify">
          Show how far it is
        </a>
      </p>
    </>
  );
}

const FINDING_WORDS: Readonly<Record<string, string>> = {
  hash: 'It was changed',
  malformed: 'It is no event any more',
  'unknown-form': 'It has a form that this version does not know',
  version: 'An event before it is missing, or it was put in',
  'previous-hash': 'It does not follow the event before it',
  commitment: 'A text was changed',
  'missing-value': 'A text is gone, and nobody redacted it',
  'not-erased': 'A text that was redacted is still there',
  'event-id': 'It is there twice, or its command does not give its id there',
  'recorded-at': 'It was recorded before the event ahead of it',
  'illegal-event': 'The rules do not allow it there',
  state: 'The rules lead to another state',
  'unknown-lifecycle': 'Its rules are not those of this version',
  unreadable: 'It cannot be read',
  index: 'Reads do not find what is there',
  head: 'The history does not lead on from the last checkpoint',
};

/** The API lists more. */
const FINDINGS_SHOWN = 20;

function Findings({ found: { divergences, divergenceCount } }: { readonly found: FoundInLog }): Element {
  const shown = divergences.slice(0, FINDINGS_SHOWN);
  return (
    <>
      <StackedTable
        caption="What does not hold"
        columns={['Where', 'Event', 'What is wrong', 'In detail'].map((heading) => ({ heading }))}
        rows={shown.map(({ streamId, version, position, code, detail }) => [
          whereOf(streamId, version, position),
          version === null ? 'Not known' : String(version),
          wordsFor(FINDING_WORDS, code),
          `${code}: ${detail}`,
        ])}
      />
      {divergenceCount > shown.length && (
        <p class="govuk-body">
          {`And ${counted(divergenceCount - shown.length, 'more', 'more')}: the API gives the first 100, and docket verify names each.`}
        </p>
      )}
    </>
  );
}

/** Links to the event in the record's history, if it belongs to a record. */
function whereOf(streamId: string | null, version: number | null, position: string | null): Content {
  if (streamId === null) return position === null ? 'The whole log' : `Position ${position}`;
  const record = kinds.ofStream(streamId);
  if (record === null) return <code class="docket-id">{streamId}</code>;
  const query = version === null ? '' : `?version=${version}`;
  return (
    <a class="govuk-link docket-id" href={`${pathOf(record)}/history${query}`}>
      {record.id}
    </a>
  );
}

const Earlier = ({ verifications }: { readonly verifications: readonly LogVerification[] }): Element => (
  <Details summary="Earlier verifications">
    <StackedTable
      caption="Earlier verifications, the newest first"
      columns={['Asked for', 'By', 'Ended', 'Result', 'Events'].map((heading) => ({ heading }))}
      rows={verifications.map((each) => [
        longInstant(each.askedAt),
        personName(each.askedBy),
        each.finishedAt === null ? 'Not known' : longInstant(each.finishedAt),
        <State of={each.state} />,
        counted(each.events, 'event'),
      ])}
    />
  </Details>
);
