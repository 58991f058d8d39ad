import type { SeriesItem } from '#read-models/history/series-query';
import type { Element } from '../components/macro-options.ts';
import { longDate, shortDate } from '../dates.ts';
import { countedRecords, RECORD } from '../words.ts';
import { STATUSES_OF } from './figures-shown.ts';
import type { Figures, Lists } from './figures-shown.ts';
import { flowsSentence, seriesHeadline } from './headlines.ts';
import { Columns, COLUMNS_MAX, Legend } from './plots.tsx';
import type { Column } from './plots.tsx';
import { Figure, PlotSection } from './section.tsx';

const KINDS = [
  { kind: 'open', text: 'Open (below)' },
  { kind: 'closed', text: 'Closed (above)' },
];

const closedOf = ({ byStatus }: SeriesItem): number =>
  STATUSES_OF.closed.reduce((sum, status) => sum + (byStatus[status] ?? 0), 0);

/** How many records were open, and how many closed, at the end of each interval. */
export function OverTime({
  figures: { series, interval },
  lists,
  csv,
}: {
  readonly figures: Figures;
  readonly lists: Lists;
  readonly csv: string;
}): Element {
  const [first, last] = [series.at(0)?.on ?? '', series.at(-1)?.on ?? ''];
  const openOn = (on: string) => lists.records({ status: STATUSES_OF.open }, on);
  const closedOn = (on: string) => lists.records({ status: STATUSES_OF.closed }, on);
  return (
    <PlotSection
      id="over-time"
      topic="Open and closed over time"
      headline={seriesHeadline(series)}
      subtitle={`Recommendations at the end of each ${interval}, from ${longDate(first)} to ${longDate(last)}: a column is all that there were by then. ${flowsSentence(series)}`}
      plot={
        series.length > COLUMNS_MAX ? (
          <p class="govuk-body">More columns than can be told apart: choose longer steps, or fewer days.</p>
        ) : (
          <>
            <Legend kinds={KINDS} />
            <Columns
              name={`Open and closed ${RECORD.plural} over time`}
              columns={series.map((item): Column => ({
                ...labelsOf(item.on, interval),
                told: '',
                segments: [
                  segment('open', item.open, item.on, openOn),
                  segment('closed', closedOf(item), item.on, closedOn),
                ],
              }))}
            />
          </>
        )
      }
      columns={['Until', 'Open', 'Closed', 'Issued in this time', 'Closed in this time']}
      rows={series.map((item) => [
        shortDate(item.on),
        <Figure count={item.open} href={openOn(item.on)} of={`open on ${shortDate(item.on)}`} />,
        <Figure count={closedOf(item)} href={closedOn(item.on)} of={`closed on ${shortDate(item.on)}`} />,
        <span class="docket-figures">{item.issued}</span>,
        <span class="docket-figures">{item.closed}</span>,
      ])}
      csv={csv}
    />
  );
}

const segment = (kind: 'open' | 'closed', count: number, on: string, hrefOn: (on: string) => string) => ({
  kind,
  count,
  href: hrefOn(on),
  name: `${longDate(on)}: ${countedRecords(count)} ${kind}`,
});

function labelsOf(on: string, interval: Figures['interval']): Pick<Column, 'label' | 'year'> {
  const [, month = '', year = ''] = shortDate(on).split(' ');
  return interval === 'year' ? { label: year, year: null } : { label: month, year };
}
