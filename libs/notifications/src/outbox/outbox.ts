import { v5 } from 'uuid';
import type { DigestTime } from '../digest-time.ts';
import type { ChannelName, Notice } from '../notices.ts';
import type { OutboxDatabase, OutboxQueries } from './outbox-database.ts';

/** Where the follower of the log stands. */
export interface FollowerState {
  /** The log's first event; null where it had none yet. */
  readonly log: string | null;
  /** Up to where the log was looked through, so padded that texts compare as positions do. */
  readonly position: string;
  /** Reminders of days before are not sent. */
  readonly remindFrom: string;
  /** The last day for which reminders were derived; null before the first. */
  readonly remindedOn: string | null;
}

/** A notice, and whom it goes to: alone and at once, or in a digest. */
export interface Addressed {
  readonly notice: Notice;
  readonly subscription: string;
  readonly channel: ChannelName;
  /** The next digests, one after another: one that is being sent already takes no more. Null: at once. */
  readonly digest: ((after: number) => DigestTime) | null;
}

export interface ClaimedMessage {
  readonly id: string;
  readonly subscription: string;
  /** Its London date, where it is a digest. */
  readonly digestOn: string | null;
  /** This attempt's number, from 1. */
  readonly attempt: number;
  /** When it was first intended, in milliseconds since 1970. */
  readonly createdAt: number;
  readonly notices: readonly Notice[];
}

/** The namespace of the messages' ids (RFC 9562, version 5). */
const NAMESPACE = '5f2b6a52-0f0e-5a8e-9c7e-6a1d1f2a7c11';
/** How many notices a digest holds; there is another for the same day beyond. */
export const DIGEST_NOTICES_MAX = 500;

/**
 * What is to be told, and what became of it. It is kept once: a notice has one row for each
 * subscription, written in one transaction with the follower's bookmark. Each message has an id that never changes.
 * Several processes may share it: a message is claimed with a lease before it is sent.
 */
export class Outbox {
  readonly #db: OutboxDatabase;

  constructor(db: OutboxDatabase) {
    this.#db = db;
  }

  async close(): Promise<void> {
    await this.#db.close();
  }

  /** Null before `begin`. */
  async follower(): Promise<FollowerState | null> {
    const [row] = await this.#db.rows<FollowerRow>('select * from follower');
    if (row === undefined) return null;
    const { log, position, remind_from: remindFrom, reminded_on: remindedOn } = row;
    return { log, position, remindFrom, remindedOn };
  }

  /** Notes where the follower starts, unless another process was first. */
  async begin({ log, position, remindFrom }: Omit<FollowerState, 'remindedOn'>): Promise<void> {
    await this.#db.change(
      'insert into follower (id, log, position, remind_from) values (1, ?, ?, ?) on conflict do nothing',
      log,
      position,
      remindFrom,
    );
  }

  /** Notes which log it is, once that has an event. */
  async nameLog(log: string): Promise<void> {
    await this.#db.change('update follower set log = ? where log is null', log);
  }

  /** Goes back to a position of the log, where it has come farther: what has been told stays told. */
  async goBackTo(position: string): Promise<void> {
    await this.#db.change('update follower set position = ? where position > ?', position, position);
  }

  /**
   * Records what a part of the log gives rise to, and moves the bookmark, both or neither.
   * @returns false where another process has done so meanwhile, and nothing was changed.
   */
  record(
    addressed: readonly Addressed[],
    { from, to, now }: { readonly from: string; readonly to: string; readonly now: number },
  ): Promise<boolean> {
    return this.#db.transaction(async (db) => {
      const moved = await db.change('update follower set position = ? where position = ?', to, from);
      if (moved === 0) return false;
      for (const each of addressed) await this.#intend(db, each, now);
      return true;
    });
  }

  /** Records what no event tells of; what was recorded before changes nothing. */
  async recordReminders(addressed: readonly Addressed[], now: number): Promise<void> {
    await this.#db.transaction(async (db) => {
      for (const each of addressed) await this.#intend(db, each, now);
    });
  }

  /** Notes that the reminders of a day are all recorded. */
  async reminded(day: string): Promise<void> {
    await this.#db.change('update follower set reminded_on = ?', day);
  }

  /** The subscriptions with a message that can be tried now, the one that waits longest first. */
  async due(now: number): Promise<string[]> {
    const rows = await this.#db.rows<{ subscription: string }>(
      `select subscription from messages where state = 'waiting' and due_at <= ?
        and (lease_until is null or lease_until <= ?) group by subscription order by min(due_at)`,
      now,
      now,
    );
    return rows.map(({ subscription }) => subscription);
  }

  /**
   * Takes a subscription's next message for as long as the lease holds; null where none is due. It counts as an attempt
   * from now on, so that a message in whose middle the process ends is not tried for ever.
   */
  async claim(
    subscription: string,
    { owner, now, until }: { readonly owner: string; readonly now: number; readonly until: number },
  ): Promise<ClaimedMessage | null> {
    const [row] = await this.#db.rows<MessageRow>(
      `update messages set lease_owner = ?, lease_until = ?, attempts = attempts + 1, attempted_at = ?
        where number = (select number from messages where subscription = ? and state = 'waiting' and due_at <= ?
          and (lease_until is null or lease_until <= ?) order by due_at, number limit 1${this.#db.skipLocked}) returning *`,
      owner,
      until,
      now,
      subscription,
      now,
      now,
    );
    if (row === undefined) return null;
    return {
      id: row.id,
      subscription,
      digestOn: row.digest_on,
      attempt: row.attempts,
      createdAt: row.created_at,
      notices: await this.#noticesOf(row.id),
    };
  }

  /** Whoever delivered it, it is delivered. */
  async delivered(id: string, now: number): Promise<void> {
    await this.#db.change(
      `update messages set state = 'delivered', ended_at = ?, error = null, lease_owner = null, lease_until = null
        where id = ?`,
      now,
      id,
    );
  }

  /** Nothing of it is to be told any more. Nothing changes where the lease is another's by now. */
  async lapsed(
    id: string,
    { owner, reason, now }: { readonly owner: string; readonly reason: string; readonly now: number },
  ): Promise<void> {
    await this.#db.change(
      `update messages set state = 'lapsed', ended_at = ?, error = ?, lease_owner = null, lease_until = null
        where id = ? and lease_owner = ? and state = 'waiting'`,
      now,
      reason,
      id,
      owner,
    );
  }

  /** An attempt failed; `retryAt` null makes it a dead letter. Nothing changes where the lease is another's by now. */
  async failed(
    id: string,
    {
      owner,
      error,
      retryAt,
      now,
    }: {
      readonly owner: string;
      readonly error: string;
      readonly retryAt: number | null;
      readonly now: number;
    },
  ): Promise<void> {
    await this.#db.change(
      `update messages set state = ?, due_at = coalesce(?, due_at), ended_at = ?, error = ?, lease_owner = null,
        lease_until = null where id = ? and lease_owner = ? and state = 'waiting'`,
      retryAt === null ? 'dead' : 'waiting',
      retryAt,
      retryAt === null ? now : null,
      error,
      id,
      owner,
    );
  }

  /** Gives a claim back, as if it had not been taken. */
  async release(id: string, owner: string): Promise<void> {
    await this.#db.change(
      `update messages set attempts = attempts - 1, lease_owner = null, lease_until = null
        where id = ? and lease_owner = ? and state = 'waiting'`,
      id,
      owner,
    );
  }

  /** Makes dead letters of what waits for subscriptions that there are no more. */
  abandonOthers(subscriptions: readonly string[], now: number): Promise<number> {
    const others =
      subscriptions.length === 0
        ? ''
        : ` and subscription not in (${subscriptions.map(() => '?').join(', ')})`;
    return this.#db.change(
      `update messages set state = 'dead', ended_at = ?, error = 'the subscription is not configured any more'
        where state = 'waiting'${others}`,
      now,
      ...subscriptions,
    );
  }

  /** Forgets what was delivered, or not sent any more, before an instant. */
  forgetDelivered(before: number): Promise<number> {
    return this.#db.change(
      `delete from messages where state in ('delivered', 'lapsed') and ended_at < ?`,
      before,
    );
  }

  async #intend(
    db: OutboxQueries,
    { notice, subscription, channel, digest }: Addressed,
    now: number,
  ): Promise<void> {
    const known = await db.rows(
      'select 1 from notices where subscription = ? and key = ?',
      subscription,
      notice.key,
    );
    if (known.length > 0) return;
    const message =
      digest === null
        ? await newMessage(
            db,
            v5(`${subscription}/${notice.key}`, NAMESPACE),
            subscription,
            channel,
            null,
            now,
          )
        : await this.#openDigest(db, subscription, channel, digest, now);
    const { key, kind, recordId, recipient, deadlineId, dateVersion, deadlineKind } = notice;
    const { dueOn, day, eventId, reminder, occurredAt } = notice;
    await db.change(
      `insert into notices (key, subscription, message, kind, record_id, recipient, deadline_id, date_version,
        deadline_kind, due_on, day, event_id, reminder, occurred_at) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ...[key, subscription, message, kind, recordId, recipient, deadlineId, dateVersion, deadlineKind],
      ...[dueOn, day, eventId, reminder, occurredAt],
    );
  }

  /** The next digest that has room and that nobody has begun to send; made where it is not there yet. */
  async #openDigest(
    db: OutboxQueries,
    subscription: string,
    channel: ChannelName,
    next: (after: number) => DigestTime,
    now: number,
  ): Promise<string> {
    for (let [digest, part] = [next(now), 1]; ;) {
      const id = v5(`${subscription}/digest/${digest.day}/${part}`, NAMESPACE);
      // Nobody begins to send it until the notice is in it.
      const [row] = await db.rows<Pick<MessageRow, 'state' | 'attempts'> & { size: number }>(
        `select state, attempts, (select count(*) from notices where message = messages.id) as size
          from messages where id = ?${this.#db.forUpdate}`,
        id,
      );
      if (row === undefined) return newMessage(db, id, subscription, channel, digest, now);
      const isOpen = row.state === 'waiting' && row.attempts === 0;
      if (isOpen && row.size < DIGEST_NOTICES_MAX) return id;
      if (isOpen) part += 1;
      else [digest, part] = [next(digest.at), 1];
    }
  }

  async #noticesOf(message: string): Promise<Notice[]> {
    const rows = await this.#db.rows<NoticeRow>(
      'select * from notices where message = ? order by due_on, record_id, key',
      message,
    );
    return rows.map((row) => ({
      key: row.key,
      kind: row.kind,
      recordId: row.record_id,
      recipient: row.recipient,
      deadlineId: row.deadline_id,
      dateVersion: row.date_version,
      deadlineKind: row.deadline_kind,
      dueOn: row.due_on,
      day: row.day,
      eventId: row.event_id,
      reminder: row.reminder,
      occurredAt: row.occurred_at,
    }));
  }
}

async function newMessage(
  db: OutboxQueries,
  id: string,
  subscription: string,
  channel: ChannelName,
  digest: DigestTime | null,
  now: number,
): Promise<string> {
  await db.change(
    `insert into messages (id, subscription, channel, digest_on, state, created_at, due_at)
      values (?, ?, ?, ?, 'waiting', ?, ?)`,
    ...[id, subscription, channel, digest?.day ?? null, now, digest?.at ?? now],
  );
  return id;
}

interface FollowerRow {
  readonly log: string | null;
  readonly position: string;
  readonly remind_from: string;
  readonly reminded_on: string | null;
}

interface MessageRow {
  readonly id: string;
  readonly digest_on: string | null;
  readonly state: string;
  readonly created_at: number;
  readonly attempts: number;
}

interface NoticeRow {
  readonly key: string;
  readonly kind: Notice['kind'];
  readonly record_id: string;
  readonly recipient: string | null;
  readonly deadline_id: string;
  readonly date_version: number;
  readonly deadline_kind: Notice['deadlineKind'];
  readonly due_on: string;
  readonly day: string;
  readonly event_id: string | null;
  readonly reminder: number | null;
  readonly occurred_at: string;
}
