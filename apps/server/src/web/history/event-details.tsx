import type { Envelope } from '#event-sourcing/envelope';
import type { SeenEvent } from '#use-cases/records/see-history';
import { Details } from '../components/details.tsx';
import { SummaryList } from '../components/summary-list.tsx';
import type { SummaryRow } from '../components/summary-list.tsx';
import type { Element } from '../components/macro-options.ts';
import { Link } from '../components/link.tsx';
import { longDate, longInstant } from '../dates.ts';
import { valueWords } from '../member-values.tsx';
import { personName } from '../names.ts';
import { commandTitle, ROLE_WORDS, stateTitle, wordsFor } from '../words.ts';
import type { Replayed } from './replayed.ts';

/** The details of an event: decision, rules, related events and hashes. */
export function EventDetails({
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
  replayed: { shown, seen, position },
  versions,
}: {
  readonly replayed: Replayed;
  readonly versions: readonly number[];
}): Element {
  const { versions: taken } = seen.events;
  const addressOf = (version: number): string =>
    // An event outside this view is linked at its own version.
    taken.has(version)
      ? shown.addresses.replay(position, { at: version }, version)
      : shown.addresses.replay({ version }, {}, version);
  return (
    <>
      {versions.slice(0, LINKS_MAX).map((version, index) => (
        <>
          {index > 0 && ', '}
          <Link href={addressOf(version)} key={version}>
            event {version}
          </Link>
        </>
      ))}
      {versions.length > LINKS_MAX && ` and ${versions.length - LINKS_MAX} more`}
    </>
  );
}
