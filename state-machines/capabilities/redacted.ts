import type { Envelope, Pointer } from '#event-sourcing/envelope';
import { eraseFromEnvelope, redactionOf } from '#event-sourcing/erasure';

/** Returns the events without redacted values, even if these are not yet erased from the store. */
export function withoutRedacted<Event extends Envelope>(events: readonly Event[]): Event[] {
  const gone = new Map<string, Pointer[]>();
  for (const event of events) {
    const redaction = redactionOf(event);
    if (redaction === null) continue;
    const { eventId, erased } = redaction;
    gone.set(eventId, [...(gone.get(eventId) ?? []), ...erased]);
  }
  if (gone.size === 0) return [...events];
  return events.map((event) => eraseFromEnvelope(event, gone.get(event.eventId) ?? []));
}

/** Returns the pointers of an event's erasable values that are not erased. */
export const presentPointers = ({ commitments, salts }: Envelope): Pointer[] =>
  Object.keys(commitments).filter((pointer) => Object.hasOwn(salts, pointer));
