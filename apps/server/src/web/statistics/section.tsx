import type { Content, Element } from '../components/macro-options.ts';
import { Details } from '../components/blocks.tsx';
import { Link } from '../components/button.tsx';
import { StackedTable } from '../lists/stacked-table.tsx';
import { formatCount } from '../words.ts';

interface SectionOptions {
  readonly id: string;
  readonly topic: string;
  /** The main result. */
  readonly headline: string;
  /** What is counted. */
  readonly subtitle: Content;
  /** Absent if the table alone says it best. */
  readonly plot?: Content;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Content[])[];
  readonly csv: string;
}

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
      {rows.length > 0 &&
        (plot === undefined ? (
          <StackedTable caption={topic} columns={columns} rows={rows} />
        ) : (
          <>
            <p class="govuk-body-s docket-not-on-paper">
              <Link classes="govuk-visually-hidden-focusable" href={`#${table}`}>
                {`Skip the chart: ${topic}`}
              </Link>
            </p>
            {plot}
            <Details
              id={table}
              summary={`Show the figures as a table: ${topic.toLowerCase()}`}
              classes="docket-plot__table"
            >
              <StackedTable caption={topic} columns={columns} rows={rows} />
            </Details>
          </>
        ))}
      <p class="govuk-body docket-not-on-paper">
        <Link href={csv} download about={`: ${topic}`}>
          {`Download these figures (CSV)`}
        </Link>
      </p>
    </section>
  );
}

/** A figure with a link to its list; zero has none. */
export const Figure = ({
  count,
  href,
  of,
}: {
  readonly count: number;
  readonly href: string | null;
  /** The rest of the link text for screen readers. */
  readonly of: string;
}): Element =>
  count === 0 || href === null ? (
    <span class="docket-figures">{formatCount(count)}</span>
  ) : (
    <Link classes="docket-figures" href={href} about={` ${of}`}>
      {formatCount(count)}
    </Link>
  );
