import type { RecordChart, Stay, TravelledRegion } from '#lifecycle/travelled-chart';
import { LayoutError } from '#statechart/layout-thread';
import { svgOf } from '#statechart/svg';
import { daysInWords } from '#statechart/told-stays';
import type { Element } from '../components/macro-options.ts';
import { longDate, shortDate } from '../dates.ts';

/** So many stays of a region are told; the history has all moves. */
const STAYS_MAX = 10;

/** A chart as a picture for a page; null where it cannot be laid out now: a page with the words below it is better than none. */
export async function pictureOf(chart: RecordChart, draw: typeof svgOf = svgOf): Promise<string | null> {
  try {
    return await draw(chart, { isInPage: true, written: shortDate });
  } catch (error) {
    if (error instanceof LayoutError) return null;
    throw error;
  }
}

/** The statechart with the way that the record took, as a picture and in words. */
export function ChartView({
  chart,
  picture,
  whole,
}: {
  readonly chart: RecordChart;
  readonly picture: string | null;
  /** Where every arrow is shown; null where nothing shows that. */
  readonly whole: string | null;
}): Element {
  return (
    <>
      {picture === null ? (
        <p class="govuk-body">The chart cannot be drawn just now. This is what it would show:</p>
      ) : (
        <div class="docket-chart-frame" role="region" aria-label="Picture of the way taken" tabindex={0}>
          {/* Made by our own drawing, which escapes every word in it. */}
          <div dangerouslySetInnerHTML={{ __html: picture }} />
        </div>
      )}
      {whole !== null && (
        <p class="govuk-body docket-not-on-paper">
          <a class="govuk-link" href={whole}>
            The whole chart, with every arrow
          </a>
        </p>
      )}
      <WayInWords chart={chart} />
    </>
  );
}

/** The way that a record took, region by region; the chart is in words. */
export function WayInWords({ chart }: { readonly chart: RecordChart }): Element {
  return (
    <dl class="govuk-summary-list">
      {chart.regions.map((region) => (
        <div class="govuk-summary-list__row" key={region.region}>
          <dt class="govuk-summary-list__key">{region.region}</dt>
          <dd class="govuk-summary-list__value">
            <Stays region={region} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Stays({ region }: { readonly region: TravelledRegion }): Element {
  const told = region.path.slice(-STAYS_MAX);
  const before = region.path.length - told.length;
  return (
    <ol class="govuk-list docket-stays" start={before + 1}>
      {told.map((stay) => (
        <li key={stay.version}>{inWords(stay)}</li>
      ))}
    </ol>
  );
}

function inWords({ state, from, to, days }: Stay): string {
  if (to === null) return `${state} since ${longDate(from)} (${daysInWords(days)})`;
  return to === from
    ? `${state} on ${longDate(from)} alone`
    : `${state} from ${longDate(from)} to ${longDate(to)} (${daysInWords(days)})`;
}
