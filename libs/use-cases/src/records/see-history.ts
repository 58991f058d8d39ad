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
import type { RecordKind, RecordReference } from '#lifecycle/kind';
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
  /** The record's last version. */
  readonly last: number;
  /** When the event of the point was recorded; null for a view. */
  readonly recordedAt: string | null;
  /** A page of the point's events between the requested days, in reverse order. */
  readonly events: {
    readonly items: readonly SeenEvent[];
    readonly before: number;
    readonly page: number;
    readonly pages: number;
    readonly total: number;
    /** The versions of all listed events. */
    readonly versions: ReadonlySet<number>;
  };
}

/** Effective days, both included. */
export interface Days {
  readonly since?: string | undefined;
  readonly until?: string | undefined;
}

/** The point, the current time, and the page of events: by number, or the one that contains a version. */
export interface HistoryRequest {
  readonly point: Point;
  /** The events that are listed; all if not passed. */
  readonly days?: Days;
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
  access: RecordsAccess,
  viewer: Reader,
  reference: RecordReference,
  { point, now, entries, days = {} }: HistoryRequest,
): Promise<SeenHistory> {
  const history = await visibleHistory(access, viewer, reference);
  const { events: light } = history;
  const isNow = 'view' in point && point.view.effectiveOn === null && point.view.knownAt === null;
  const included = isNow ? light : eventsAtPoint(point, light);
  if (included === null) throw invalidParameter('version', `is beyond the last event, ${light.length}`);
  const { atPoint } = await readAtPoint(access, history, point, now);
  const listed = included.filter(({ effectiveOn }) => isWithin(days, effectiveOn));
  const { page, pages, before } = pageOf(listed, entries);
  const shown = listed.toReversed().slice(before, before + entries.size);
  if (readsInternal(viewer, recipientOf(light), reference.kind))
    await recordInternal(access, viewer, reference, shown);
  await turnIfLong(light);
  const items = await seenEvents(access, viewer, reference.kind, light, shown);
  await turnIfLong(light);
  return {
    ...atPoint,
    last: light.length,
    recordedAt: 'version' in point ? (light[point.version - 1]?.recordedAt ?? null) : null,
    events: {
      items,
      before,
      page,
      pages,
      total: listed.length,
      versions: new Set(listed.map(({ version }) => version)),
    },
  };
}

const isWithin = ({ since, until }: Days, day: string): boolean =>
  (since === undefined || day >= since) && (until === undefined || day <= until);

function pageOf(events: readonly ReadEvent[], { page, size, at }: HistoryRequest['entries']) {
  const pages = Math.max(1, Math.ceil(events.length / size));
  const index = at === undefined ? -1 : events.findIndex(({ version }) => version === at);
  const requested = index < 0 ? page : Math.floor((events.length - 1 - index) / size) + 1;
  const shown = Math.min(Math.max(1, requested), pages);
  return { page: shown, pages, before: (shown - 1) * size };
}

async function seenEvents(
  { store, lifecycles }: RecordsAccess,
  viewer: Viewer,
  kind: RecordKind,
  light: readonly ReadEvent[],
  shown: readonly ReadEvent[],
): Promise<SeenEvent[]> {
  const recipient = recipientOf(light);
  const stored = await storedOf(store, shown);
  const links = linksOf(light, shown);
  const events = shown.flatMap(({ version }) => stored.get(version) ?? []);
  const visible = withheldFrom(viewer, recipient, kind, events);
  const items = await timelineItems(
    visible.map((event) => ({ event: lifecycles.read(event), status: statusAfter(lifecycles, event) })),
    {
      seesInternal: readsInternal(viewer, recipient, kind),
      whole: (requested) => Promise.resolve(requested),
    },
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

/** An event's links to other events of its record, by version. */
interface EventLinks {
  /** The events that it decides or follows from. */
  readonly causes: readonly number[];
  /** The events that decide it or follow from it. */
  readonly effects: readonly number[];
  /** The other events of the same request. */
  readonly together: readonly number[];
}

/** Returns, by version, the links of some of a record's events to any of its events. */
function linksOf(events: readonly ReadEvent[], some: readonly ReadEvent[]): ReadonlyMap<number, EventLinks> {
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
