import type Database from 'better-sqlite3';
import { v5 } from 'uuid';
import type { DigestTime } from './digest-time.ts';
import type { ChannelName, Notice } from './notices.ts';
import type { OutboxDatabase } from './outbox-database.ts';

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
 * What is to be told, and what became of it. The intent to tell is kept once: a notice has one row for each
 * subscription, written in one transaction with the follower's checkpoint. Each message has an id that never changes.
 * Several processes may share the file: a message is claimed with a lease before it is sent.
 */
export class Outbox {
  readonly #db: OutboxDatabase;
  readonly #statements = new Map<string, Database.Statement>();

  constructor(db: OutboxDatabase) {
    this.#db = db;
  }

  close(): void {
    this.#db.close();
  }

  /** Null before `begin`. */
  follower(): FollowerState | null {
    const row = this.#prepared<FollowerRow>('select * from follower').get();
    if (row === undefined) return null;
    const { log, position, remind_from: remindFrom, reminded_on: remindedOn } = row;
    return { log, position, remindFrom, remindedOn };
  }

  /** Notes where the follower starts, unless another process was first. */
  begin({ log, position, remindFrom }: Omit<FollowerState, 'remindedOn'>): void {
    this.#prepared(
      'insert into follower (id, log, position, remind_from) values (1, ?, ?, ?) on conflict do nothing',
    ).run(log, position, remindFrom);
  }

  /** Notes which log it is, once that has an event. */
  nameLog(log: string): void {
    this.#prepared('update follower set log = ? where log is null').run(log);
  }

  /**
   * Records what a part of the log gives rise to, and moves the checkpoint, both or neither.
   * @returns false where another process has done so meanwhile, and nothing was changed.
   */
  record(
    addressed: readonly Addressed[],
    { from, to, now }: { readonly from: string; readonly to: string; readonly now: number },
  ): boolean {
    return this.#inTransaction(() => {
      const moved = this.#prepared('update follower set position = ? where position = ?').run(to, from);
      if (moved.changes === 0) return false;
      for (const each of addressed) this.#intend(each, now);
      return true;
    });
  }

  /** Records what no event tells of; what was recorded before changes nothing. */
  recordReminders(addressed: readonly Addressed[], now: number): void {
    this.#inTransaction(() => {
      for (const each of addressed) this.#intend(each, now);
    });
  }

  /** Notes that the reminders of a day are all recorded. */
  reminded(day: string): void {
    this.#prepared('update follower set reminded_on = ?').run(day);
  }

  /** The subscriptions with a message that can be tried now, the one that waits longest first. */
  due(now: number): string[] {
    const rows = this.#prepared<{ subscription: string }>(
      `select subscription from messages where state = 'waiting' and due_at <= ?
        and (lease_until is null or lease_until <= ?) group by subscription order by min(due_at)`,
    ).all(now, now);
    return rows.map(({ subscription }) => subscription);
  }

  /**
   * Takes a subscription's next message for as long as the lease holds; null where none is due. It counts as an attempt
   * from now on, so that a message in whose middle the process ends is not tried for ever.
   */
  claim(
    subscription: string,
    { owner, now, until }: { readonly owner: string; readonly now: number; readonly until: number },
  ): ClaimedMessage | null {
    const row = this.#prepared<MessageRow>(
      `update messages set lease_owner = ?, lease_until = ?, attempts = attempts + 1, attempted_at = ?
        where number = (select number from messages where subscription = ? and state = 'waiting' and due_at <= ?
          and (lease_until is null or lease_until <= ?) order by due_at, number limit 1) returning *`,
    ).get(owner, until, now, subscription, now, now);
    if (row === undefined) return null;
    return {
      id: row.id,
      subscription,
      digestOn: row.digest_on,
      attempt: row.attempts,
      createdAt: row.created_at,
      notices: this.#noticesOf(row.id),
    };
  }

  /** Whoever delivered it, it is delivered. */
  delivered(id: string, now: number): void {
    this.#prepared(
      `update messages set state = 'delivered', ended_at = ?, error = null, lease_owner = null, lease_until = null
        where id = ?`,
    ).run(now, id);
  }

  /** An attempt failed; `retryAt` null makes it a dead letter. Nothing changes where the lease is another's by now. */
  failed(
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
  ): void {
    this.#prepared(
      `update messages set state = ?, due_at = coalesce(?, due_at), ended_at = ?, error = ?, lease_owner = null,
        lease_until = null where id = ? and lease_owner = ? and state = 'waiting'`,
    ).run(retryAt === null ? 'dead' : 'waiting', retryAt, retryAt === null ? now : null, error, id, owner);
  }

  /** Gives a claim back, as if it had not been taken. */
  release(id: string, owner: string): void {
    this.#prepared(
      `update messages set attempts = attempts - 1, lease_owner = null, lease_until = null
        where id = ? and lease_owner = ? and state = 'waiting'`,
    ).run(id, owner);
  }

  /** Makes dead letters of what waits for subscriptions that there are no more. */
  abandonOthers(subscriptions: readonly string[], now: number): number {
    return this.#prepared(
      `update messages set state = 'dead', ended_at = ?, error = 'the subscription is not configured any more'
        where state = 'waiting' and subscription not in (select value from json_each(?))`,
    ).run(now, JSON.stringify(subscriptions)).changes;
  }

  /** Forgets what was delivered before an instant. */
  forgetDelivered(before: number): number {
    return this.#prepared(`delete from messages where state = 'delivered' and ended_at < ?`).run(before)
      .changes;
  }

  /** @param intended the first time at which it was meant to go out, for the order of trying. */
  #intend({ notice, subscription, channel, digest }: Addressed, now: number): void {
    const known = this.#prepared('select 1 from notices where subscription = ? and key = ?');
    if (known.get(subscription, notice.key) !== undefined) return;
    const message =
      digest === null
        ? this.#newMessage(v5(`${subscription}/${notice.key}`, NAMESPACE), subscription, channel, null, now)
        : this.#openDigest(subscription, channel, digest, now);
    this.#prepared(
      `insert into notices (key, subscription, message, kind, record_id, recipient, deadline_id, date_version,
        deadline_kind, due_on, day, event_id, reminder, occurred_at)
        values (@key, @subscription, @message, @kind, @recordId, @recipient, @deadlineId, @dateVersion,
          @deadlineKind, @dueOn, @day, @eventId, @reminder, @occurredAt)`,
    ).run({ ...notice, subscription, message });
  }

  #newMessage(
    id: string,
    subscription: string,
    channel: ChannelName,
    digest: DigestTime | null,
    now: number,
  ): string {
    this.#prepared(
      `insert into messages (id, subscription, channel, digest_on, state, created_at, due_at)
        values (?, ?, ?, ?, 'waiting', ?, ?)`,
    ).run(id, subscription, channel, digest?.day ?? null, now, digest?.at ?? now);
    return id;
  }

  /** The next digest that has room and that nobody has begun to send; made where it is not there yet. */
  #openDigest(
    subscription: string,
    channel: ChannelName,
    next: (after: number) => DigestTime,
    now: number,
  ): string {
    for (let [digest, part] = [next(now), 1]; ;) {
      const id = v5(`${subscription}/digest/${digest.day}/${part}`, NAMESPACE);
      const row = this.#prepared<Pick<MessageRow, 'state' | 'attempts'> & { size: number }>(
        `select state, attempts, (select count(*) from notices where message = messages.id) as size
          from messages where id = ?`,
      ).get(id);
      if (row === undefined) return this.#newMessage(id, subscription, channel, digest, now);
      const isOpen = row.state === 'waiting' && row.attempts === 0;
      if (isOpen && row.size < DIGEST_NOTICES_MAX) return id;
      if (isOpen) part += 1;
      else [digest, part] = [next(digest.at), 1];
    }
  }

  #noticesOf(message: string): Notice[] {
    const rows = this.#prepared<NoticeRow>(
      'select * from notices where message = ? order by due_on, record_id, key',
    ).all(message);
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

  #inTransaction<Result>(action: () => Result): Result {
    return this.#db.transaction(action).immediate();
  }

  #prepared<Row>(text: string): Database.Statement<unknown[], Row> {
    const statement = this.#statements.get(text) ?? this.#db.prepare(text);
    this.#statements.set(text, statement);
    return statement as Database.Statement<unknown[], Row>;
  }
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
