import { examineEvent } from '#audit/forms';
import type { ExaminedEvent } from '#audit/examine-event';
import { hasCode } from '#event-sourcing/errors';
import { streamEvents } from '#event-sourcing/event-store';
import type { EventStore } from '#event-sourcing/event-store';

/** The last event of a stream up to a position of the log; its event is null where it cannot be read. */
export interface LastBefore {
  readonly version: number;
  readonly event: ExaminedEvent | null;
}

/**
 * Looks for the last event of a stream before one that is met behind a position; null where there is none.
 * @param version of the one that is met.
 */
export async function lastBefore(
  store: EventStore,
  { streamId, version }: { readonly streamId: string; readonly version: number },
  position: string,
): Promise<LastBefore | null> {
  const isBefore = (event: { readonly position: string }): boolean =>
    BigInt(event.position) <= BigInt(position);
  try {
    // Where nothing is wrong, it is the one version before, or there is none.
    const [near] = await store.readStream(streamId, { after: Math.max(version - 2, 0), limit: 1 });
    if (version <= 1 && (near === undefined || !isBefore(near))) return null;
    if (near?.version === version - 1 && isBefore(near))
      return { version: near.version, event: examineEvent(near) };
    let last: LastBefore | null = null;
    for await (const event of streamEvents(store, streamId))
      if (isBefore(event)) last = { version: event.version, event: examineEvent(event) };
    return last;
  } catch (error) {
    if (!hasCode(error, 'store-damaged')) throw error;
    return { version: version - 1, event: null };
  }
}
