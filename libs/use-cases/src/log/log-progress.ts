import { hasCode } from '#event-sourcing/errors';
import type { EventStore } from '#event-sourcing/event-store';

/** Called with the number of events read and the length of the log. */
export type OnProgress = (events: number, total: number) => void;

/** The number of events between reports: reporting each event would cost more than reading it. */
const REPORTED_EVENTS = 1_000;

/**
 * Returns a function that a reader of the log calls with the number of events so far and the last position. It calls `onProgress`
 * regularly, and at the end. The log's length follows from its first and last position: exactly in stores that number events consecutively.
 * In stores whose positions are offsets in a server's log, it is estimated from the density so far.
 */
export async function progressThrough(
  store: Pick<EventStore, 'readAll' | 'lastPosition'>,
  onProgress: OnProgress | undefined,
): Promise<(events: number, position: string) => void> {
  if (onProgress === undefined) return () => undefined;
  const end = await store.lastPosition();
  const [event] = await store.readAll({ limit: 1 }).catch((error: unknown) => {
    // A damaged log also has progress: verification reports the damage when it reaches it.
    if (hasCode(error, 'store-damaged')) return [];
    throw error;
  });
  const [first, last] = [BigInt(event?.position ?? 1), BigInt(end)];
  let reported = 0;
  return (events, position) => {
    // A reader that restarts has read fewer events than were reported.
    if (Math.abs(events - reported) < REPORTED_EVENTS && position !== end) return;
    reported = events;
    onProgress(events, lengthOf(events, BigInt(position), first, last));
  };
}

function lengthOf(events: number, position: bigint, first: bigint, last: bigint): number {
  const passed = Number(position - first + 1n);
  const total = Number(last - first + 1n);
  if (passed <= 0 || total <= passed) return events;
  return Math.max(events, Math.round((events * total) / passed));
}
