import { CLOCK_TOLERANCE_MS } from '#audit/pack/pack-anchors';
import type { EventStore } from '#event-sourcing/event-store';
import { streamEvents } from '#event-sourcing/event-store';
import type { HistoryWarning } from './log-order.ts';
import { asClockEvent, CLOCK_STREAM } from '#state-machines/clock-events';

/**
 * Returns the periods in which a clock ran ahead, proved by confirmations and the last event. The events are valid, but readers should not
 * trust their times. Each period has the position at which the correct time was confirmed, or null.
 */
export async function clockLeaps(
  store: Pick<EventStore, 'readStream' | 'lastEvent'>,
  now: number,
): Promise<readonly HistoryWarning[]> {
  const leaps: HistoryWarning[] = [];
  let latestKnown = -Infinity;
  for await (const event of streamEvents(store, CLOCK_STREAM)) {
    const { data, actor } = asClockEvent(event);
    const latest = data.latest === null ? -Infinity : Date.parse(data.latest);
    if (latest - Date.parse(data.now) > CLOCK_TOLERANCE_MS && latest > latestKnown) {
      const detail = `events before it were recorded up to ${data.latest}, and ${actor.subject} confirmed that it was ${data.now}`;
      leaps.push({ code: 'clock-leap', position: event.position, detail });
    }
    latestKnown = Math.max(latestKnown, latest);
  }
  const last = await store.lastEvent();
  if (last === null || Date.parse(last.recordedAt) <= Math.max(latestKnown, now + CLOCK_TOLERANCE_MS))
    return leaps;
  const detail = `the last event was recorded at ${last.recordedAt}, and the time here is ${new Date(now).toISOString()}`;
  return [...leaps, { code: 'clock-leap', position: null, detail }];
}
