import type { RecordChart, Stay, TravelledRegion } from '#lifecycle/travelled-chart';
import { daysInWords } from '#statechart/chart-words';
import { svgOf } from '#statechart/picture';
import type { Element } from '../components/macro-options.ts';
import { Link } from '../components/button.tsx';
import { longDate, shortDate } from '../dates.ts';
import { isLive, regionTitle, stateTitle } from '../words.ts';

/** The history lists all. */
const STAYS_MAX = 10;

/** Returns the picture of a page: in words, and with the arrows of imports if the record followed one. */
function pictureOf(chart: RecordChart): string {
  const followed = chart.regions.flatMap(({ arrows }) => arrows.filter(({ taken }) => taken > 0));
  const drawing = followed.every(({ event }) => isLive(event)) ? 'live' : 'words';
  return svgOf({ ...chart, status: stateTitle(chart.status) }, drawing, shortDate);
}

export function ChartView({
  chart,
  whole,
}: {
  readonly chart: RecordChart;
  /** The address of the full chart; null if there is none. */
  readonly whole: string | null;
}): Element {
  return (
    <>
      <div class="docket-chart-frame" role="region" aria-label="Chart of the path" tabindex={0}>
        {/* Our own SVG, in which all text is escaped. */}
        <div dangerouslySetInnerHTML={{ __html: pictureOf(chart) }} />
      </div>
      {whole !== null && (
        <p class="govuk-body docket-not-on-paper">
          <Link href={whole}>Show the full chart</Link>
        </p>
      )}
      <PathInWords chart={chart} />
    </>
  );
}

export function PathInWords({ chart }: { readonly chart: RecordChart }): Element {
  return (
    <dl class="govuk-summary-list">
      {chart.regions.map((region) => (
        <div class="govuk-summary-list__row">
          <dt class="govuk-summary-list__key">{regionTitle(region.region)}</dt>
          <dd class="govuk-summary-list__value">
            <Stays region={region} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Stays({ region }: { readonly region: TravelledRegion }): Element {
  const shown = region.path.slice(-STAYS_MAX);
  const before = region.path.length - shown.length;
  return (
    <ol class="govuk-list docket-stays" start={before + 1}>
      {shown.map((stay) => (
        <li>{inWords(stay)}</li>
      ))}
    </ol>
  );
}

function inWords({ state: name, from, to, days }: Stay): string {
  const state = stateTitle(name);
  if (to === null) return `${state} since ${longDate(from)} (${daysInWords(days)})`;
  return to === from
    ? `${state} on ${longDate(from)} only`
    : `${state} from ${longDate(from)} to ${longDate(to)} (${daysInWords(days)})`;
}
