import type { Envelope, Pointer } from '#event-sourcing/envelope';
import { turnIfLong } from '#event-sourcing/folding';
import { timelineItems } from '#read-models/timeline/timeline';
import type { TimelineItem } from '#read-models/timeline/timeline';
import { readsInternal } from '#state-machines/access';
import type { Viewer } from '#state-machines/access';
import type { Reader } from '../call-context.ts';
import type { Lifecycles, ReadEvent } from '#lifecycle/lifecycles';
import { invalidParameter } from '../problems.ts';
import { eventsAtPoint } from './record-at.ts';
import type { Point } from './record-at.ts';
import { storedOf } from './record-events.ts';
import type { RecordsAccess } from './records-access.ts';
import type { EntriesRequest, RecordAtPoint } from './see-page.ts';
import { readAtPoint } from './see-page.ts';
import { recipientOf, visibleHistory } from './visible-record.ts';
import { recordInternal, withheldFrom } from './withhold.ts';
import type { RecordReference } from '#lifecycle/kind';
import type { FoldedEvent } from '#lifecycle/folded-event';
import { londonDate } from '#state-machines/london';
import { viewOfEvent } from '#state-machines/any-kind';

/** An event of a record as the viewer may read it, with its links. */
export interface SeenEvent extends EventLinks {
  readonly item: TimelineItem;
  /** The event as the API returns it to the viewer. */
  readonly event: Envelope;
  /** The erased values, and the values withheld from the viewer. */
  readonly erased: readonly Pointer[];
  readonly withheld: readonly Pointer[];
}

/** A record at a point of its history, and the events up to it. */
export interface SeenHistory extends RecordAtPoint {
  readonly axes: HistoryAxes;
  /** A page of the point's events, in reverse order. */
  readonly events: {
    readonly items: readonly SeenEvent[];
    readonly before: number;
    readonly page: number;
    readonly pages: number;
    readonly total: number;
    /** The versions of all events that the point includes. */
    readonly versions: ReadonlySet<number>;
  };
}

/** The point, the current time, and the page of events: by number, or the one that contains a version. */
export interface HistoryRequest {
  readonly point: Point;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly entries: Omit<EntriesRequest, 'from'>;
}

/**
 * Returns a record at a point and the events up to it. Reads only the page's events in full.
 * @throws CommandRefusedError 404 if the record does not exist or belongs to a body that the viewer cannot see.
 * @throws ProblemError 404 if it did not exist or was not known then; 400 for a version that it does not have.
 * @throws StoreUnavailableError as `recordInternal`.
 */
export async function seeHistory(
  access: Pick<RecordsAccess, 'store' | 'readModels' | 'lifecycles' | 'histories' | 'accesses'>,
  viewer: Reader,
  reference: RecordReference,
  { point, now, entries }: HistoryRequest,
): Promise<SeenHistory> {
  const history = await visibleHistory(access, viewer, reference);
  const { events: light } = history;
  const isNow = 'view' in point && point.view.effectiveOn === null && point.view.knownAt === null;
  const included = isNow ? light : eventsAtPoint(point, light);
  if (included === null) throw invalidParameter('version', `is beyond the last event, ${light.length}`);
  const { atPoint } = await readAtPoint(access, history, point, now);
  const { page, pages, before } = pageOf(included, entries);
  const shown = included.toReversed().slice(before, before + entries.size);
  if (readsInternal(viewer, recipientOf(light))) await recordInternal(access, viewer, reference, shown);
  const axes = axesAt(light, { point, version: atPoint.record.version, now });
  await turnIfLong(light);
  const items = await seenEvents(access, viewer, light, shown);
  await turnIfLong(light);
  return {
    ...atPoint,
    axes,
    events: {
      items,
      before,
      page,
      pages,
      total: included.length,
      versions: new Set(included.map(({ version }) => version)),
    },
  };
}

function pageOf(events: readonly ReadEvent[], { page, size, at }: HistoryRequest['entries']) {
  const pages = Math.max(1, Math.ceil(events.length / size));
  const index = at === undefined ? -1 : events.findIndex(({ version }) => version === at);
  const requested = index < 0 ? page : Math.floor((events.length - 1 - index) / size) + 1;
  const shown = Math.min(Math.max(1, requested), pages);
  return { page: shown, pages, before: (shown - 1) * size };
}

async function seenEvents(
  { store, lifecycles }: Pick<RecordsAccess, 'store' | 'lifecycles'>,
  viewer: Viewer,
  light: readonly ReadEvent[],
  shown: readonly ReadEvent[],
): Promise<SeenEvent[]> {
  const recipient = recipientOf(light);
  const stored = await storedOf(store, shown);
  const links = linksOf(light, shown);
  const events = shown.flatMap(({ version }) => stored.get(version) ?? []);
  const visible = withheldFrom(viewer, recipient, events);
  const items = await timelineItems(
    visible.map((event) => ({ event: lifecycles.read(event), status: statusAfter(lifecycles, event) })),
    { seesInternal: readsInternal(viewer, recipient), whole: (requested) => Promise.resolve(requested) },
  );
  return events.flatMap((event, index) => {
    const [seen, item, linked] = [visible[index], items[index], links.get(event.version)];
    if (seen === undefined || item === undefined || linked === undefined) return [];
    const gone = (of: Envelope) => Object.keys(of.commitments).filter((at) => !Object.hasOwn(of.salts, at));
    const erased = gone(event);
    const withheld = gone(seen).filter((pointer) => !erased.includes(pointer));
    return [{ item, event: seen, erased, withheld, ...linked }];
  });
}

const statusAfter = (lifecycles: Lifecycles, event: Envelope): string =>
  event.state === null ? '' : lifecycles.of(event).statusOf(event.state);

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

/** An event's links to other events of its record, by version. */
export interface EventLinks {
  /** The events that it decides or follows from. */
  readonly causes: readonly number[];
  /** The events that decide it or follow from it. */
  readonly effects: readonly number[];
  /** The other events of the same request. */
  readonly together: readonly number[];
}

/** Returns, by version, the links of some of a record's events to any of its events. */
export function linksOf(
  events: readonly ReadEvent[],
  some: readonly ReadEvent[],
): ReadonlyMap<number, EventLinks> {
  const [first] = events;
  const namedBy = first === undefined ? () => [] : viewOfEvent(first).names(events);
  const named = new Map(some.map((event) => [event.eventId, namedBy(event)]));
  const wanted = new Set([...named.values()].flat());
  const requests = new Set(some.map(({ correlationId }) => correlationId));
  const versions = new Map<string, number>();
  const effects = new Map<string, number[]>();
  const byRequest = new Map<string, number[]>();
  for (const event of events) {
    const { eventId, version, correlationId } = event;
    if (wanted.has(eventId)) versions.set(eventId, version);
    for (const id of namedBy(event)) if (named.has(id)) push(effects, id, version);
    if (requests.has(correlationId)) push(byRequest, correlationId, version);
  }
  return new Map(
    some.map(({ eventId, version, correlationId }) => [
      version,
      {
        causes: (named.get(eventId) ?? []).flatMap((id) => versions.get(id) ?? []),
        effects: effects.get(eventId) ?? [],
        together: (byRequest.get(correlationId) ?? []).filter((other) => other !== version),
      },
    ]),
  );
}

function push(lists: Map<string, number[]>, key: string, version: number): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [version]);
  else list.push(version);
}
