import type { Envelope, Pointer } from '#event-sourcing/envelope';
import type { Viewer } from '#state-machines/access';
import type { RecordsAccess } from './records-access.ts';
import { visibleHistory } from './visible-record.ts';
import { streamOf } from '#lifecycle/kind';
import type { RecordReference } from '#lifecycle/kind';
import { viewOfEvent } from '#state-machines/any-kind';
import { atOnce } from '#event-sourcing/folding';
import { presentPointers } from '#state-machines/capabilities/redacted';

/** An event and its texts that can be erased. */
export interface ErasableEvent {
  readonly eventId: string;
  readonly version: number;
  readonly type: string;
  readonly pointers: readonly Pointer[];
}

export interface SeenRedaction {
  /** The record's events with a text, oldest first. */
  readonly events: readonly ErasableEvent[];
  /** The events that lose values with it: those that repeat the text, and imported files that contain it. */
  readonly erasedWith: readonly ErasableEvent[];
}

/**
 * Returns the events whose values a redaction would erase. Does not check whether the viewer may redact.
 * @param eventId the event; null if none is chosen yet.
 * @throws CommandRefusedError 404 if the record does not exist or belongs to a body that the viewer cannot see.
 */
export async function seeRedaction(
  access: RecordsAccess,
  viewer: Viewer,
  reference: RecordReference,
  eventId: string | null,
): Promise<SeenRedaction> {
  const { stored } = await visibleHistory(access, viewer, reference);
  const events = stored.map((event) => erasable(event, presentPointers(event)));
  const chosen = eventId === null ? undefined : stored.find((event) => event.eventId === eventId);
  return {
    events: events.filter(({ pointers }) => pointers.length > 0),
    erasedWith: chosen === undefined ? [] : await findErasedWith(access, reference, stored, chosen),
  };
}

async function findErasedWith(
  { store }: RecordsAccess,
  reference: RecordReference,
  stored: readonly Envelope[],
  chosen: Envelope,
): Promise<ErasableEvent[]> {
  const { eventId } = chosen;
  const view = viewOfEvent(chosen);
  const named = { eventId, erased: presentPointers(chosen) };
  const wholes = await store.findEvents(streamOf(reference), view.textsErasedWith(named, stored));
  const byId = new Map(wholes.map((event) => [event.eventId, event]));
  const history = stored.map((event) => byId.get(event.eventId) ?? event);
  const eventsById = new Map(stored.map((event) => [event.eventId, event]));
  return atOnce(view.erasedWith([named], history)).flatMap((erasure) => {
    const event = erasure.eventId === eventId ? undefined : eventsById.get(erasure.eventId);
    return event === undefined ? [] : [erasable(event, erasure.erased)];
  });
}

const erasable = ({ eventId, version, type }: Envelope, pointers: readonly Pointer[]): ErasableEvent => ({
  eventId,
  version,
  type,
  pointers,
});
