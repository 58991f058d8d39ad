import type { FoldedEvent } from '#lifecycle/folded-event';
import { londonDate } from '#state-machines/london';
import type { Point } from './record-at.ts';

/** One axis of a record's history: where one is on it, from where to where it goes, and where something happened. */
export interface Axis<Value extends number | string> {
  readonly at: Value;
  readonly first: Value;
  readonly last: Value;
  /** The nearest before and after, at which something changed. */
  readonly previous: Value | null;
  readonly next: Value | null;
}

/** Days are those of London. */
export interface DayAxis extends Axis<string> {
  /** Some of the days on which something happened, evenly. */
  readonly ticks: readonly string[];
}

/** The ways along a record's history: by its events, by the days on which they hold, and by when they were recorded. */
export interface HistoryAxes {
  readonly versions: Axis<number>;
  readonly dates: DayAxis;
  /** `at`, `previous` and `next` are instants. */
  readonly known: DayAxis;
}

/** More are a bar, and a page has to be short. */
const TICKS_MAX = 60;

/** Where a point is in a record's history; a version is where its own event is. */
export function axesAt(
  events: readonly Pick<FoldedEvent, 'effectiveOn' | 'recordedAt'>[],
  { point, version, now }: { readonly point: Point; readonly version: number; readonly now: number },
): HistoryAxes {
  const today = londonDate(now);
  const own = 'version' in point ? events[version - 1] : undefined;
  const view = 'view' in point ? point.view : { effectiveOn: null, knownAt: null };
  const dates = events.map(({ effectiveOn }) => effectiveOn);
  const instants = events.map(({ recordedAt }) => recordedAt);
  const known = nearest(instants, own?.recordedAt ?? view.knownAt ?? new Date(now).toISOString());
  return {
    versions: {
      at: version,
      first: 1,
      last: events.length,
      previous: version > 1 ? version - 1 : null,
      next: version < events.length ? version + 1 : null,
    },
    dates: {
      ...nearest(dates, own?.effectiveOn ?? view.effectiveOn ?? today),
      ...ends(dates, today),
      ticks: ticksOf(dates),
    },
    known: {
      ...known,
      ...ends(extent(instants).map(londonDate), today),
      ticks: [...new Set(ticksOf(hourly(instants)).map(londonDate))],
    },
  };
}

/** What comes before and after a value, of texts that sort. */
function nearest(values: readonly string[], at: string): Pick<Axis<string>, 'at' | 'previous' | 'next'> {
  let previous: string | null = null;
  let next: string | null = null;
  for (const value of values) {
    if (value < at && (previous === null || value > previous)) previous = value;
    if (value > at && (next === null || value < next)) next = value;
  }
  return { at, previous, next };
}

/** It goes up to today, and further where something holds from later on. */
function ends(days: readonly string[], today: string): Pick<Axis<string>, 'first' | 'last'> {
  const [first, last] = extent(days);
  return { first: first < today ? first : today, last: last > today ? last : today };
}

/** The first and the last of texts that sort, of which there is one at least. */
function extent([one = '', ...others]: readonly string[]): [first: string, last: string] {
  let [first, last] = [one, one];
  for (const value of others) {
    if (value < first) first = value;
    if (value > last) last = value;
  }
  return [first, last];
}

/** Some of the instants, the first of each hour: with it the day in London can change. */
const hourly = (instants: readonly string[]): string[] =>
  instants.filter((instant, index) => hourOf(instant) !== hourOf(instants[index - 1] ?? ''));

const hourOf = (instant: string): string => instant.slice(0, 'yyyy-mm-ddThh'.length);

function ticksOf(values: readonly string[]): string[] {
  const distinct = [...new Set(values)].sort();
  const step = Math.max(1, Math.ceil(distinct.length / TICKS_MAX));
  return distinct.filter((_, index) => index % step === 0);
}
