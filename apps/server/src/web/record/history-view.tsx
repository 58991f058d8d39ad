import { viewOf } from '#state-machines/any-kind';
import { lifecycles } from '#state-machines/lifecycles';
import type { TimelineItem } from '#read-models/timeline/timeline';
import type { Element } from '../components/macro-options.ts';
import { NumberedPages } from '../components/pagination.tsx';
import { Timeline } from '../components/timeline.tsx';
import type { TimelineEntry } from '../components/timeline.tsx';
import { Link } from '../components/button.tsx';
import { countWords, referenceOf } from '../words.ts';
import { entryOf, ALL_OF_IT } from './entry-view.tsx';
import { isAllowed } from './shown-page.ts';
import type { ShownPage } from './shown-page.ts';

/** Longer texts are cut, because they load slowly. */
const TEXT_MAX = 3_000;
/** Collapsed from here, so that neighbouring entries stay visible. */
const FOLD_AT = 500;

export function HistoryView({ shown }: { readonly shown: ShownPage }): Element {
  const { items, page, pages, total } = shown.seen.entries;
  return (
    <section aria-labelledby="history">
      <h2 class="govuk-heading-m" id="history">
        History
      </h2>
      <p class="govuk-body">
        {countWords(total, 'entry', 'entries')}, newest first{pages > 1 && `; page ${page} of ${pages}`}.
        Times are UK time.
      </p>
      <p class="govuk-body docket-not-on-paper">
        <Link href={shown.addresses.replay()}>Step through the history</Link>
      </p>
      <Timeline entries={items.map((item) => timelineEntry(shown, item))} />
      {pages > 1 && (
        <NumberedPages
          {...{ page, pages }}
          hrefOf={(to) => shown.addresses.history(to)}
          words={['Newer', 'Older']}
          landmarkLabel="Pages of the history"
        />
      )}
    </section>
  );
}

function timelineEntry(shown: ShownPage, item: TimelineItem): TimelineEntry {
  const { addresses, seen, whole } = shown;
  const { version, text, eventId } = item;
  // The current text is already at the top of the page.
  const erasing = seen.entries.redactedBy.get(eventId);
  const replaced = seen.entries.versions.get(item.completes ?? '');
  const isAbove = eventId === seen.textEvent && text === seen.record.text;
  return entryOf({
    item: isAbove ? withoutText(item) : item,
    kind: referenceOf(seen.record).kind,
    id: `event-${version}`,
    reading:
      whole === version ? ALL_OF_IT : { max: TEXT_MAX, foldAt: FOLD_AT, isUnfolded: shown.at === version },
    isOnPaper: false,
    linkTo: (id) => {
      const named = seen.entries.versions.get(id);
      return named === undefined ? null : addresses.event(named);
    },
    correctAt: correctionOf(shown, item),
    isClaim: seen.record.pending.claims?.some((claim) => claim.eventId === eventId) ?? false,
    replaced:
      replaced === undefined
        ? undefined
        : { version: replaced, href: addresses.replay({ version: replaced }, {}, replaced) },
    erasedBy: erasing === undefined ? undefined : { version: erasing, href: addresses.event(erasing) },
    rest: (characters) => (
      <p class="govuk-body">
        <Link href={addresses.wholeEvent(version)}>Show all {countWords(characters, 'character')}</Link>
      </p>
    ),
  });
}

/**
 * Returns the form to correct an entry: a comment of the viewer's own, or one that they can request a
 * correction of.
 */
function correctionOf(shown: ShownPage, item: TimelineItem): string | undefined {
  const { addresses, seen, viewer } = shown;
  const { eventId } = item;
  const { name } = seen.record.lifecycle;
  const isWaiting = seen.record.pending.corrections.some(({ corrects }) => corrects === eventId);
  const command = [
    seen.correctable.has(eventId) && !isWaiting ? viewOf(name).correctBy : undefined,
    lifecycles.current(name).words.correctedBy?.(item, viewer.subject),
  ].find((each) => each !== undefined && isAllowed(shown, each));
  return command && addresses.command(command, { eventId });
}

const withoutText = ({ text: _, ...item }: TimelineItem): TimelineItem => item;
