import type { StateValue } from '#event-sourcing/envelope';
import type { Chart, ChartArrow, ChartRegion } from './chart.ts';
import type { PathStep, ViewPoint } from './effective-view.ts';
import type { Statechart } from './statechart.ts';
import { daysBetween } from './plain-date.ts';

/** How long a region was in a state, from one move to the next. */
export interface Stay {
  readonly state: string;
  /** The effective date on which it was entered. */
  readonly from: string;
  /** The effective date on which it was left; null for the last one. */
  readonly to: string | null;
  /** Whole days; the last stay lasts until the day that is looked at. */
  readonly days: number;
  /** What led here, and its version in the stream. */
  readonly event: string;
  readonly version: number;
}

export interface TravelledArrow extends ChartArrow {
  /** How often the record took it. */
  readonly taken: number;
}

/** What may move a region next, as far as its statechart says; policy may still refuse it. */
type NextMove = Pick<ChartArrow, 'event' | 'guard' | 'to'>;

/** A region with what a record did in it. */
export interface TravelledRegion extends ChartRegion {
  readonly arrows: readonly TravelledArrow[];
  readonly current: string;
  /** In effective order. */
  readonly path: readonly Stay[];
  /** For each state, the days of all its stays. */
  readonly days: Readonly<Record<string, number>>;
  readonly next: readonly NextMove[];
}

/** The chart with a record in it: where it is, the path it took, and how long it was in each state. */
export interface RecordChart extends Chart<TravelledRegion> {
  readonly id: string;
  readonly version: number;
  readonly status: string;
  readonly view: ViewPoint;
  /** The plain date up to which the last stays are counted. */
  readonly day: string;
  /** The machine where the record is, as xstate keeps it: an actor that is created with it goes on from there. */
  readonly snapshot: object;
}

/**
 * The chart with a record's way through it.
 * @param lifecycle the one that the record follows now, whose chart it is
 * @param steps what a view takes, in effective order; one at least
 * @param value where the record is
 * @param day the plain date up to which the last stays are counted
 */
export function travelledChart<Facts>(
  lifecycle: Statechart,
  chart: Chart,
  steps: readonly PathStep<Facts>[],
  value: StateValue,
  day: string,
): Chart<TravelledRegion> {
  // What is no move leaves every region where it was.
  const moves = steps.filter(
    ({ event: { type }, lifecycle: own }, index) =>
      index === 0 || (own.move(type) ?? lifecycle.move(type)) !== null,
  );
  const regions = chart.regions.map((region): TravelledRegion => {
    const { path, taken } = travelled(region, moves, day);
    return {
      ...region,
      arrows: region.arrows.map((arrow) => ({ ...arrow, taken: taken.get(keyOf(arrow)) ?? 0 })),
      current: value[region.region] as string,
      path,
      days: daysIn(region.states, path),
      next: nextMoves(lifecycle, region, value),
    };
  });
  return { ...chart, regions };
}

const keyOf = ({ event, from }: Pick<ChartArrow, 'event' | 'from'>): string => `${event} ${from}`;

function travelled<Facts>(
  { region, initial }: ChartRegion,
  steps: readonly PathStep<Facts>[],
  day: string,
): { path: Stay[]; taken: Map<string, number> } {
  const entries: Omit<Stay, 'to' | 'days'>[] = [];
  const taken = new Map<string, number>();
  let at = initial;
  for (const { event, value, lifecycle } of steps) {
    const { type, effectiveOn: from, version } = event;
    const to = value[region] as string;
    if (entries.length === 0) {
      entries.push({ state: to, from, event: type, version });
    } else if (to !== at || lifecycle.move(type)?.owner === region) {
      // A region that follows where it is already has not moved; its owner has, back to where it was.
      const arrow = keyOf({ event: type, from: at });
      taken.set(arrow, (taken.get(arrow) ?? 0) + 1);
      if (to !== at) entries.push({ state: to, from, event: type, version });
    }
    at = to;
  }
  const path = entries.map((entry, index): Stay => {
    const to = entries[index + 1]?.from ?? null;
    // A register can record what is still to come.
    return { ...entry, to, days: Math.max(0, daysBetween(entry.from, to ?? day)) };
  });
  return { path, taken };
}

function daysIn(states: readonly string[], path: readonly Stay[]): Record<string, number> {
  const days: Record<string, number> = Object.fromEntries(states.map((state) => [state, 0]));
  for (const stay of path) days[stay.state] = (days[stay.state] ?? 0) + stay.days;
  return days;
}

/** The arrows that lead on from where the region is; only those of events that the region owns and takes now. */
function nextMoves(lifecycle: Statechart, { region, arrows }: ChartRegion, value: StateValue): NextMove[] {
  return arrows
    .filter(({ event, from }) => from === value[region] && lifecycle.move(event)?.owner === region)
    .filter(({ event }) => lifecycle.valueAfter(value, event) !== null)
    .map(({ event, guard, to }) => ({ event, guard, to }));
}
