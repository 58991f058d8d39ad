import { mayPack } from '#state-machines/access';
import { referenceOf } from '../words.ts';
import { ErrorSummary, Part } from '../components/blocks.tsx';
import type { Element } from '../components/macro-options.ts';
import { Link } from '../components/button.tsx';
import { longInstant } from '../dates.ts';
import { ChartView } from '../record/chart-view.tsx';
import { DeadlinesView, StateView } from '../record/deadlines-view.tsx';
import { TextView } from '../record/text-view.tsx';
import { inViewWords, ViewBanner } from '../view-banner.tsx';
import { headingOf, partsOf, textHeading } from '../kind-parts.ts';
import { EventsView } from './events-view.tsx';
import { refusalOf, ReplayControls } from './replay-controls.tsx';
import type { Replayed } from './replay-controls.tsx';

/** The record at a point of its history. */
export function ReplayView(replayed: Replayed): Element {
  const { shown, seen, position, refused } = replayed;
  const { record } = seen;
  const isPast = Object.values(position).some((value) => value !== undefined);
  const parts = partsOf(record.lifecycle.name);
  return (
    <>
      <ErrorSummary
        errorList={(refused?.problems ?? []).map(({ pointer }) => ({
          content: refusalOf(pointer.slice(1), replayed) ?? '',
          href: `#${pointer.slice(1)}`,
        }))}
      />
      {isPast && <ViewBanner of={whereInWords(replayed)} now={shown.addresses.replay({})} />}
      <span class="govuk-caption-l docket-id">{record.id}</span>
      <h1 class="govuk-heading-l">
        <span class="govuk-visually-hidden">History of: </span>
        {headingOf(record)}
      </h1>
      <StateView shown={shown} />
      <ReplayControls {...replayed} />
      <Part id="chart" heading="State and path">
        <ChartView
          chart={seen.chart}
          whole={position.version === undefined ? shown.addresses.wholeChart : null}
        />
      </Part>
      {parts.dates && (
        <Part id="deadlines" heading="Deadlines">
          <DeadlinesView shown={shown} />
        </Part>
      )}
      {parts.text !== null && (
        <Part id="text" heading={textHeading(record.lifecycle.name)}>
          <TextView shown={shown} />
        </Part>
      )}
      <EventsView {...replayed} />
      {mayPack(shown.viewer, record.recipient, referenceOf(record).kind) && (
        <p class="govuk-body docket-not-on-paper">
          <Link href={shown.addresses.pack}>Make an evidence pack for this record</Link>
        </p>
      )}
    </>
  );
}

function whereInWords({ seen }: Replayed): string {
  const { chart, day, last, record, recordedAt } = seen;
  return recordedAt === null
    ? inViewWords(day, chart.view.knownAt)
    : `After event ${record.version} of ${last}, recorded ${longInstant(recordedAt)}`;
}
