import type { Content, Element } from '../components/macro-options.ts';
import { Details } from '../components/details.tsx';
import { StackedTable } from '../lists/stacked-table.tsx';

interface SectionOptions {
  /** The anchor. */
  readonly id: string;
  /** What the plot is about. */
  readonly topic: string;
  /** What is seen in it. */
  readonly headline: string;
  /** What is counted. */
  readonly subtitle: Content;
  /** Absent where there is nothing to draw. */
  readonly plot?: Content;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Content[])[];
  readonly csv: string;
}

/** A plot with what is seen in it, what is counted, and the figures that it is made of. */
export function PlotSection(options: SectionOptions): Element {
  const { id, topic, headline, subtitle, plot, columns, rows, csv } = options;
  const table = `${id}-table`;
  return (
    <section class="docket-plot" aria-labelledby={id}>
      <h2 class="govuk-heading-m" id={id}>
        <span class="govuk-caption-m">{topic}</span>
        {headline}
      </h2>
      <p class="govuk-body">{subtitle}</p>
      {rows.length > 0 && (
        <>
          {Boolean(plot) && (
            <>
              <p class="govuk-body-s docket-not-on-paper">
                <a class="govuk-link govuk-visually-hidden-focusable" href={`#${table}`}>
                  {`Go past the plot: ${topic}`}
                </a>
              </p>
              {plot}
            </>
          )}
          <Details
            id={table}
            summary={`The figures as a table: ${topic.toLowerCase()}`}
            classes="docket-plot__table"
          >
            <StackedTable caption={topic} columns={columns.map((heading) => ({ heading }))} rows={rows} />
          </Details>
        </>
      )}
      <p class="govuk-body docket-not-on-paper">
        <a class="govuk-link" href={csv} download>
          {`Download these figures (CSV)`}
          <span class="govuk-visually-hidden">{`: ${topic}`}</span>
        </a>
      </p>
    </section>
  );
}

/** A figure that leads to what it counts; nothing leads to none. */
export const Figure = ({
  count,
  href,
  of,
}: {
  readonly count: number;
  readonly href: string | null;
  /** What it counts, for who hears the link alone. */
  readonly of: string;
}): Element =>
  count === 0 || href === null ? (
    <span class="docket-figures">{count.toLocaleString('en-GB')}</span>
  ) : (
    <a class="govuk-link docket-figures" href={href}>
      {count.toLocaleString('en-GB')}
      <span class="govuk-visually-hidden">{` ${of}`}</span>
    </a>
  );
