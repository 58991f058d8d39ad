import type { EventStore } from '#event-sourcing/event-store';
import { addDays, daysBetween } from '#lifecycle/plain-date';
import { londonDate } from '#state-machines/london';
import { kinds, nameOf } from '#state-machines/record-streams';
import { nextDigest } from './digest-time.ts';
import type { Addressed, Outbox } from './outbox/outbox.ts';
import { isAddressed } from './notices.ts';
import type { Notice, NoticeKind, NoticeSubscription } from './notices.ts';
import type { FollowerBookmark } from '#projections/following/follower';
import { PolledPart } from '#projections/following/log-part';
import { waitForPosition } from '#projections/projection-status';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { paddedPosition, thresholdsProjection } from '#read-models/thresholds/thresholds-projection';
import type { ThresholdRow } from '#read-models/thresholds/thresholds-projection';
import { escalatedRecords, thresholdsAfter, thresholdsUpTo } from '#read-models/thresholds/thresholds-query';
import type { EscalatedRecord } from '#read-models/thresholds/thresholds-query';
import type { Notifications } from './parse-notifications.ts';

export interface NoticeSources {
  readonly store: Pick<EventStore, 'readAll' | 'lastPosition'>;
  readonly database: ReadModelDatabase;
  readonly outbox: Outbox;
  readonly notifications: Pick<Notifications, 'subscriptions' | 'digestHour' | 'startAt'>;
  /** In milliseconds since 1970. */
  readonly now: () => number;
}

/** Days from an escalation to its first reminder, and from each to the next. */
const REMINDER_DAYS = 30;
const PAGE = 200;
const FIRST_DAY = '0001-01-01';

/** The outbox was made for another log than that which is followed. */
export class ForeignOutboxError extends Error {
  override readonly name = 'ForeignOutboxError';

  constructor() {
    super(
      'The outbox belongs to another log than this store; name its own by DOCKET_OUTBOX, or move it away',
    );
  }
}

/** What is to be told was taken from a log that was longer than this one is. */
export class OutboxAheadError extends Error {
  readonly code = 'outbox-ahead';

  constructor(seen: string, last: string) {
    super(
      `the outbox has looked through the log up to position ${seen}, and the log ends at ${last}: events of it are lost. ` +
        'Look for the newer one and put it in this one’s place. Where an older backup was restored on purpose: docket rebuild --older-log',
    );
    this.name = 'OutboxAheadError';
  }
}

const KINDS: Readonly<Record<ThresholdRow['nearness'], NoticeKind>> = {
  near: 'approaching',
  over: 'passed',
  'long-over': 'escalated',
};

/**
 * Notes where the follower starts, the first time: at the log's end as it stands, so that nothing old is told, or at
 * its beginning.
 * @throws ForeignOutboxError, OutboxAheadError
 */
export async function beginNotices({ store, outbox, notifications, now }: NoticeSources): Promise<void> {
  const log = await firstEvent(store);
  const isOld = notifications.startAt === 'beginning';
  if ((await outbox.follower()) === null) {
    const position = isOld ? '0' : await store.lastPosition();
    const remindFrom = isOld ? FIRST_DAY : londonDate(now());
    await outbox.begin({ log, position: paddedPosition(position), remindFrom });
  }
  const follower = await outbox.follower();
  const known = follower?.log ?? null;
  if (known !== null && log !== null && known !== log) throw new ForeignOutboxError();
  const last = await store.lastPosition();
  if (follower !== null && follower.position > paddedPosition(last)) {
    throw new OutboxAheadError(follower.position.replace(/^0+(?=.)/, ''), last);
  }
  if (known === null && log !== null) await outbox.nameLog(log);
}

const firstEvent = async (store: NoticeSources['store']): Promise<string | null> =>
  (await store.readAll({ limit: 1 }))[0]?.eventId ?? null;

/** The part of the log that is told of: its thresholds, as a projection finds them, and as far as it has come. */
export const thresholdsOf = ({ database }: Pick<NoticeSources, 'database'>): PolledPart<ThresholdRow> =>
  new PolledPart({
    lastPosition: () => thresholdsUpTo(database),
    next: (after) => thresholdsAfter(database, after, PAGE),
  });

/** Where the following of thresholds stands, padded: moved in the transaction that records what they give rise to. */
export const noticesBookmark = ({ outbox }: NoticeSources): FollowerBookmark => ({
  async read() {
    const follower = await outbox.follower();
    if (follower === null) throw new Error('The outbox does not say up to where the log was looked through');
    return follower.position;
  },
});

/**
 * Records whom thresholds of the log are to be told to, once whatever runs twice. What was crossed before the record came
 * into the system is told to nobody.
 */
export async function recordThresholds(
  sources: NoticeSources,
  rows: readonly ThresholdRow[],
  after: string,
): Promise<void> {
  const { store, outbox, now } = sources;
  const last = rows.at(-1);
  if (last === undefined) return;
  if ((await outbox.follower())?.log === null) await outbox.nameLog((await firstEvent(store)) ?? last.id);
  const notices = rows
    .filter(({ effective_on, came_in_on }) => effective_on >= came_in_on)
    .map((row) => thresholdNotice(row));
  await outbox.record(addressed(sources, notices), { from: after, to: last.position, now: now() });
}

/** What a threshold that the log tells of gives rise to. */
export const thresholdNotice = (row: ThresholdRow): Notice => ({
  key: row.id,
  kind: KINDS[row.nearness],
  recordId: nameIn(row.stream),
  recipient: row.recipient,
  deadlineId: row.deadline_id,
  dateVersion: row.date_version,
  deadlineKind: row.kind,
  dueOn: row.due_on,
  day: row.effective_on,
  eventId: row.id,
  reminder: null,
  occurredAt: row.recorded_at,
});

function nameIn(stream: string): string {
  const record = kinds.ofStream(stream);
  return record === null ? stream : nameOf(record);
}

const PATIENCE_MS = 2_000;

/**
 * Records, once a day, the reminders of what has been escalated for 30, 60, … days and is still open and overdue. Each
 * is told once for its deadline, version of the date, and number; of those that were missed only the last one is.
 */
export async function recordReminders(sources: NoticeSources): Promise<void> {
  const { store, database, outbox, now } = sources;
  const today = londonDate(now());
  const follower = await outbox.follower();
  if (follower === null || (follower.remindedOn !== null && follower.remindedOn >= today)) return;
  // What is still being folded may be closed further on in the log.
  const end = await store.lastPosition();
  if (!(await waitForPosition(database, [thresholdsProjection], end, PATIENCE_MS))) return;
  const upTo = addDays(today, -REMINDER_DAYS);
  for (let after: EscalatedRecord | null = null; ;) {
    const page: readonly EscalatedRecord[] = await escalatedRecords(database, { upTo, after, limit: PAGE });
    after = page.at(-1) ?? null;
    if (after === null) break;
    const notices = page.flatMap((record) => remindersOf(record, today, follower.remindFrom, now()));
    await outbox.recordReminders(addressed(sources, notices), now());
  }
  await outbox.reminded(today);
}

function remindersOf(record: EscalatedRecord, today: string, remindFrom: string, now: number): Notice[] {
  return record.escalations.flatMap(({ deadlineId, dateVersion, kind, dueOn, on }): Notice[] => {
    const reminder = Math.floor(daysBetween(on, today) / REMINDER_DAYS);
    const day = addDays(on, reminder * REMINDER_DAYS);
    if (reminder < 1 || day < record.cameInOn || day < remindFrom) return [];
    return [
      {
        key: `reminder/${nameIn(record.stream)}/${deadlineId}/${dateVersion}/${reminder}`,
        kind: 'reminder',
        recordId: nameIn(record.stream),
        recipient: record.recipient,
        deadlineId,
        dateVersion,
        deadlineKind: kind,
        dueOn,
        day,
        eventId: null,
        reminder,
        occurredAt: new Date(now).toISOString(),
      },
    ];
  });
}

const addressed = ({ notifications }: NoticeSources, notices: readonly Notice[]): Addressed[] =>
  notices.flatMap((notice) =>
    notifications.subscriptions
      .filter((subscription) => isAddressed(subscription, notice))
      .map((subscription) => addressedTo(subscription, notice, notifications.digestHour)),
  );

const addressedTo = (
  { id, target, when }: NoticeSubscription,
  notice: Notice,
  digestHour: number,
): Addressed => ({
  notice,
  subscription: id,
  channel: target.channel,
  digest: when === 'daily' ? (after) => nextDigest(after, digestHour) : null,
});
