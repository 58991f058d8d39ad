import type { Envelope, Pointer } from '#event-sourcing/envelope';
import { turnIfLong } from '#event-sourcing/folding';
import { timelineItems } from '#read-models/timeline/timeline';
import type { TimelineItem } from '#read-models/timeline/timeline';
import { readsInternal } from '#state-machines/access';
import type { Viewer } from '#state-machines/access';
import type { Reader } from '../call-context.ts';
import type { Lifecycles, ReadEvent } from '#lifecycle/lifecycles';
import { invalidParameter } from '../problems.ts';
import { axesAt } from './history-axes.ts';
import type { HistoryAxes } from './history-axes.ts';
import { linksOf } from './linked-events.ts';
import type { EventLinks } from './linked-events.ts';
import { eventsAtPoint } from './record-at.ts';
import type { Point } from './record-at.ts';
import { storedOf } from './record-events.ts';
import type { RecordsAccess } from './records-access.ts';
import type { EntriesRequest, RecordAtPoint } from './see-page.ts';
import { readAtPoint } from './see-page.ts';
import { recipientOf, visibleHistory } from './visible-record.ts';
import { recordInternal, withheldFrom } from './withhold.ts';
import type { RecordReference } from '#lifecycle/kind';

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
