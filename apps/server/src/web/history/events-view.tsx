import type { SeenEvent } from '#use-cases/records/see-history';
import type { Element } from '../components/macro-options.ts';
import { Pagination } from '../components/pagination.tsx';
import { Timeline } from '../components/timeline.tsx';
import type { TimelineEntry } from '../components/timeline.tsx';
import { Link } from '../components/link.tsx';
import { valueWords } from '../member-values.tsx';
import { entryOf } from '../record/entry-view.tsx';
import { countWords, referenceOf } from '../words.ts';
import { EventDetails } from './event-details.tsx';
import { IdleYears, idleTime } from './idle-years.tsx';
import type { Replayed } from './replayed.ts';

/** Longer texts are cut; the record's page shows them whole. */
const TEXT_MAX = 500;

/** The events up to the point, newest first, with gaps of a year or more. */
export function EventsView(replayed: Replayed): Element {
  const { items, page, pages, total } = replayed.seen.events;
  const { last } = replayed.seen.axes.versions;
  const entries = items.flatMap((seen, index) => {
    const older = items[index + 1];
    const idle = older && idleTime(older.event.effectiveOn, seen.event.effectiveOn);
    return [
      timelineEntry(replayed, seen),
      ...(idle ? [{ gap: <IdleYears idle={idle} replayed={replayed} /> }] : []),
    ];
  });
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
      <Timeline entries={entries} />
      {pages > 1 && <Pages {...replayed} />}
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

function Pages({ shown, seen, position }: Replayed): Element {
  const { page, pages } = seen.events;
  const link = (to: number) => ({
    href: `${shown.addresses.replay(position, { page: to === 1 ? undefined : to })}#events`,
    labelText: `${to} of ${pages}`,
  });
  return (
    <Pagination
      landmarkLabel="Pages of the events"
      previous={page > 1 ? { content: 'Later', ...link(page - 1) } : undefined}
      next={page < pages ? { content: 'Earlier', ...link(page + 1) } : undefined}
    />
  );
}
