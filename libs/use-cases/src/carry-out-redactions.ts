import { COMMAND_DIGEST } from '../../event-sourcing/src/envelope.ts';
import type { Envelope, Pointer } from '../../event-sourcing/src/envelope.ts';
import { logEvents, streamEvents } from '../../event-sourcing/src/event-store.ts';
import type { EventStore } from '../../event-sourcing/src/event-store.ts';
import { redactionOf } from '../../../state-machines/inspection-recommendation/v1/redaction.ts';

/**
 * Erases from a store all that its redactions name and that is still there: a copy must not keep what its source was about to erase.
 * @returns how many events lost something.
 */
export async function carryOutRedactions(store: EventStore): Promise<number> {
  let erased = 0;
  for (const [streamId, named] of await redactionsOf(store)) {
    for await (const event of streamEvents(store, streamId)) {
      const pointers = named.get(event.eventId);
      if (pointers === undefined) continue;
      if (holds(event, pointers)) {
        await store.erase(streamId, event.version, [...pointers]);
        erased += 1;
      }
      // Every event of the command has a digest of the whole request, by which a short text could be guessed.
      for (const sibling of event.command.digest === null ? [] : await store.findCommand(event.command.id)) {
        if (!Object.hasOwn(sibling.salts, COMMAND_DIGEST)) continue;
        await store.erase(sibling.streamId, sibling.version, [COMMAND_DIGEST]);
      }
    }
  }
  return erased;
}

/** By stream and event, the pointers that redactions name. */
async function redactionsOf(store: EventStore): Promise<Map<string, Map<string, Set<Pointer>>>> {
  const streams = new Map<string, Map<string, Set<Pointer>>>();
  for await (const event of logEvents(store)) {
    const redaction = redactionOf(event);
    if (redaction === null) continue;
    const events = streams.get(event.streamId) ?? new Map<string, Set<Pointer>>();
    const pointers = events.get(redaction.eventId) ?? new Set<Pointer>();
    for (const pointer of redaction.erased) pointers.add(pointer);
    streams.set(event.streamId, events.set(redaction.eventId, pointers));
  }
  return streams;
}

const holds = (event: Envelope, pointers: ReadonlySet<Pointer>): boolean =>
  [...pointers].some((pointer) => Object.hasOwn(event.salts, pointer));
