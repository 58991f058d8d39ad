import type { SeenEvent } from '#use-cases/records/see-history';
import type { Element } from '../components/macro-options.ts';
import { NumberedPages } from '../components/pagination.tsx';
import { Timeline } from '../components/timeline.tsx';
import type { TimelineEntry } from '../components/timeline.tsx';
import { Link } from '../components/button.tsx';
import { valueWords } from '../member-values.tsx';
import { entryOf } from '../record/entry-view.tsx';
import { countWords, referenceOf, commandTitle, ROLE_WORDS, stateTitle, wordsFor } from '../words.ts';
import type { Replayed } from './replay-controls.tsx';
import type { Envelope } from '#event-sourcing/envelope';
import { Details, SummaryList } from '../components/blocks.tsx';
import type { SummaryRow } from '../components/blocks.tsx';
import { longDate, longInstant } from '../dates.ts';
import { personName } from '../names.ts';

/** Longer texts are cut; the record's page shows them whole. */
const TEXT_MAX = 500;

/** The events up to the point and between the days, newest first. */
export function EventsView(replayed: Replayed): Element {
  const {
    shown,
    seen: { events, last },
    position,
    days,
  } = replayed;
  const { items, page, pages, total } = events;
  return (
    <section aria-labelledby="events">
      <h2 class="govuk-heading-m" id="events">
        Events
      </h2>
      <p class="govuk-body">
        {total === last ? countWords(total, 'event') : `${total} of ${countWords(last, 'event')}`}, newest
        first
        {pages > 1 && `; page ${page} of ${pages}`}. Times are UK time.
      </p>
      <Timeline entries={items.map((seen) => timelineEntry(replayed, seen))} />
      {pages > 1 && (
        <NumberedPages
          {...{ page, pages }}
          hrefOf={(to) =>
            `${shown.addresses.replay(position, { ...days, page: to === 1 ? undefined : to })}#events`
          }
          words={['Later', 'Earlier']}
          landmarkLabel="Pages of the events"
        />
      )}
    </section>
  );
}

function timelineEntry(replayed: Replayed, seen: SeenEvent): TimelineEntry {
  const { item, withheld } = seen;
  const { version } = item;
  const entry = entryOf({
    item: withoutWithheld(seen),
    kind: referenceOf(replayed.shown.seen.record).kind,
    id: `event-${version}`,
    reading: { max: TEXT_MAX },
    isOnPaper: false,
    linkTo: () => null,
    rest: (characters) => (
      <p class="govuk-body">
        <Link href={replayed.shown.addresses.wholeEvent(version)}>
          Show all {countWords(characters, 'character')}
        </Link>
      </p>
    ),
  });
  return {
    ...entry,
    title: `${version}. ${entry.title as string}`,
    content: (
      <>
        {entry.content}
        {withheld.length > 0 && (
          <p class="govuk-body">{`Withheld from you: ${withheld.map(valueWords).join(', ')}`}</p>
        )}
        <EventDetails replayed={replayed} seen={seen} />
      </>
    ),
  };
}

/** Withheld members are listed separately. */
const withoutWithheld = ({ item, withheld }: SeenEvent): SeenEvent['item'] => {
  const { text: _text, reason: _reason, ...rest } = item;
  if (withheld.length === 0) return item;
  return Object.fromEntries(
    Object.entries(rest).filter(([name, value]) => value !== null || name === 'role'),
  ) as typeof rest;
};

/** The details of an event: decision, rules, related events and hashes. */
function EventDetails({
  replayed,
  seen,
}: {
  readonly replayed: Replayed;
  readonly seen: SeenEvent;
}): Element {
  const { event, item, causes, effects, together, erased } = seen;
  const { version, actor, command, lifecycle, previousHash } = event;
  const links = (versions: readonly number[]) => <EventLinks replayed={replayed} versions={versions} />;
  const rows: readonly (SummaryRow | false)[] = [
    row('Who', personName(actor.subject)),
    ...decisionOf(event),
    row('Command', commandTitle(command.name, replayed.shown.seen.record.lifecycle.name)),
    row('Effective', longDate(event.effectiveOn)),
    row('Recorded', longInstant(event.recordedAt)),
    row('Status afterwards', stateTitle(item.status)),
    lifecycle !== null && row('Lifecycle', `${lifecycle.name}, version ${lifecycle.version}`),
    causes.length > 0 && row('Caused by', links(causes)),
    effects.length > 0 && row('Led to', links(effects)),
    together.length > 0 && row('In the same request', links(together)),
    row('Request ID', <Digits>{event.correlationId}</Digits>),
    row('Event ID', <Digits>{event.eventId}</Digits>),
    row('Hash', <Digits>{event.hash}</Digits>),
    row(
      'Previous hash',
      previousHash === null ? 'None. This is the first event' : <Digits>{previousHash}</Digits>,
    ),
    erased.length > 0 && row('Erased', erased.map(valueWords).join(', ')),
  ];
  return (
    <Details summary={`Details of event ${version}`} open={replayed.at === version}>
      <SummaryList rows={rows} classes="docket-event" />
      <p class="govuk-body">
        <Link href={replayed.shown.addresses.replay({ version }, {}, version)}>
          The record after event {version}
        </Link>
      </p>
    </Details>
  );
}

const row = (key: string, value: string | Element): SummaryRow => ({ key, value });

const Digits = ({ children }: { readonly children: string }): Element => (
  <code class="docket-digest">{children}</code>
);

/** Returns the role and the rules of the decision. */
function decisionOf({ decision, origin }: Envelope): SummaryRow[] {
  if (decision === null)
    return [
      row(
        'Decided by',
        origin === 'sweep'
          ? 'No one: the deadline sweep recorded it'
          : 'Not recorded: the event was imported',
      ),
    ];
  return [
    row('Role', wordsFor(ROLE_WORDS, decision.role)),
    row('Rules checked', decision.guards.map((guard) => guard.replaceAll('-', ' ')).join('; ') || 'None'),
  ];
}

/** Imports have too many events in one request to list them all. */
const LINKS_MAX = 12;

function EventLinks({
  replayed: { shown, seen, position, days },
  versions,
}: {
  readonly replayed: Replayed;
  readonly versions: readonly number[];
}): Element {
  const { versions: taken } = seen.events;
  const addressOf = (version: number): string =>
    // An event outside this view is linked at its own version.
    taken.has(version)
      ? shown.addresses.replay(position, { ...days, at: version }, version)
      : shown.addresses.replay({ version }, {}, version);
  return (
    <>
      {versions.slice(0, LINKS_MAX).map((version, index) => (
        <>
          {index > 0 && ', '}
          <Link href={addressOf(version)}>event {version}</Link>
        </>
      ))}
      {versions.length > LINKS_MAX && ` and ${versions.length - LINKS_MAX} more`}
    </>
  );
}
