import { UnknownShapeError } from '#event-sourcing/errors';
import { UnknownLifecycleError } from '#lifecycle/lifecycles';
import { pathOf } from '#lifecycle/kind';
import type { RecordReference } from '#lifecycle/kind';
import type { DueDate } from '#lifecycle/summary';
import { recordNamed } from '#state-machines/record-streams';
import type { ToldNotice } from './message-text.ts';
import { isAddressed, isOfDeadline } from './notices.ts';
import type { DeadlineNotice, Notice, NoticeSubscription } from './notices.ts';

/** A record as it stands now. */
export interface PresentRecord {
  /** The body that it is for; null where there is none. */
  readonly body: string | null;
  readonly status: string;
  /** The dates by which something is still to be done. */
  readonly due: readonly Pick<DueDate, 'id' | 'dueOn'>[];
  /** Null where it was redacted, or never given; read only for what is told. */
  title(): Promise<string | null>;
}

/** Reads a record as it stands now; null where the log does not have it. */
export type ReadPresentRecord = (record: RecordReference) => Promise<PresentRecord | null>;

interface NoticeReading {
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
  for (const notice of notices.filter(isOfDeadline).sort(byDate)) {
    try {
      const reference = recordNamed(notice.recordId);
      const record = reference && (await presentRecord(reference));
      // A log that was gone back in may not have the record.
      if (reference === null || record === null) continue;
      const present = await presentNotice(record, subscription, notice);
      if (present !== null) told.push({ ...present, ...addressOf(reference, baseUrl) });
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

const byDate = (one: DeadlineNotice, other: DeadlineNotice): number =>
  one.deadline.dueOn.localeCompare(other.deadline.dueOn);

/** Null where it does not hold any more. */
async function presentNotice(
  record: PresentRecord,
  subscription: NoticeSubscription,
  { deadline, ...notice }: DeadlineNotice,
): Promise<Omit<ToldNotice, keyof ReturnType<typeof addressOf>> | null> {
  const facts = { ...deadline, recipient: record.body };
  const isDue = record.due.some(({ id, dueOn }) => id === facts.deadlineId && dueOn === facts.dueOn);
  if (!isDue || !isAddressed(subscription, { ...notice, deadline: facts })) return null;
  return { ...notice, ...facts, title: await record.title(), status: record.status };
}

const addressOf = (record: RecordReference, baseUrl: string) => ({
  called: record.kind.isUnnamed ? record.id : `${record.kind.noun.singular} ${record.id}`,
  url: `${baseUrl}${pathOf(record)}`,
});
