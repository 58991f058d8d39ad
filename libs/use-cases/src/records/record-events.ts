import type { Envelope } from '#event-sourcing/envelope';
import { withoutTexts } from '#event-sourcing/erasure';
import { streamEvents } from '#event-sourcing/event-store';
import type { EventStore } from '#event-sourcing/event-store';
import { effectiveView } from '#lifecycle/effective-view';
import type { ViewPoint } from '#lifecycle/effective-view';
import { inspectionRecommendation } from '#state-machines/inspection-recommendation/v1/lifecycle';
import { amended, recordStream } from '#state-machines/inspection-recommendation/v1/record';

type Reads = Pick<EventStore, 'readStream'>;

/** What facts are folded from, and is short. */
const KEPT = ['/data/owner'];
const IMPORTED = 'RegisterRecordImported';

/**
 * A record's events without what people wrote in them: enough to fold how it stands. A record's texts, all of them, may be more
 * than memory holds.
 */
export async function eventsWithoutTexts(store: Reads, id: string): Promise<Envelope[]> {
  const events: Envelope[] = [];
  for await (const event of streamEvents(store, recordStream(id))) {
    const light = withoutTexts(event, KEPT);
    // Anomalies are not erased with their source, and are as many.
    events.push(light.type === IMPORTED ? { ...light, data: { ...light.data, anomalies: [] } } : light);
  }
  return events;
}

/** The same, where those that say what the record says of itself in a view are whole. */
export async function eventsWithDetails(
  store: Reads,
  events: readonly Envelope[],
  view: ViewPoint,
): Promise<Envelope[]> {
  const steps = effectiveView(inspectionRecommendation, events, view).map(({ event }) => event);
  const isView = view.effectiveOn !== null || view.knownAt !== null;
  const taken = isView ? steps : events;
  const telling = tellingOf(taken);
  return wholeWhere(
    events,
    (event) => telling.has(event),
    (event) => wholeEvent(store, event),
  );
}

/** Those that say what the record says of itself. */
export const tellingOf = (events: readonly Envelope[]): ReadonlySet<Envelope | undefined> =>
  new Set([
    events.find(({ version }) => version === 1),
    events.findLast((event) => event.type === 'TextAmended' && amended(event).title !== undefined),
    events.findLast((event) => event.type === 'TextAmended' && amended(event).text !== undefined),
    events.findLast(({ type, data }) => type === IMPORTED && data['partial'] !== true),
  ]);

/** The events, some of them read as a whole. */
export async function wholeWhere(
  events: readonly Envelope[],
  isWanted: (event: Envelope) => boolean,
  whole: (event: Envelope) => Promise<Envelope>,
): Promise<Envelope[]> {
  const read: Envelope[] = [];
  for (const event of events) read.push(isWanted(event) ? await whole(event) : event);
  return read;
}

/** An event as it is stored now. */
export async function wholeEvent(store: Reads, event: Envelope): Promise<Envelope> {
  const [stored] = await store.readStream(event.streamId, { after: event.version - 1, limit: 1 });
  return stored ?? event;
}

/** Between two wanted events so many others are read along rather than the store asked once more. */
const READ_ALONG = 3;

/** Events of one stream as they are stored now, those that stand near each other read at once; in the order asked for. */
export async function wholeEvents(store: Reads, events: readonly Envelope[]): Promise<Envelope[]> {
  const found = new Map<number, Envelope>();
  const wanted = events.toSorted((one, other) => one.version - other.version);
  for (let from = 0; from < wanted.length;) {
    let to = from + 1;
    const isNear = () => versionAt(wanted, to) - versionAt(wanted, to - 1) <= READ_ALONG + 1;
    while (to < wanted.length && isNear()) to += 1;
    const after = versionAt(wanted, from) - 1;
    const limit = versionAt(wanted, to - 1) - after;
    const streamId = wanted[from]?.streamId ?? '';
    for (const event of await store.readStream(streamId, { after, limit })) found.set(event.version, event);
    from = to;
  }
  return events.map((event) => found.get(event.version) ?? event);
}

const versionAt = (events: readonly Envelope[], index: number): number => events[index]?.version ?? 0;
