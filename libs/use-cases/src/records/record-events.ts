import type { Envelope } from '#event-sourcing/envelope';
import { nextTurn, streamEvents } from '#event-sourcing/event-store';
import type { EventStore } from '#event-sourcing/event-store';
import { takenBy } from '#lifecycle/effective-view';
import type { ViewPoint } from '#lifecycle/effective-view';
import { streamOf } from '#lifecycle/kind';
import type { RecordReference } from '#lifecycle/kind';
import type { ReadEvent } from '#lifecycle/lifecycles';
import { viewOfEvent } from '#state-machines/any-kind';
import type { Lifecycles } from '#lifecycle/lifecycles';

type Reads = Pick<EventStore, 'readStream'>;

/** What records' events are read from, and by. */
export interface Reading {
  readonly store: Reads;
  readonly lifecycles: Lifecycles;
}

/** A record's events as they are stored now. */
export const storedEvents = (store: Reads, reference: RecordReference): Promise<Envelope[]> =>
  Array.fromAsync(streamEvents(store, streamOf(reference)));

/**
 * A record's events as they are stored, but without what people wrote in them: enough to fold how it stands. A record's texts, all of
 * them, may be more than memory holds.
 */
export const storedWithoutTexts = (store: Reads, reference: RecordReference): Promise<Envelope[]> =>
  Array.fromAsync(lightEvents(store, reference));

/** The same, one after the other, from a version on. */
export async function* lightEvents(
  store: Reads,
  reference: RecordReference,
  after = 0,
): AsyncGenerator<Envelope> {
  for await (const event of streamEvents(store, streamOf(reference), after))
    yield viewOfEvent(event).light(event);
}

/** The same, as they are read. */
export const eventsWithoutTexts = async (
  { store, lifecycles }: Reading,
  reference: RecordReference,
): Promise<readonly ReadEvent[]> => lifecycles.readAll(await storedWithoutTexts(store, reference));

/** The same, where those that say what the record says of itself in a view are whole. */
export async function eventsWithDetails(
  reading: Reading,
  events: readonly ReadEvent[],
  view: ViewPoint,
): Promise<ReadEvent[]> {
  const isView = view.effectiveOn !== null || view.knownAt !== null;
  const taken = isView ? takenBy(view, events) : events;
  const telling = tellingOf(taken);
  return wholeWhere(
    events,
    (event) => telling.has(event),
    (event) => wholeEvent(reading, event),
  );
}

/** Those that say what the record says of itself. */
export function tellingOf(events: readonly ReadEvent[]): ReadonlySet<ReadEvent> {
  const [first] = events;
  return new Set(first === undefined ? [] : viewOfEvent(first).telling(events));
}

/** So many reads of an event by itself take a few milliseconds. */
const READ_IN_A_TURN = 50;

/** The events, some of them read as a whole; where these are many, others have their turn in between. */
export async function wholeWhere<Event>(
  events: readonly Event[],
  isWanted: (event: Event) => boolean,
  whole: (event: Event) => Promise<Event>,
): Promise<Event[]> {
  const read: Event[] = [];
  let wanted = 0;
  for (const event of events) {
    if (!isWanted(event)) read.push(event);
    else {
      read.push(await whole(event));
      wanted += 1;
      if (wanted % READ_IN_A_TURN === 0) await nextTurn();
    }
  }
  return read;
}

/** An event as it is stored now, of whatever stream. */
export const storedEvent = async (store: Reads, event: Envelope): Promise<Envelope> =>
  (await storedAt(store, event)) ?? event;

async function storedAt(store: Reads, place: Pick<Envelope, 'streamId' | 'version'>) {
  const [stored] = await store.readStream(place.streamId, { after: place.version - 1, limit: 1 });
  return stored;
}

/** A record's event as it is read now. */
export async function wholeEvent({ store, lifecycles }: Reading, event: ReadEvent): Promise<ReadEvent> {
  const stored = await storedAt(store, event);
  return stored === undefined ? event : lifecycles.read(stored);
}

/** Between two wanted events so many others are read along rather than the store asked once more. */
const READ_ALONG = 3;

/** Events of one stream as they are read now, those that stand near each other read at once; in the order asked for. */
export async function wholeEvents(
  { store, lifecycles }: Reading,
  events: readonly ReadEvent[],
): Promise<ReadEvent[]> {
  const found = await storedOf(store, events);
  return events.map((event) => {
    const stored = found.get(event.version);
    return stored === undefined ? event : lifecycles.read(stored);
  });
}

/** The same as they are stored, by their versions. */
export async function storedOf(
  store: Reads,
  events: readonly ReadEvent[],
): Promise<ReadonlyMap<number, Envelope>> {
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
  return found;
}

const versionAt = (events: readonly ReadEvent[], index: number): number => events[index]?.version ?? 0;
