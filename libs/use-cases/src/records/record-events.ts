import type { Envelope } from '#event-sourcing/envelope';
import { nextTurn, streamEvents } from '#event-sourcing/event-store';
import type { EventStore } from '#event-sourcing/event-store';
import { eventsInView } from '#lifecycle/effective-view';
import type { ViewPoint } from '#lifecycle/effective-view';
import { streamOf } from '#lifecycle/kind';
import type { RecordReference } from '#lifecycle/kind';
import type { ReadEvent } from '#lifecycle/lifecycles';
import { viewOfEvent } from '#state-machines/any-kind';
import type { Lifecycles } from '#lifecycle/lifecycles';

type Reads = Pick<EventStore, 'readStream'>;

interface Reading {
  readonly store: Reads;
  readonly lifecycles: Lifecycles;
}

/** Returns a record's current events as stored. */
export const storedEvents = (store: Reads, reference: RecordReference): Promise<Envelope[]> =>
  Array.fromAsync(streamEvents(store, streamOf(reference)));

/** Returns a record's events as stored, without free text: for folding its state. A record's texts might not all fit into memory. */
export const storedWithoutTexts = (store: Reads, reference: RecordReference): Promise<Envelope[]> =>
  Array.fromAsync(lightEvents(store, reference));

/** Yields events without free text from a version on. */
export async function* lightEvents(
  store: Reads,
  reference: RecordReference,
  after = 0,
): AsyncGenerator<Envelope> {
  for await (const event of streamEvents(store, streamOf(reference), after))
    yield viewOfEvent(event).light(event);
}

/** Returns events with the full texts of those that state the record's details in a view. */
export async function eventsWithDetails(
  reading: Reading,
  events: readonly ReadEvent[],
  view: ViewPoint,
): Promise<ReadEvent[]> {
  const isView = view.effectiveOn !== null || view.knownAt !== null;
  const included = isView ? eventsInView(view, events) : events;
  const details = detailEventsOf(included);
  return wholeWhere(
    events,
    (event) => details.has(event),
    (event) => wholeEvent(reading, event),
  );
}

/** Returns the events that state the record's details. */
export function detailEventsOf(events: readonly ReadEvent[]): ReadonlySet<ReadEvent> {
  const [first] = events;
  return new Set(first === undefined ? [] : viewOfEvent(first).detailEvents(events));
}

/** The number of events read in one turn, within a few milliseconds. */
const READ_IN_A_TURN = 50;

/** Replaces some events by their full versions. Yields to other work between batches. */
export async function wholeWhere<Event>(
  events: readonly Event[],
  isWanted: (event: Event) => boolean,
  whole: (event: Event) => Promise<Event>,
): Promise<Event[]> {
  const result: Event[] = [];
  let wanted = 0;
  for (const event of events) {
    if (!isWanted(event)) result.push(event);
    else {
      result.push(await whole(event));
      wanted += 1;
      if (wanted % READ_IN_A_TURN === 0) await nextTurn();
    }
  }
  return result;
}

/** Returns an event of any stream as currently stored. */
export const storedEvent = async (store: Reads, event: Envelope): Promise<Envelope> =>
  (await storedAt(store, event)) ?? event;

async function storedAt(store: Reads, place: Pick<Envelope, 'streamId' | 'version'>) {
  const [stored] = await store.readStream(place.streamId, { after: place.version - 1, limit: 1 });
  return stored;
}

/** Returns a record's event as currently stored. */
async function wholeEvent({ store, lifecycles }: Reading, event: ReadEvent): Promise<ReadEvent> {
  const stored = await storedAt(store, event);
  return stored === undefined ? event : lifecycles.read(stored);
}

/** The number of unwanted events between two wanted ones that are read in the same query, which is faster than a second query. */
const READ_ALONG = 3;

/** Returns full events of one stream, in the requested order. Reads adjacent events together. */
export async function wholeEvents(
  { store, lifecycles }: Reading,
  events: readonly ReadEvent[],
): Promise<ReadEvent[]> {
  const storedByVersion = await storedOf(store, events);
  return events.map((event) => {
    const stored = storedByVersion.get(event.version);
    return stored === undefined ? event : lifecycles.read(stored);
  });
}

/** Returns full events of one stream as stored, by version. */
export async function storedOf(
  store: Reads,
  events: readonly ReadEvent[],
): Promise<ReadonlyMap<number, Envelope>> {
  const storedByVersion = new Map<number, Envelope>();
  const wanted = events.toSorted((one, other) => one.version - other.version);
  for (let from = 0; from < wanted.length;) {
    let to = from + 1;
    const isNear = () => versionAt(wanted, to) - versionAt(wanted, to - 1) <= READ_ALONG + 1;
    while (to < wanted.length && isNear()) to += 1;
    const after = versionAt(wanted, from) - 1;
    const limit = versionAt(wanted, to - 1) - after;
    const streamId = wanted[from]?.streamId ?? '';
    for (const event of await store.readStream(streamId, { after, limit }))
      storedByVersion.set(event.version, event);
    from = to;
  }
  return storedByVersion;
}

const versionAt = (events: readonly ReadEvent[], index: number): number => events[index]?.version ?? 0;
