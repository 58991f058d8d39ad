import type { FoundInLog, LogVerification } from '#use-cases/audit/verify-now';
import { pathOf } from '#lifecycle/kind';
import { kinds } from '#state-machines/record-streams';
import { Button, Link } from '../components/button.tsx';
import { Details, Tag } from '../components/blocks.tsx';
import type { Content, Element } from '../components/macro-options.ts';
import { longInstant } from '../dates.ts';
import { StackedTable } from '../lists/stacked-table.tsx';
import { personName } from '../names.ts';
import { Mark } from '../forms/post-form.tsx';
import { countWords, wordsFor, formatCount } from '../words.ts';

interface VerificationsOptions {
  readonly verifications: readonly LogVerification[];
}

/** The last verification. A running one is refreshed by script, or by a link. */
export function Verifications({ verifications }: VerificationsOptions): Element {
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
          <p class="govuk-body">The history has not been verified yet.</p>
        ) : (
          <Last verification={last} />
        )}
        {!isRunning && <VerifyNow />}
        {earlier.length > 0 && <Earlier verifications={earlier} />}
      </section>
    </>
  );
}

const VerifyNow = (): Element => (
  <form method="post" action="/audit/verifications" class="docket-not-on-paper">
    <Mark />
    <p class="govuk-body" id="verify-does">
      Checks that no event was changed or is missing, that every event followed the rules and appears in
      lists, and that the history continues from the last checkpoint. It runs in the background: you can leave
      this page.
    </p>
    <Button attributes={{ 'aria-describedby': 'verify-does' }} preventDoubleClick>
      Verify the history
    </Button>
  </form>
);

const STATES: Readonly<
  Record<LogVerification['state'], { readonly words: string; readonly colour: string }>
> = {
  running: { words: 'Running', colour: 'light-blue' },
  holds: { words: 'Verified', colour: 'green' },
  'does-not-hold': { words: 'Problems found', colour: 'red' },
  failed: { words: 'Failed', colour: 'orange' },
  stopped: { words: 'Stopped', colour: 'grey' },
};

const State = ({ of: state }: { readonly of: LogVerification['state'] }): Element => (
  <Tag classes={`govuk-tag--${STATES[state].colour}`}>{STATES[state].words}</Tag>
);

const requestWords = ({ askedBy, askedAt, finishedAt }: LogVerification): string =>
  `Requested by ${personName(askedBy)} on ${longInstant(askedAt)}.${finishedAt === null ? '' : ` Finished on ${longInstant(finishedAt)}.`}`;

const Last = ({ verification }: { readonly verification: LogVerification }): Element => (
  <>
    <p class="govuk-body" data-end>
      <State of={verification.state} /> {resultSentence(verification)}
    </p>
    {verification.state === 'running' && <Progress verification={verification} />}
    <p class="govuk-body">{requestWords(verification)}</p>
    {verification.found !== null && verification.found.divergenceCount > 0 && (
      <Findings found={verification.found} />
    )}
  </>
);

function resultSentence({ state, events, found, failure }: LogVerification): string {
  switch (state) {
    case 'running':
      return 'The history is being verified.';
    case 'holds':
      return `All ${countWords(events, 'event')} in ${countWords(found?.streams ?? 0, 'stream')} are unchanged${continuationOf(found)}.`;
    case 'does-not-hold':
      return `There are problems in ${countWords(found?.divergenceCount ?? 0, 'place')} among ${countWords(events, 'event')}. Contact the administrator, and keep the store unchanged until the cause is known.`;
    case 'failed':
      return `The history could not be verified: ${failure ?? 'see the service’s log'}.`;
    case 'stopped':
      return `The service stopped after it had checked ${countWords(events, 'event')}. Start the verification again.`;
  }
}

const continuationOf = (found: FoundInLog | null): string =>
  found?.checkpoint == null
    ? ''
    : `, and continue from the last checkpoint, which covers ${countWords(found.checkpoint, 'event')}`;

function Progress({ verification: { events, total } }: { readonly verification: LogVerification }): Element {
  const share = total === null || total === 0 ? null : Math.min(Math.floor((events / total) * 100), 100);
  const progressText =
    total === null
      ? `${countWords(events, 'event')} checked`
      : `${formatCount(events)} of about ${countWords(total, 'event')} checked, ${share ?? 0}%`;
  return (
    <>
      <p class="govuk-body">
        <progress max={100} value={share ?? undefined} aria-label="Events checked">
          {progressText}
        </progress>
        <br />
        {progressText}
      </p>
      <p class="govuk-body docket-not-on-paper">
        <Link href="/audit#verify">Refresh the progress</Link>
      </p>
    </>
  );
}

const FINDING_WORDS: Readonly<Record<string, string>> = {
  hash: 'The event was changed',
  malformed: 'The event is not valid',
  'unknown-form': 'This version of Docket does not support the event’s format',
  version: 'The previous event is missing, or this event was inserted',
  'previous-hash': 'The event does not follow the previous one',
  commitment: 'Text was changed',
  'missing-value': 'Text is missing but was not redacted',
  'not-erased': 'Redacted text still exists',
  'event-id': 'The event is a duplicate, or its id does not match its command',
  'recorded-at': 'The event has an earlier time than the previous one',
  'illegal-event': 'The rules do not allow the event at this point',
  state: 'The rules lead to a different state',
  'unknown-lifecycle': 'This version of Docket does not support the record’s lifecycle',
  unreadable: 'The event cannot be read',
  index: 'The store’s index differs from the log',
  head: 'The history does not continue from the last checkpoint',
};

/** The API lists more. */
const FINDINGS_SHOWN = 20;

function Findings({ found: { divergences, divergenceCount } }: { readonly found: FoundInLog }): Element {
  const shown = divergences.slice(0, FINDINGS_SHOWN);
  return (
    <>
      <StackedTable
        caption="Problems found"
        columns={['Where', 'Event', 'Problem', 'Details']}
        rows={shown.map(({ streamId, version, position, code, detail }) => [
          whereOf(streamId, version, position),
          version === null ? 'Not known' : String(version),
          wordsFor(FINDING_WORDS, code),
          `${code}: ${detail}`,
        ])}
      />
      {divergenceCount > shown.length && (
        <p class="govuk-body">
          {`And ${countWords(divergenceCount - shown.length, 'more', 'more')}. The API lists the first 100, and docket verify lists all.`}
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
    <Link classes="docket-id" href={`${pathOf(record)}/history${query}`}>
      {record.id}
    </Link>
  );
}

const Earlier = ({ verifications }: { readonly verifications: readonly LogVerification[] }): Element => (
  <Details summary="Earlier verifications">
    <StackedTable
      caption="Earlier verifications, newest first"
      columns={['Requested', 'By', 'Finished', 'Result', 'Events']}
      rows={verifications.map((each) => [
        longInstant(each.askedAt),
        personName(each.askedBy),
        each.finishedAt === null ? 'Not known' : longInstant(each.finishedAt),
        <State of={each.state} />,
        countWords(each.events, 'event'),
      ])}
    />
  </Details>
);
