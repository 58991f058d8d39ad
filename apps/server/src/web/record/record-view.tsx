import { labelOf } from '#lifecycle/fields';
import { eventTypeInWords } from '#lifecycle/words';
import { summaryBy } from '#read-models/record-row';
import { mayPack } from '#state-machines/access';
import { viewOf } from '#state-machines/any-kind';
import { lifecycles } from '#state-machines/lifecycles';
import { kinds } from '#state-machines/record-streams';
import { NotificationBanner } from '../components/notification-banner.tsx';
import { InsetText } from '../components/set-apart.tsx';
import type { Element } from '../components/macro-options.ts';
import { longDate } from '../dates.ts';
import { NextView } from '../work/next-view.tsx';
import { personName } from '../names.ts';
import { inViewWords, ViewBanner } from '../view-banner.tsx';
import { headingOf, partsOf, textHeading } from '../kind-parts.ts';
import { ChartView } from './chart-view.tsx';
import { CommandsView } from './commands-view.tsx';
import { headlineOf } from './entry-view.tsx';
import { EvidenceView } from './evidence-view.tsx';
import { DeadlinesView, FactsView } from './facts-view.tsx';
import { HistoryView } from './history-view.tsx';
import { AsOthersBanner, OthersView } from './others-view.tsx';
import { mayGive } from './shown-page.ts';
import type { ShownPage } from './shown-page.ts';
import { StateView } from './state-view.tsx';
import { TextView } from './text-view.tsx';

/** A record: what is asked, how it stands, what may be done, and all that happened. */
export function RecordView({
  shown,
  picture,
}: {
  readonly shown: ShownPage;
  /** Of the record in its statechart. */
  readonly picture: string;
}): Element {
  const { record } = shown.seen;
  const parts = partsOf(record.lifecycle.name);
  return (
    <>
      <Done shown={shown} />
      <AsOthersBanner shown={shown} />
      <PastBanner shown={shown} />
      <span class="govuk-caption-l docket-id">{record.id}</span>
      <h1 class="govuk-heading-l">{headingOf(record)}</h1>
      <StateView shown={shown} />
      <Waiting shown={shown} />
      {shown.commands !== null && <CommandsView shown={shown} given={shown.commands} />}
      {parts.text !== null && (
        <Part id="text" heading={textHeading(record.lifecycle.name)}>
          <TextView shown={shown} />
        </Part>
      )}
      <FactsView shown={shown} />
      {parts.dates && (
        <Part id="deadlines" heading="Deadlines">
          <DeadlinesView shown={shown} />
        </Part>
      )}
      {parts.submissions && (
        <Part id="evidence" heading="Evidence">
          <EvidenceView shown={shown} />
        </Part>
      )}
      <Part id="chart" heading="Where it stands, and the way there">
        <ChartView chart={shown.chart} picture={picture} whole={shown.addresses.wholeChart} />
      </Part>
      <HistoryView shown={shown} />
      <OthersView shown={shown} />
      {shown.as === undefined && <TakeAway shown={shown} />}
      <LiveNotice shown={shown} />
    </>
  );
}

/** A part of the page under its own heading. */
export function Part(given: {
  readonly id: string;
  readonly heading: string;
  readonly children: Element;
}): Element {
  const { id, heading, children } = given;
  return (
    <section aria-labelledby={id}>
      <h2 class="govuk-heading-m" id={id}>
        {heading}
      </h2>
      {children}
    </section>
  );
}

/** What the viewer just did, as the record has it. */
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
          Nobody is shown the text any more. It is not erased from every file of the service yet, because
          something else is using them; that goes on by itself, and there is nothing more for you to do.
        </p>
      )}
      <p class="govuk-body">
        <a class="govuk-notification-banner__link" href={`#event-${item.version}`}>
          See it in the history
        </a>
      </p>
      {next !== null && (
        <NextView
          {...next}
          kind={kinds.named(seen.record.lifecycle.name)}
          today={seen.day}
          linkClass="govuk-notification-banner__link"
        />
      )}
    </NotificationBanner>
  );
}

/** That this is the past, and of when. */
function PastBanner({ shown }: { readonly shown: ShownPage }): Element | null {
  const { chart, day } = shown.seen;
  const { effectiveOn, knownAt } = chart.view;
  if (effectiveOn === null && knownAt === null) return null;
  return <ViewBanner of={inViewWords(day, knownAt)} now={shown.addresses.now} />;
}

/** What waits for somebody. */
function Waiting({ shown }: { readonly shown: ShownPage }): Element | null {
  const waits = waitsOf(shown);
  if (waits.length === 0) return null;
  return (
    <InsetText>
      <ul class="govuk-list">
        {waits.slice(0, WAITS_MAX).map(({ what, requested, commands, does = 'Decide on it' }, index) => {
          const command = commands.find((each) => mayGive(shown, each));
          return (
            <li key={index}>
              {what}
              {requested && `${by(requested.by)} on ${longDate(requested.on)}`}.{' '}
              {command !== undefined && (
                <a class="govuk-link" href={shown.addresses.command(command)}>
                  {does}
                </a>
              )}
            </li>
          );
        })}
      </ul>
    </InsetText>
  );
}

/** What the view of the record tells, and by its name what its summary says besides. */
function waitsOf({ seen: { record, waiting } }: ShownPage) {
  const { name: lifecycle } = record.lifecycle;
  const told = (viewOf(lifecycle).waits?.(record) ?? []).map((wait) => ({
    ...wait,
    commands: [wait.command],
  }));
  const names = new Set(told.map(({ name }) => name));
  const { waits = {} } = summaryBy(lifecycles.current(lifecycle));
  const others = waiting
    .filter((name) => !names.has(name))
    .map((name) => ({
      ...{ what: `${labelOf(name)} waits for a decision`, requested: undefined, does: undefined },
      commands: waits[name]?.decidedBy ?? [],
    }));
  return [...told, ...others];
}

/** The table of deadlines has all. */
const WAITS_MAX = 5;

const by = (requester: string | null): string => (requester === null ? '' : ` by ${personName(requester)}`);

const OF_REGISTER = { register: 'As the register writes it' } as const;
const FORMATS = {
  json: 'JSON, with every event',
  csv: 'CSV',
  cloudevents: 'CloudEvents',
} as const;

function TakeAway({ shown: { addresses, viewer, seen } }: { readonly shown: ShownPage }): Element {
  return (
    <section aria-labelledby="take-away" class="docket-not-on-paper">
      <h2 class="govuk-heading-m" id="take-away">
        Take it with you
      </h2>
      <ul class="govuk-list">
        <li>
          <a class="govuk-link" href={addresses.print()}>
            For printing
          </a>
        </li>
        {mayPack(viewer, seen.record.recipient) && (
          <li>
            <a class="govuk-link" href={addresses.pack}>
              An evidence pack, with proof for others
            </a>
          </li>
        )}
        {Object.entries(
          partsOf(seen.record.lifecycle.name).origin ? { ...OF_REGISTER, ...FORMATS } : FORMATS,
        ).map(([format, words]) => (
          <li key={format}>
            <a class="govuk-link" href={addresses.export(format)} download>
              {words}
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Filled by the script where the record changes; it takes its room from the beginning, so that nothing moves. */
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
