import type { StateValue } from '#event-sourcing/envelope';
import type { Chart, ChartArrow, ChartRegion } from './chart.ts';
import type { PathStep, ViewPoint } from './effective-view.ts';
import type { Statechart } from './statechart.ts';
import { daysBetween } from './plain-date.ts';

/** The time that a region spent in a state, from one move to the next. */
export interface Stay {
  readonly state: string;
  /** The effective date on which it was entered. */
  readonly from: string;
  /** The effective date on which it was left; null for the last one. */
  readonly to: string | null;
  /** Whole days. The last stay counts until the chart's day. */
  readonly days: number;
  /** The event that entered the state, and its version in the stream. */
  readonly event: string;
  readonly version: number;
}

interface TravelledArrow extends ChartArrow {
  /** How often the record followed the arrow. */
  readonly taken: number;
}

/** A move that the statechart allows next; policy may still refuse it. */
type NextMove = Pick<ChartArrow, 'event' | 'guard' | 'to'>;

/** A region with the path of a record. */
export interface TravelledRegion extends ChartRegion {
  readonly arrows: readonly TravelledArrow[];
  readonly current: string;
  /** The stays, in effective order. */
  readonly path: readonly Stay[];
  /** The total days in each state. */
  readonly days: Readonly<Record<string, number>>;
  readonly next: readonly NextMove[];
}

/** The chart of a record: its state, its path, and its time in each state. */
export interface RecordChart extends Chart<TravelledRegion> {
  readonly id: string;
  readonly version: number;
  readonly status: string;
  readonly view: ViewPoint;
  /** The plain date up to which the last stays are counted. */
  readonly day: string;
  /** xstate's snapshot of the record's state, from which an actor can be started. */
  readonly snapshot: object;
}

/**
 * Returns the chart with a record's path.
 * @param lifecycle the current lifecycle of the record
 * @param steps the events of a view in effective order, at least one
 * @param value the machine value of the record
 * @param day the plain date up to which the last stays are counted
 */
export function travelledChart<Facts>(
  lifecycle: Statechart,
  chart: Chart,
  steps: readonly PathStep<Facts>[],
  value: StateValue,
  day: string,
): Chart<TravelledRegion> {
  // Other events leave every region in its state.
  const moves = steps.filter(
    ({ event: { type }, lifecycle: own }, index) =>
      index === 0 || (own.move(type) ?? lifecycle.move(type)) !== null,
  );
  const regions = chart.regions.map((region): TravelledRegion => {
    const { path, followed } = travelPath(region, moves, day);
    return {
      ...region,
      arrows: region.arrows.map((arrow) => ({ ...arrow, taken: followed.get(keyOf(arrow)) ?? 0 })),
      current: value[region.region] as string,
      path,
      days: daysIn(region.states, path),
      next: nextMoves(lifecycle, region, value),
    };
  });
  return { ...chart, regions };
}

const keyOf = ({ event, from }: Pick<ChartArrow, 'event' | 'from'>): string => `${event} ${from}`;

function travelPath<Facts>(
  { region, initial }: ChartRegion,
  steps: readonly PathStep<Facts>[],
  day: string,
): { path: Stay[]; followed: Map<string, number> } {
  const entries: Omit<Stay, 'to' | 'days'>[] = [];
  const followed = new Map<string, number>();
  let at = initial;
  for (const { event, value, lifecycle } of steps) {
    const { type, effectiveOn: from, version } = event;
    const to = value[region] as string;
    if (entries.length === 0) {
      entries.push({ state: to, from, event: type, version });
    } else if (to !== at || lifecycle.move(type)?.owner === region) {
      // A following region that is already in the target state has not moved. The owner has moved, even back to its own
      // state.
      const arrow = keyOf({ event: type, from: at });
      followed.set(arrow, (followed.get(arrow) ?? 0) + 1);
      if (to !== at) entries.push({ state: to, from, event: type, version });
    }
    at = to;
  }
  const path = entries.map((entry, index): Stay => {
    const to = entries[index + 1]?.from ?? null;
    // A register can contain future dates.
    return { ...entry, to, days: Math.max(0, daysBetween(entry.from, to ?? day)) };
  });
  return { path, followed };
}

function daysIn(states: readonly string[], path: readonly Stay[]): Record<string, number> {
  const days: Record<string, number> = Object.fromEntries(states.map((state) => [state, 0]));
  for (const stay of path) days[stay.state] = (days[stay.state] ?? 0) + stay.days;
  return days;
}

/** Returns the arrows from the region's current state whose events the region owns and accepts now. */
function nextMoves(lifecycle: Statechart, { region, arrows }: ChartRegion, value: StateValue): NextMove[] {
  return arrows
    .filter(({ event, from }) => from === value[region] && lifecycle.move(event)?.owner === region)
    .filter(({ event }) => lifecycle.valueAfter(value, event) !== null)
    .map(({ event, guard, to }) => ({ event, guard, to }));
}
