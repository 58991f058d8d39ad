import type { EventStore } from '#event-sourcing/event-store';
import type { ToldNotice } from '#outbox/message-text';
import { isAddressed } from '#outbox/notices';
import type { Notice, Subscription } from '#outbox/notices';
import { isSettled } from '#state-machines/inspection-recommendation/v1/deadlines';
import { recordDetails } from '#state-machines/inspection-recommendation/v1/record';
import { currentState } from '../records/read-record.ts';
import { eventsWithDetails, eventsWithoutTexts } from '../records/record-events.ts';

/**
 * The notices that still hold, with what their records say now: of a record that has gone to somebody else by now, and of a
 * deadline that has another date or none or is settled, a subscription is not told; and what has been redacted is not sent.
 */
export async function presentNotices(
  store: EventStore,
  subscription: Subscription,
  notices: readonly Notice[],
  baseUrl: string,
): Promise<ToldNotice[]> {
  const told: ToldNotice[] = [];
  for (const notice of notices) {
    const light = await eventsWithoutTexts(store, notice.recordId);
    const state = currentState(light);
    // A log that was gone back in may not have the record.
    if (state === null) continue;
    const { recipient, deadlines } = state.facts;
    const present: Notice = { ...notice, recipient };
    const deadline = deadlines.find(({ id, dueOn }) => id === notice.deadlineId && dueOn === notice.dueOn);
    const isDue = deadline !== undefined && !isSettled(state.value, deadline);
    if (!isDue || !isAddressed(subscription, present)) continue;
    const events = await eventsWithDetails(store, light, { effectiveOn: null, knownAt: null });
    const { title } = recordDetails(events);
    const status = state.value['progress'] ?? null;
    const url = `${baseUrl}/recommendations/${encodeURIComponent(notice.recordId)}`;
    told.push({ ...present, title, status, url });
  }
  return told;
}
