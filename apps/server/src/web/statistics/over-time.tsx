import type { SeriesItem } from '#read-models/history/series-query';
import type { Element } from '../components/macro-options.ts';
import { longDate, shortDate } from '../dates.ts';
import { upperFirst } from '#lifecycle/words';
import { countWords } from '../words.ts';
import { nounOf, statusesOf } from './figures-shown.ts';
import type { Figures, Lists } from './figures-shown.ts';
import { flowsSentence, seriesHeadline } from './headlines.ts';
import { Columns, COLUMNS_MAX, Legend } from './plots.tsx';
import type { Column } from './plots.tsx';
import { Figure, PlotSection } from './section.tsx';

const KINDS = [
  { kind: 'open', text: 'Open (below)' },
  { kind: 'closed', text: 'Closed (above)' },
];

export function OverTime({
  figures,
  lists,
  csv,
}: {
  readonly figures: Figures;
  readonly lists: Lists;
  readonly csv: string;
}): Element {
  const { series, interval } = figures;
  const noun = nounOf(figures);
  const statuses = statusesOf(figures);
  const closedOf = ({ byStatus }: SeriesItem): number =>
    statuses.closed.reduce((sum, status) => sum + (byStatus[status] ?? 0), 0);
  const segment = (kind: 'open' | 'closed', count: number, on: string) => ({
    ...{ kind, count, href: kind === 'open' ? openOn(on) : closedOn(on) },
    name: `${longDate(on)}: ${countWords(count, noun.singular, noun.plural)} ${kind}`,
  });
  const [first, last] = [series.at(0)?.on ?? '', series.at(-1)?.on ?? ''];
  const openOn = (on: string) => lists.records({ status: statuses.open }, on);
  const closedOn = (on: string) => lists.records({ status: statuses.closed }, on);
  return (
    <PlotSection
      id="over-time"
      topic="Open and closed over time"
      headline={seriesHeadline(series, noun)}
      subtitle={`${upperFirst(noun.plural)} at the end of each ${interval}, from ${longDate(first)} to ${longDate(last)}. Each column shows all that had been issued by then. ${flowsSentence(series, noun)}`}
      plot={
        series.length > COLUMNS_MAX ? (
          <p class="govuk-body">
            There are too many columns to show. Choose a longer interval or fewer days.
          </p>
        ) : (
          <>
            <Legend kinds={KINDS} />
            <Columns
              name={`Open and closed ${noun.plural} over time`}
              columns={series.map((item): Column => ({
                ...labelsOf(item.on, interval),
                note: '',
                segments: [segment('open', item.open, item.on), segment('closed', closedOf(item), item.on)],
              }))}
            />
          </>
        )
      }
      columns={['To', 'Open', 'Closed', 'Issued in this period', 'Closed in this period']}
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

function labelsOf(on: string, interval: Figures['interval']): Pick<Column, 'label' | 'year'> {
  const [, month = '', year = ''] = shortDate(on).split(' ');
  return interval === 'year' ? { label: year, year: null } : { label: month, year };
}
