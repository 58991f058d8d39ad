import { UnknownShapeError } from '#event-sourcing/errors';
import { UnknownLifecycleError } from '#lifecycle/lifecycles';
import type { LifecycleState } from '#lifecycle/lifecycle-definition';
import { isSettled } from '#state-machines/inspection-recommendation/v1/deadlines';
import { ownState } from '#state-machines/inspection-recommendation/v1/lifecycle';
import { pathOfRecord } from '#state-machines/inspection-recommendation/kind';
import type { ToldNotice } from './message-text.ts';
import { isAddressed } from './notices.ts';
import type { Notice, NoticeSubscription } from './notices.ts';

/** A record as it stands now. */
export interface PresentRecord {
  readonly state: LifecycleState;
  readonly status: string;
  /** Null where it was redacted, or never given; read only for what is told. */
  title(): Promise<string | null>;
}

/** Reads a record as it stands now; null where the log does not have it. */
export type ReadPresentRecord = (id: string) => Promise<PresentRecord | null>;

export interface NoticeReading {
  readonly presentRecord: ReadPresentRecord;
  /** Told of each notice that is left out because its record cannot be read. */
  readonly onError: (error: unknown) => void;
  /** What addresses of records begin with. */
  readonly baseUrl: string;
}

/**
 * The notices that still hold, with what their records say now: of a record that has gone to somebody else by now, and of a
 * deadline that has another date or none or is settled, a subscription is not told; and what has been redacted is not sent.
 * A record of a lifecycle or a shape that this build does not have keeps no other notice from being told.
 * @throws UnknownLifecycleError, UnknownShapeError where nothing is left to tell but of such records.
 */
export async function presentNotices(
  { presentRecord, onError, baseUrl }: NoticeReading,
  subscription: NoticeSubscription,
  notices: readonly Notice[],
): Promise<ToldNotice[]> {
  const told: ToldNotice[] = [];
  const unread: Error[] = [];
  for (const notice of notices) {
    try {
      const record = await presentRecord(notice.recordId);
      // A log that was gone back in may not have the record.
      const present = record && (await presentNotice(record, subscription, notice, baseUrl));
      if (present !== null) told.push(present);
    } catch (error) {
      if (!(error instanceof UnknownLifecycleError || error instanceof UnknownShapeError)) throw error;
      unread.push(error);
    }
  }
  const [first] = unread;
  if (told.length === 0 && first !== undefined) throw first;
  for (const error of unread) onError(error);
  return told;
}

/** Null where it does not hold any more. */
async function presentNotice(
  record: PresentRecord,
  subscription: NoticeSubscription,
  notice: Notice,
  baseUrl: string,
): Promise<ToldNotice | null> {
  const { value, facts, body: recipient } = ownState(record.state);
  const { deadlines } = facts;
  const present: Notice = { ...notice, recipient };
  const deadline = deadlines.find(({ id, dueOn }) => id === notice.deadlineId && dueOn === notice.dueOn);
  const isDue = deadline !== undefined && !isSettled(value, deadline);
  if (!isDue || !isAddressed(subscription, present)) return null;
  const url = `${baseUrl}${pathOfRecord(notice.recordId)}`;
  return { ...present, title: await record.title(), status: record.status, url };
}
