import { hasCode } from '#event-sourcing/errors';
import type { EventStore } from '#event-sourcing/event-store';

/** Tells, from how far a reader has come, how many events a log has: exactly where positions are given one after another. */
export type LogLength = (events: number, position: string) => number;

/**
 * Measures a log by its first and last position. In stores whose positions are places in a server's log, events are taken to lie as
 * densely in the rest as they did so far.
 */
export async function measureLog(store: Pick<EventStore, 'readAll' | 'lastPosition'>): Promise<LogLength> {
  const last = BigInt(await store.lastPosition());
  const [event] = await store.readAll({ limit: 1 }).catch((error: unknown) => {
    // Progress is told over a damaged log too: verify names what is damaged when it comes to it.
    if (hasCode(error, 'store-damaged')) return [];
    throw error;
  });
  const first = BigInt(event?.position ?? 1);
  return (events, position) => lengthOf(events, BigInt(position), first, last);
}

function lengthOf(events: number, position: bigint, first: bigint, last: bigint): number {
  const passed = Number(position - first + 1n);
  const all = Number(last - first + 1n);
  if (passed <= 0 || all <= passed) return events;
  return Math.max(events, Math.round((events * all) / passed));
}
