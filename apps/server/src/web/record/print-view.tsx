import type { SeenPage } from '#use-cases/records/see-page';
import type { Element } from '../components/macro-options.ts';
import { Timeline } from '../components/timeline.tsx';
import { Link } from '../components/button.tsx';
import { longInstant } from '../dates.ts';
import { headingOf, partsOf } from '../kind-parts.ts';
import { inViewWords } from '../view-banner.tsx';
import { countWords, recordName, REDACTED, referenceOf } from '../words.ts';
import { PathInWords } from './chart-view.tsx';
import { entryOf, ALL_OF_IT } from './entry-view.tsx';
import { EvidenceView } from './record-view.tsx';
import { DeadlinesView } from './deadlines-view.tsx';
import { furtherFacts, StandingFacts } from './facts-view.tsx';
import { markedText } from './marked-text.ts';
import type { ShownPage } from './shown-page.ts';
import { deflateRawSync } from 'node:zlib';
import type { TimelineItem } from '#read-models/timeline/timeline';

export function PrintView({
  shown,
  printedAt,
}: {
  readonly shown: ShownPage;
  readonly printedAt: string;
}): Element {
  const { seen } = shown;
  const { record, day, chart, entries } = seen;
  const part = partOnPaper(seen);
  return (
    <article class="docket-paper">
      <p class="govuk-body-s">
        {recordName(referenceOf(record))}, version {record.version}.{' '}
        {inViewWords(day, chart.view.knownAt ?? (chart.view.effectiveOn === null ? printedAt : null))}. Times
        are UK time.
      </p>
      <h1 class="govuk-heading-l">{headingOf(record)}</h1>
      {entries.before === 0 && <Beginning shown={shown} />}
      <h2 class="govuk-heading-m">History</h2>
      <p class="govuk-body">
        {countWords(entries.total, 'entry', 'entries')}, newest first. Printed {longInstant(printedAt)}.
      </p>
      <Timeline
        entries={part.items.map((item) =>
          entryOf({
            item,
            kind: referenceOf(record).kind,
            reading: ALL_OF_IT,
            isOnPaper: true,
            linkTo: () => null,
          }),
        )}
      />
      <Parts shown={shown} part={part} />
    </article>
  );
}

function Beginning({ shown }: { readonly shown: ShownPage }): Element {
  const parts = partsOf(shown.seen.record.lifecycle.name);
  return (
    <>
      {parts.text !== null && <TextOnPaper record={shown.seen.record} />}
      <dl class="govuk-summary-list">
        <StandingFacts shown={shown} />
        {furtherFacts(shown)}
      </dl>
      {parts.dates && (
        <>
          <h2 id="deadlines" class="govuk-heading-m">
            Deadlines
          </h2>
          <DeadlinesView shown={shown} />
        </>
      )}
      {shown.seen.submitted > 0 && (
        <>
          <h2 id="evidence" class="govuk-heading-m">
            Evidence
          </h2>
          <EvidenceView shown={shown} />
        </>
      )}
      <h2 class="govuk-heading-m">Path through the states</h2>
      <PathInWords chart={shown.seen.chart} />
    </>
  );
}

const TextOnPaper = ({ record }: Pick<SeenPage, 'record'>): Element => (
  <div class="docket-recommendation">
    {markedText(record.text ?? REDACTED, []).map((paragraph) => (
      <p class="govuk-body">{paragraph.map((segment) => segment.text)}</p>
    ))}
  </div>
);

function Parts({ shown, part }: { readonly shown: ShownPage; readonly part: PartOnPaper }): Element | null {
  const { before, total } = shown.seen.entries;
  const last = before + part.items.length;
  if (before === 0 && part.next === null) return null;
  return (
    <>
      <p class="govuk-body">{`Entries ${before + 1} to ${last} of ${total}`}</p>
      {part.next !== null && (
        <p class="govuk-body docket-not-on-paper">
          <Link href={shown.addresses.print(part.next)}>Continue with entry {last + 1}</Link>
        </p>
      )}
    </>
  );
}

/** The maximum of entries in one part; one more is read to know whether another part follows. */
const ENTRIES_MAX = 100;
export const READ_FOR_PAPER = ENTRIES_MAX + 1;

/** The limit for the compressed texts of a part; a page has at most 100 kB in all. */
const COMPRESSED_BYTES_MAX = 70_000;

/** The entries of a part, and the version that the next part starts with; null in the last part. */
interface PartOnPaper {
  readonly items: readonly TimelineItem[];
  readonly next: number | null;
}

/** Returns as many entries as fit, at least one. */
function partOnPaper({ entries, record }: Pick<SeenPage, 'entries' | 'record'>): PartOnPaper {
  // The first part also contains the recommendation's text.
  let left = COMPRESSED_BYTES_MAX - (entries.before === 0 ? compressedLength(record.text) : 0);
  const isOver = ({ text, reason }: TimelineItem): boolean =>
    (left -= compressedLength(text) + compressedLength(reason)) < 0;
  const found = entries.items.findIndex(isOver);
  const count = Math.min(found < 0 ? ENTRIES_MAX : Math.max(1, found), ENTRIES_MAX);
  const next = entries.items[count]?.version ?? null;
  return { items: entries.items.slice(0, count), next };
}

const compressedLength = (words: string | null | undefined): number =>
  words === null || words === undefined ? 0 : deflateRawSync(words).length;
