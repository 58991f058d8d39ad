import { typesOf } from '#lifecycle/decide';
import type { RecordChart, TravelledRegion } from '#lifecycle/travelled-chart';
import { lifecycles } from '#state-machines/lifecycles';
import { moveTitle, regionTitle, stateTitle } from '../words.ts';

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
