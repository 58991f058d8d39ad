import type { SeenPage } from '#use-cases/records/see-page';
import type { Element } from '../components/macro-options.ts';
import { Timeline } from '../components/timeline.tsx';
import { Link } from '../components/link.tsx';
import { longInstant } from '../dates.ts';
import { headingOf, partsOf, textIn } from '../kind-parts.ts';
import { inViewWords } from '../view-banner.tsx';
import { countWords, recordName, REDACTED, referenceOf } from '../words.ts';
import { PathInWords } from './chart-view.tsx';
import { entryOf } from './entry-view.tsx';
import { ALL_OF_IT } from './entry-words.tsx';
import { EvidenceView } from './evidence-view.tsx';
import { DeadlinesView } from './deadlines-view.tsx';
import { furtherFacts, StandingFacts } from './facts-view.tsx';
import { markedText } from './marked-text.ts';
import { partOnPaper } from './part-on-paper.ts';
import type { PartOnPaper } from './part-on-paper.ts';
import type { ShownPage } from './shown-page.ts';

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
          <h2 class="govuk-heading-m">Deadlines</h2>
          <DeadlinesView shown={shown} />
        </>
      )}
      {shown.seen.submitted > 0 && (
        <>
          <h2 class="govuk-heading-m">Evidence</h2>
          <EvidenceView shown={shown} />
        </>
      )}
      <h2 class="govuk-heading-m">Path through the states</h2>
      <PathInWords chart={shown.chart} />
    </>
  );
}

const TextOnPaper = ({ record }: Pick<SeenPage, 'record'>): Element => (
  <div class="docket-recommendation">
    {markedText(textIn(record) ?? REDACTED, []).map((paragraph, index) => (
      <p class="govuk-body" key={index}>
        {paragraph.map((segment) => segment.text)}
      </p>
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
