import type { FoldedEvent } from '#lifecycle/folded-event';
import { londonDate } from '#state-machines/london';
import type { Point } from './record-at.ts';

/** One axis of a record's history: the current position, its range, and the positions of changes. */
export interface Axis<Value extends number | string> {
  readonly at: Value;
  readonly first: Value;
  readonly last: Value;
  /** The nearest changes before and after. */
  readonly previous: Value | null;
  readonly next: Value | null;
}

/** Days are London days. */
export interface DayAxis extends Axis<string> {
  /** Evenly selected days with changes. */
  readonly ticks: readonly string[];
}

/** The axes of a record's history: its events, their effective days, and when they were recorded. */
export interface HistoryAxes {
  readonly versions: Axis<number>;
  readonly dates: DayAxis;
  /** `at`, `previous` and `next` are instants. */
  readonly known: DayAxis;
}

/** The maximum number of ticks. More would merge into a bar and make pages large. */
const TICKS_MAX = 60;

/** Returns a point's position in a record's history; a version's position is that of its event. */
export function axesAt(
  events: readonly Pick<FoldedEvent, 'effectiveOn' | 'recordedAt'>[],
  { point, version, now }: { readonly point: Point; readonly version: number; readonly now: number },
): HistoryAxes {
  const today = londonDate(now);
  const versionEvent = 'version' in point ? events[version - 1] : undefined;
  const view = 'view' in point ? point.view : { effectiveOn: null, knownAt: null };
  const dates = events.map(({ effectiveOn }) => effectiveOn);
  const instants = events.map(({ recordedAt }) => recordedAt);
  const nearestKnown = nearest(
    instants,
    versionEvent?.recordedAt ?? view.knownAt ?? new Date(now).toISOString(),
  );
  return {
    versions: {
      at: version,
      first: 1,
      last: events.length,
      previous: version > 1 ? version - 1 : null,
      next: version < events.length ? version + 1 : null,
    },
    dates: {
      ...nearest(dates, versionEvent?.effectiveOn ?? view.effectiveOn ?? today),
      ...ends(dates, today),
      ticks: ticksOf(dates),
    },
    known: {
      ...nearestKnown,
      ...ends(extent(instants).map(londonDate), today),
      ticks: [...new Set(ticksOf(hourly(instants)).map(londonDate))],
    },
  };
}

/** Returns a value with its neighbours among sortable texts. */
function nearest(values: readonly string[], at: string): Pick<Axis<string>, 'at' | 'previous' | 'next'> {
  let previous: string | null = null;
  let next: string | null = null;
  for (const value of values) {
    if (value < at && (previous === null || value > previous)) previous = value;
    if (value > at && (next === null || value < next)) next = value;
  }
  return { at, previous, next };
}

/** Returns the first and the last day of the axis. It ends today, or later if an event is effective in the future. */
function ends(days: readonly string[], today: string): Pick<Axis<string>, 'first' | 'last'> {
  const [first, last] = extent(days);
  return { first: first < today ? first : today, last: last > today ? last : today };
}

/** Returns the first and the last of at least one sortable text. */
function extent([one = '', ...others]: readonly string[]): [first: string, last: string] {
  let [first, last] = [one, one];
  for (const value of others) {
    if (value < first) first = value;
    if (value > last) last = value;
  }
  return [first, last];
}

/** Returns the first instant of each hour; the London day can change only on the hour. */
const hourly = (instants: readonly string[]): string[] =>
  instants.filter((instant, index) => hourOf(instant) !== hourOf(instants[index - 1] ?? ''));

const hourOf = (instant: string): string => instant.slice(0, 'yyyy-mm-ddThh'.length);

function ticksOf(values: readonly string[]): string[] {
  const distinct = [...new Set(values)].sort();
  const step = Math.max(1, Math.ceil(distinct.length / TICKS_MAX));
  return distinct.filter((_, index) => index % step === 0);
}
