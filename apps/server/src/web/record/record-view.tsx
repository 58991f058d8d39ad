import { eventTypeInWords } from '#lifecycle/words';
import { kinds } from '#state-machines/record-streams';
import { Details, NotificationBanner, Part } from '../components/blocks.tsx';
import type { Element } from '../components/macro-options.ts';
import { Link } from '../components/button.tsx';
import { longDate } from '../dates.ts';
import { personName } from '../names.ts';
import { inViewWords, ViewBanner } from '../view-banner.tsx';
import { headingOf, partsOf, textHeading } from '../kind-parts.ts';
import { NextView } from '../work/find-next.tsx';
import { CardView } from './card-view.tsx';
import { ChartView } from './chart-view.tsx';
import { DeadlinesView } from './deadlines-view.tsx';
import { headlineOf } from './entry-view.tsx';
import { furtherFacts } from './facts-view.tsx';
import { HistoryView } from './history-view.tsx';
import type { ShownPage } from './shown-page.ts';
import { TextView } from './text-view.tsx';
import { mayPack } from '#state-machines/access';
import { countWords, REDACTED, referenceOf } from '../words.ts';
import type { SeenSubmission } from '#state-machines/record-view';
import { sizeInWords } from '../file-size.ts';

export function RecordView({ shown }: { readonly shown: ShownPage }): Element {
  const { record } = shown.seen;
  const parts = partsOf(record.lifecycle.name);
  const further = furtherFacts(shown);
  return (
    <>
      <Done shown={shown} />
      <PastBanner shown={shown} />
      <span class="govuk-caption-l docket-id">{record.id}</span>
      <h1 class="govuk-heading-l">{headingOf(record)}</h1>
      <CameBack shown={shown} />
      <div class="docket-record">
        <CardView shown={shown} />
        <div class="docket-record__main">
          {parts.text !== null && (
            <Part id="text" heading={textHeading(record.lifecycle.name)}>
              <TextView shown={shown} />
            </Part>
          )}
          {further.length > 0 && (
            <Part id="details" heading="Details">
              <dl class="govuk-summary-list">{further}</dl>
            </Part>
          )}
          {parts.dates && (
            <Part id="deadlines" heading="Deadlines">
              <DeadlinesView shown={shown} />
            </Part>
          )}
          {shown.seen.submitted > 0 && (
            <Part id="evidence" heading="Evidence">
              <EvidenceView shown={shown} />
            </Part>
          )}
          <HistoryView shown={shown} />
          <Details id="chart" summary="Chart: state and path">
            <ChartView chart={shown.seen.chart} whole={shown.addresses.wholeChart} />
          </Details>
          <Exports shown={shown} />
        </div>
      </div>
    </>
  );
}

/** What was sent back, newest first, with links to the entries. */
const CameBack = ({ shown }: { readonly shown: ShownPage }): Element => (
  <>
    {shown.seen.cameBack.toReversed().map((item) => (
      <div class="govuk-inset-text docket-came-back">
        <Link href={shown.addresses.event(item.version)}>{headlineOf(item)}</Link>
        {` by ${personName(item.actor)} on ${longDate(item.effectiveOn)}`}
        {typeof item.reason === 'string' ? `: ${item.reason}` : ''}
      </div>
    ))}
  </>
);

/** Confirms the viewer's own command. */
function Done({ shown }: { readonly shown: ShownPage }): Element | null {
  const { done, next, isErasing, viewer, seen } = shown;
  const item = seen.entries.items.find(({ version, actor }) => version === done && actor === viewer.subject);
  if (item === undefined) return null;
  return (
    <NotificationBanner type="success">
      <p class="govuk-notification-banner__heading">
        Done: {item.visibility === undefined ? headlineOf(item) : eventTypeInWords(item.type)}
      </p>
      {isErasing && item.redacts !== undefined && (
        <p class="govuk-body">
          This is stored, and the text is no longer shown to anyone. Lists and files of the service still have
          to follow, so that lists may be unavailable for a moment. This happens automatically.
        </p>
      )}
      {next !== null && (
        <NextView
          {...next}
          kind={kinds.named(seen.record.lifecycle.name)}
          today={seen.day}
          linkClass="govuk-notification-banner__link"
        />
      )}
      <p class="govuk-body">
        <a class="govuk-notification-banner__link" href={`#event-${item.version}`}>
          See it in the history
        </a>
      </p>
    </NotificationBanner>
  );
}

function PastBanner({ shown }: { readonly shown: ShownPage }): Element | null {
  const { chart, day } = shown.seen;
  const { effectiveOn, knownAt } = chart.view;
  if (effectiveOn === null && knownAt === null) return null;
  return <ViewBanner of={inViewWords(day, knownAt)} now={shown.addresses.now} />;
}

const OF_REGISTER = { register: 'Register format' } as const;
const FORMATS = {
  json: 'JSON, with every event',
  csv: 'CSV',
  cloudevents: 'CloudEvents',
} as const;

function Exports({ shown: { addresses, viewer, seen } }: { readonly shown: ShownPage }): Element {
  return (
    <section aria-labelledby="take-away" class="docket-not-on-paper">
      <h2 class="govuk-heading-s" id="take-away">
        Print and export
      </h2>
      <ul class="govuk-list docket-links">
        <li>
          <Link href={addresses.print()}>Print view</Link>
        </li>
        {mayPack(viewer, seen.record.recipient, referenceOf(seen.record).kind) && (
          <li>
            <Link href={addresses.pack}>Evidence pack, which others can verify</Link>
          </li>
        )}
        {Object.entries(
          partsOf(seen.record.lifecycle.name).origin ? { ...OF_REGISTER, ...FORMATS } : FORMATS,
        ).map(([format, words]) => (
          <li>
            <Link href={addresses.export(format)} download>
              {words}
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** The export contains all. */
const ITEMS_MAX = 20;

export function EvidenceView({ shown }: { readonly shown: ShownPage }): Element {
  const { submissions, submitted } = shown.seen;
  const earlier = submitted - submissions.length;
  return (
    <>
      {submissions.map((submission) => (
        <Submission shown={shown} submission={submission} />
      ))}
      {earlier > 0 && (
        <p class="govuk-body">
          {countWords(earlier, 'earlier submission is', 'earlier submissions are')} listed in the history
          below.
        </p>
      )}
    </>
  );
}

function Submission({
  shown,
  submission,
}: {
  readonly shown: ShownPage;
  readonly submission: SeenSubmission;
}): Element {
  const { event, items, note, ground } = submission;
  return (
    <div class="docket-submission">
      <h3 class="govuk-heading-s">
        Submitted {longDate(event.effectiveOn)} by {personName(event.actor.subject)}
      </h3>
      <p class="govuk-body">
        <Decided submission={submission} />{' '}
        <Link
          href={shown.addresses.event(event.version)}
          about={`: submitted ${longDate(event.effectiveOn)}`}
        >
          {'See it in the history'}
        </Link>
      </p>
      {ground !== undefined && <p class="govuk-body docket-text">{ground ?? REDACTED}</p>}
      <ul class="govuk-list govuk-list--bullet">
        {items.slice(0, ITEMS_MAX).map((item) => (
          <li>
            <Item item={item} />
          </li>
        ))}
        {items.length > ITEMS_MAX && <li>and {countWords(items.length - ITEMS_MAX, 'more item')}</li>}
      </ul>
      {note !== undefined && <p class="govuk-body docket-text">{note ?? REDACTED}</p>}
    </div>
  );
}

function Decided({ submission: { decision, isAccepted } }: { readonly submission: SeenSubmission }): Element {
  if (decision === null) return <strong class="govuk-tag govuk-tag--yellow">Not decided</strong>;
  return (
    <>
      <strong class={`govuk-tag ${isAccepted ? 'govuk-tag--green' : 'govuk-tag--red'}`}>
        {isAccepted ? 'Accepted' : 'Rejected'}
      </strong>
      {` ${longDate(decision.effectiveOn)} by ${personName(decision.actor.subject)}.`}
    </>
  );
}

function Item({ item }: { readonly item: SeenSubmission['items'][number] }): Element {
  const { name, sha256, size, mediaType, url } = item;
  const details = [mediaType, size === undefined ? undefined : sizeInWords(size)].filter(
    (detail) => detail !== undefined,
  );
  return (
    <>
      {url === undefined || !/^https?:/i.test(url) ? (
        (name ?? REDACTED)
      ) : (
        <Link href={url} rel="noreferrer">
          {name ?? REDACTED}
        </Link>
      )}
      {details.length > 0 && ` (${details.join(', ')})`}
      <br />
      <span class="govuk-hint docket-digest">SHA-256 {sha256}</span>
    </>
  );
}
