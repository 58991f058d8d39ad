import { hasCode } from '#event-sourcing/errors';
import type { EventStore } from '#event-sourcing/event-store';

/** Told how many events were read, and how many the log has. */
export type OnProgress = (events: number, total: number) => void;

/** Telling it for each event would take longer than reading the event. */
const TOLD_EVENTS = 1_000;

/**
 * Whoever reads a log tells what this gives how many events there were, and the position of the last: now and then, and at the log's end, `onProgress`
 * is told of it. How long a log is follows from its first and last position: exactly where positions are given one after another. In stores whose
 * positions are places in a server's log, events are taken to lie as densely in the rest as they did so far.
 */
export async function progressThrough(
  store: Pick<EventStore, 'readAll' | 'lastPosition'>,
  onProgress: OnProgress | undefined,
): Promise<(events: number, position: string) => void> {
  if (onProgress === undefined) return () => undefined;
  const end = await store.lastPosition();
  const [event] = await store.readAll({ limit: 1 }).catch((error: unknown) => {
    // Progress is told over a damaged log too: verify names what is damaged when it comes to it.
    if (hasCode(error, 'store-damaged')) return [];
    throw error;
  });
  const [first, last] = [BigInt(event?.position ?? 1), BigInt(end)];
  let told = 0;
  return (events, position) => {
    // Whoever begins anew has read fewer than were told.
    if (Math.abs(events - told) < TOLD_EVENTS && position !== end) return;
    told = events;
    onProgress(events, lengthOf(events, BigInt(position), first, last));
  };
}

function lengthOf(events: number, position: bigint, first: bigint, last: bigint): number {
  const passed = Number(position - first + 1n);
  const all = Number(last - first + 1n);
  if (passed <= 0 || all <= passed) return events;
  return Math.max(events, Math.round((events * all) / passed));
}
