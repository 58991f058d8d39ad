import type { LifecycleState } from '#lifecycle/lifecycle-definition';
import { isSettled } from '#state-machines/inspection-recommendation/v1/deadlines';
import type { Facts } from '#state-machines/inspection-recommendation/v1/facts';
import type { ToldNotice } from './message-text.ts';
import { isAddressed } from './notices.ts';
import type { Notice, NoticeSubscription } from './notices.ts';

/** A record as it stands now. */
export interface PresentRecord {
  readonly state: LifecycleState<Facts>;
  /** Null where it was redacted, or never given; read only for what is told. */
  title(): Promise<string | null>;
}

/** Reads a record as it stands now; null where the log does not have it. */
export type ReadPresentRecord = (id: string) => Promise<PresentRecord | null>;

/**
 * The notices that still hold, with what their records say now: of a record that has gone to somebody else by now, and of a
 * deadline that has another date or none or is settled, a subscription is not told; and what has been redacted is not sent.
 */
export async function presentNotices(
  presentRecord: ReadPresentRecord,
  subscription: NoticeSubscription,
  notices: readonly Notice[],
  baseUrl: string,
): Promise<ToldNotice[]> {
  const told: ToldNotice[] = [];
  for (const notice of notices) {
    const record = await presentRecord(notice.recordId);
    // A log that was gone back in may not have the record.
    if (record === null) continue;
    const { value, facts } = record.state;
    const { recipient, deadlines } = facts;
    const present: Notice = { ...notice, recipient };
    const deadline = deadlines.find(({ id, dueOn }) => id === notice.deadlineId && dueOn === notice.dueOn);
    const isDue = deadline !== undefined && !isSettled(value, deadline);
    if (!isDue || !isAddressed(subscription, present)) continue;
    const status = value['progress'] ?? null;
    const url = `${baseUrl}/recommendations/${encodeURIComponent(notice.recordId)}`;
    told.push({ ...present, title: await record.title(), status, url });
  }
  return told;
}
