import { eventTypeInWords } from '#lifecycle/words';
import { kinds } from '#state-machines/record-streams';
import { Details } from '../components/details.tsx';
import { NotificationBanner } from '../components/notification-banner.tsx';
import type { Element } from '../components/macro-options.ts';
import { Link } from '../components/link.tsx';
import { longDate } from '../dates.ts';
import { personName } from '../names.ts';
import { inViewWords, ViewBanner } from '../view-banner.tsx';
import { headingOf, partsOf, textHeading } from '../kind-parts.ts';
import { NextView } from '../work/next-view.tsx';
import { CardView } from './card-view.tsx';
import { ChartView } from './chart-view.tsx';
import { DeadlinesView } from './deadlines-view.tsx';
import { headlineOf } from './entry-view.tsx';
import { EvidenceView } from './evidence-view.tsx';
import { furtherFacts } from './facts-view.tsx';
import { HistoryView } from './history-view.tsx';
import { AsOthersBanner, OthersView } from './others-view.tsx';
import type { ShownPage } from './shown-page.ts';
import { Exports } from './exports-view.tsx';
import { TextView } from './text-view.tsx';

export function RecordView({
  shown,
  picture,
}: {
  readonly shown: ShownPage;
  /** The drawing of the statechart; null if it cannot be drawn. */
  readonly picture: string | null;
}): Element {
  const { record } = shown.seen;
  const parts = partsOf(record.lifecycle.name);
  const further = furtherFacts(shown);
  return (
    <>
      <Done shown={shown} />
      <AsOthersBanner shown={shown} />
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
            <ChartView chart={shown.chart} picture={picture} whole={shown.addresses.wholeChart} />
          </Details>
          <OthersView shown={shown} />
          {shown.as === undefined && <Exports shown={shown} />}
        </div>
      </div>
      <LiveNotice shown={shown} />
    </>
  );
}

/** What was sent back, newest first, with links to the entries. */
const CameBack = ({ shown }: { readonly shown: ShownPage }): Element => (
  <>
    {shown.seen.cameBack.toReversed().map((item) => (
      <div class="govuk-inset-text docket-came-back" key={item.eventId}>
        <Link href={shown.addresses.event(item.version)}>{headlineOf(item)}</Link>
        {` by ${personName(item.actor)} on ${longDate(item.effectiveOn)}`}
        {typeof item.reason === 'string' ? `: ${item.reason}` : ''}
      </div>
    ))}
  </>
);

export function Part(props: {
  readonly id: string;
  readonly heading: string;
  readonly children: Element;
}): Element {
  const { id, heading, children } = props;
  return (
    <section aria-labelledby={id}>
      <h2 class="govuk-heading-m" id={id}>
        {heading}
      </h2>
      {children}
    </section>
  );
}

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
          The text is no longer shown to anyone. Some of the service’s files still contain it, because they
          are in use. It will be erased from them automatically. You do not need to do anything.
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

/** Filled by the script when the record changes; its space is reserved. */
function LiveNotice({ shown }: { readonly shown: ShownPage }): Element | null {
  const { commands, addresses, seen } = shown;
  if (commands === null) return null;
  return (
    <div
      class="docket-live-notice"
      role="status"
      data-changes={addresses.changes(seen.record.version)}
      data-show={addresses.now}
    />
  );
}
