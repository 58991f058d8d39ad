import { addDays, daysBetween } from '#lifecycle/plain-date';
import { londonDate } from '#state-machines/london';
import { kinds, nameOf } from '#state-machines/record-streams';
import { nextDigest } from './digest-time.ts';
import type { AddressedNotice } from './outbox/record-messages.ts';
import { isAddressed } from './notices.ts';
import type { DeadlineNotice, NoticeKind, NoticeSubscription } from './notices.ts';
import { OutboxFollower } from './outbox-follower.ts';
import type { FollowerSources } from './outbox-follower.ts';
import { PolledPart } from '#projections/following/log-part';
import { waitForPosition } from '#projections/projection-status';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { deadlinesProjection } from '#read-models/deadlines/deadlines-projection';
import { isThresholdNews } from '#read-models/deadlines/thresholds';
import type { ThresholdRow } from '#read-models/deadlines/thresholds';
import { escalatedRecords, thresholdsAfter, thresholdsUpTo } from '#read-models/deadlines/thresholds-query';
import type { EscalatedRecord } from '#read-models/deadlines/thresholds-query';
import type { Notifications } from './parse-notifications.ts';

interface NoticeSources extends FollowerSources {
  readonly database: ReadModelDatabase;
  readonly notifications: Pick<Notifications, 'subscriptions' | 'digestHour' | 'startAt'>;
  /** Reports whether the clock is trusted. No reminders are recorded while it is not. */
  readonly isTimeKnown: () => boolean;
}

/** The number of days from an escalation to its first reminder, and between reminders. */
const REMINDER_DAYS = 30;
const PAGE = 200;

const KINDS: Readonly<Record<ThresholdRow['nearness'], NoticeKind>> = {
  near: 'approaching',
  over: 'passed',
  'long-over': 'escalated',
};

/**
 * Follows the thresholds that a projection finds, and records their notices. Deadlines that had ended before
 * the record was imported cause none.
 */
export const followDeadlines = (sources: NoticeSources): OutboxFollower<ThresholdRow> =>
  new OutboxFollower(sources, {
    name: 'deadlines',
    startAt: sources.notifications.startAt,
    part: new PolledPart({
      lastPosition: () => thresholdsUpTo(sources.database),
      next: (after) => thresholdsAfter(sources.database, after, PAGE),
    }),
    addressed: (rows) =>
      addressed(
        sources,
        rows.filter(isNews).map((row) => thresholdNotice(row)),
      ),
    async atEnd() {
      if (sources.isTimeKnown()) await recordReminders(sources);
    },
  });

const isNews = ({ nearness, due_on: dueOn, effective_on, came_in_on }: ThresholdRow): boolean =>
  isThresholdNews({ nearness, dueOn }, effective_on, came_in_on);

/** Returns the notice of a threshold. */
export const thresholdNotice = (row: ThresholdRow): DeadlineNotice => ({
  key: row.id,
  kind: KINDS[row.nearness],
  recordId: nameIn(row.stream),
  eventId: row.id,
  occurredAt: row.recorded_at,
  deadline: {
    recipient: row.recipient,
    deadlineId: row.deadline_id,
    dateVersion: row.date_version,
    deadlineKind: row.kind,
    dueOn: row.due_on,
    day: row.effective_on,
    reminder: null,
  },
});

function nameIn(stream: string): string {
  const record = kinds.ofStream(stream);
  return record === null ? stream : nameOf(record);
}

const PATIENCE_MS = 2_000;

/**
 * Records, once a day, reminders of deadlines escalated 30, 60, … days ago and still overdue. A reminder is
 * unique by deadline, version of the date, and number. Of missed reminders, only the last one is sent.
 */
async function recordReminders(sources: NoticeSources): Promise<void> {
  const { store, database, outbox, clock } = sources;
  const now = clock.now();
  const today = londonDate(now);
  const follower = await outbox.follower('deadlines');
  if (follower === null || (follower.remindedOn !== null && follower.remindedOn >= today)) return;
  // An event that is not projected yet may close the record.
  const end = await store.lastPosition();
  if (!(await waitForPosition(database, [deadlinesProjection], end, PATIENCE_MS))) return;
  const upTo = addDays(today, -REMINDER_DAYS);
  for (let after: EscalatedRecord | null = null; ;) {
    const page: readonly EscalatedRecord[] = await escalatedRecords(database, { upTo, after, limit: PAGE });
    after = page.at(-1) ?? null;
    if (after === null) break;
    const notices = page.flatMap((record) => remindersOf(record, today, follower.remindFrom, now));
    await outbox.add(addressed(sources, notices), now);
  }
  await outbox.recordReminded(today);
}

function remindersOf(
  record: EscalatedRecord,
  today: string,
  remindFrom: string,
  now: number,
): DeadlineNotice[] {
  return record.escalations.flatMap(({ deadlineId, dateVersion, kind, dueOn, on }): DeadlineNotice[] => {
    const reminder = Math.floor(daysBetween(on, today) / REMINDER_DAYS);
    const day = addDays(on, reminder * REMINDER_DAYS);
    if (reminder < 1 || day < record.cameInOn || day < remindFrom) return [];
    return [
      {
        key: `reminder/${nameIn(record.stream)}/${deadlineId}/${dateVersion}/${reminder}`,
        kind: 'reminder',
        recordId: nameIn(record.stream),
        eventId: null,
        occurredAt: new Date(now).toISOString(),
        deadline: {
          recipient: record.recipient,
          deadlineId,
          dateVersion,
          deadlineKind: kind,
          dueOn,
          day,
          reminder,
        },
      },
    ];
  });
}

const addressed = ({ notifications }: NoticeSources, notices: readonly DeadlineNotice[]): AddressedNotice[] =>
  notices.flatMap((notice) =>
    notifications.subscriptions
      .filter((subscription) => isAddressed(subscription, notice))
      .map((subscription) => addressedTo(subscription, notice, notifications.digestHour)),
  );

const addressedTo = (
  { id, target, when }: NoticeSubscription,
  notice: DeadlineNotice,
  digestHour: number,
): AddressedNotice => ({
  notice,
  receiver: id,
  channel: target.channel,
  digest: when === 'daily' ? (after) => nextDigest(after, digestHour) : null,
});
