import { UnknownShapeError } from '#event-sourcing/errors';
import { UnknownLifecycleError } from '#lifecycle/lifecycles';
import { pathOf } from '#lifecycle/kind';
import type { RecordReference } from '#lifecycle/kind';
import type { DueDate } from '#lifecycle/summary';
import { recordNamed } from '#state-machines/record-streams';
import type { PresentNotice } from './message-text.ts';
import { isAddressed, isOfDeadline } from './notices.ts';
import type { DeadlineNotice, Notice, NoticeSubscription } from './notices.ts';

/** The current state of a record. */
export interface PresentRecord {
  /** The responsible body; null if there is none. */
  readonly body: string | null;
  readonly status: string;
  readonly due: readonly Pick<DueDate, 'id' | 'dueOn'>[];
  /** Returns the title; null if it was redacted or never set. Called only if needed. */
  title(): Promise<string | null>;
}

/** Returns a record's current state; null if it is not in the log. */
export type ReadPresentRecord = (record: RecordReference) => Promise<PresentRecord | null>;

interface NoticeReading {
  readonly presentRecord: ReadPresentRecord;
  /** Called with the error for each notice that is omitted because its record cannot be read. */
  readonly onError: (error: unknown) => void;
  /** The base of record URLs. */
  readonly baseUrl: string;
}

/**
 * Returns the notices that are still current, with their records' present facts. Omits notices of records that moved to a body outside the
 * subscription, and of deadlines that were moved, removed or met. Redacted texts are not sent. A record with an unknown lifecycle or shape
 * does not prevent other notices from being sent.
 * @throws UnknownLifecycleError, UnknownShapeError if only such records remain.
 */
export async function presentNotices(
  { presentRecord, onError, baseUrl }: NoticeReading,
  subscription: NoticeSubscription,
  notices: readonly Notice[],
): Promise<PresentNotice[]> {
  const current: PresentNotice[] = [];
  const unread: Error[] = [];
  for (const notice of notices.filter(isOfDeadline).sort(byDate)) {
    try {
      const reference = recordNamed(notice.recordId);
      const record = reference && (await presentRecord(reference));
      // The log may have been restored to a point before the record.
      if (reference === null || record === null) continue;
      const present = await presentNotice(record, subscription, notice);
      if (present !== null) current.push({ ...present, ...addressOf(reference, baseUrl) });
    } catch (error) {
      if (!(error instanceof UnknownLifecycleError || error instanceof UnknownShapeError)) throw error;
      unread.push(error);
    }
  }
  const [first] = unread;
  if (current.length === 0 && first !== undefined) throw first;
  for (const error of unread) onError(error);
  return current;
}

const byDate = (one: DeadlineNotice, other: DeadlineNotice): number =>
  one.deadline.dueOn.localeCompare(other.deadline.dueOn);

/** Returns the notice with its record's facts; null if it is no longer current. */
async function presentNotice(
  record: PresentRecord,
  subscription: NoticeSubscription,
  { deadline, ...notice }: DeadlineNotice,
): Promise<Omit<PresentNotice, keyof ReturnType<typeof addressOf>> | null> {
  const facts = { ...deadline, recipient: record.body };
  const isDue = record.due.some(({ id, dueOn }) => id === facts.deadlineId && dueOn === facts.dueOn);
  if (!isDue || !isAddressed(subscription, { ...notice, deadline: facts })) return null;
  return { ...notice, ...facts, title: await record.title(), status: record.status };
}

const addressOf = (record: RecordReference, baseUrl: string) => ({
  called: `${record.kind.noun.singular} ${record.id}`,
  url: `${baseUrl}${pathOf(record)}`,
});
