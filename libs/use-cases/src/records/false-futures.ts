import type { Envelope } from '#event-sourcing/envelope';
import type { EventStore } from '#event-sourcing/event-store';
import { streamEvents } from '#event-sourcing/event-store';
import { comparePositions } from '#projections/position';
import type { FalseFuture } from '#read-models/deadlines/thresholds-query';
import { asClockEvent, CLOCK_STREAM, confirmedDay } from '#state-machines/clock-events';

/** Returns the periods of wrong clocks, proved by confirmations of the clock. */
export async function falseFutures(store: Pick<EventStore, 'readStream'>): Promise<readonly FalseFuture[]> {
  const futures: FalseFuture[] = [];
  for await (const event of streamEvents(store, CLOCK_STREAM))
    futures.push({ before: event.position, after: confirmedDay(asClockEvent(event)) });
  return futures;
}

/** Reports whether an event was recorded in such a period: before a confirmation that its effective day was still in the future. */
export const isOfFalseFuture = (
  futures: readonly FalseFuture[],
  { position, effectiveOn }: Pick<Envelope, 'position' | 'effectiveOn'>,
): boolean =>
  futures.some(({ before, after }) => effectiveOn > after && comparePositions(position, before) < 0);
