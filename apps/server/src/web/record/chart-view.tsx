import type { RecordChart, Stay, TravelledRegion } from '#lifecycle/travelled-chart';
import { LayoutError } from '#statechart/layout-thread';
import { svgOf } from '#statechart/svg';
import { daysInWords } from '#statechart/stay-lines';
import type { Element } from '../components/macro-options.ts';
import { Link } from '../components/button.tsx';
import { longDate, shortDate } from '../dates.ts';
import { typesOf } from '#lifecycle/decide';
import { lifecycles } from '#state-machines/lifecycles';
import { moveTitle, regionTitle, stateTitle } from '../words.ts';

/** The history lists all. */
const STAYS_MAX = 10;

/** Returns the chart as SVG; null if the layout fails, because the page also describes it in words. */
export async function pictureOf(chart: RecordChart, draw: typeof svgOf = svgOf): Promise<string | null> {
  try {
    return await draw(chart, { isInPage: true, written: shortDate });
  } catch (error) {
    if (error instanceof LayoutError) return null;
    throw error;
  }
}

export function ChartView({
  chart,
  picture,
  whole,
}: {
  readonly chart: RecordChart;
  readonly picture: string | null;
  /** The address of the full chart; null if there is none. */
  readonly whole: string | null;
}): Element {
  return (
    <>
      {picture === null ? (
        <p class="govuk-body">The chart cannot be drawn at the moment. It would show:</p>
      ) : (
        <div class="docket-chart-frame" role="region" aria-label="Chart of the path" tabindex={0}>
          {/* Our own SVG, in which all text is escaped. */}
          <div dangerouslySetInnerHTML={{ __html: picture }} />
        </div>
      )}
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

function inWords({ state, from, to, days }: Stay): string {
  if (to === null) return `${state} since ${longDate(from)} (${daysInWords(days)})`;
  return to === from
    ? `${state} on ${longDate(from)} only`
    : `${state} from ${longDate(from)} to ${longDate(to)} (${daysInWords(days)})`;
}

/**
 * Events recorded by commands, by issuing or by the sweep; the chart hides those that only imports record.
 */
const LIVE: ReadonlySet<string> = new Set(
  lifecycles.currents.flatMap(({ commands, issue, words }) => [
    ...issue.emits,
    ...(words.sweepEvents ?? []),
    ...Object.values(commands).flatMap((row) => [...typesOf(row), ...(row.emitsElsewhere ?? [])]),
  ]),
);

/** Translates a chart for pages, and removes arrows of imports that the record did not follow. */
export const chartInWords = (chart: RecordChart): RecordChart => ({
  ...chart,
  status: stateTitle(chart.status),
  regions: chart.regions.map(regionInWords),
});

const regionInWords = (region: TravelledRegion): TravelledRegion => ({
  ...region,
  region: regionTitle(region.region),
  initial: stateTitle(region.initial),
  states: region.states.map(stateTitle),
  current: stateTitle(region.current),
  path: region.path.map((stay) => ({
    ...stay,
    state: stateTitle(stay.state),
    event: moveTitle(stay.event),
  })),
  days: Object.fromEntries(Object.entries(region.days).map(([state, days]) => [stateTitle(state), days])),
  arrows: visibleArrows(region).map((arrow) => ({
    ...arrow,
    event: moveTitle(arrow.event),
    guard: null,
    from: stateTitle(arrow.from),
    to: stateTitle(arrow.to),
  })),
  next: region.next.map((move) => ({
    ...move,
    event: moveTitle(move.event),
    to: stateTitle(move.to),
  })),
});

/** An event's arrows are all shown once any of them was followed. */
function visibleArrows({ arrows }: TravelledRegion): TravelledRegion['arrows'] {
  const followed = new Set(arrows.filter((arrow) => arrow.taken > 0).map(({ event }) => event));
  return arrows.filter(({ event }) => LIVE.has(event) || followed.has(event));
}
