import { sql } from 'kysely';
import type { ExpressionBuilder, Kysely, Transaction, UpdateObject } from 'kysely';
import { BEHIND_ANOTHER, goOn, isBehindAnother, lockFollowers } from './message-order.ts';
import type {
  ChannelName,
  FollowerName,
  FollowerState,
  Notice,
  OutboxDatabase,
  OutboxTables,
} from './outbox-database.ts';
import { inParts, recordMessages } from './record-messages.ts';
import type { AddressedNotice } from './record-messages.ts';
import { quietMoment } from '../turns.ts';

export type Due = Pick<ClaimedMessage, 'receiver' | 'channel'>;

export interface ClaimedMessage {
  readonly id: string;
  readonly receiver: string;
  readonly channel: ChannelName;
  /** The London date of a digest. */
  readonly digestOn: string | null;
  /** The number of this attempt, from 1. */
  readonly attempt: number;
  /** When it was recorded, in milliseconds since 1970. */
  readonly createdAt: number;
  readonly notices: readonly Notice[];
}

/** A failed attempt of the lease's owner. */
interface Failure {
  readonly owner: string;
  readonly error: string;
  readonly retryAt: number | null;
  readonly now: number;
}

const ENDED = ['delivered', 'lapsed', 'dead'] as const;
const FORGOTTEN_AT_ONCE = 100;

type MessageChanges = Pick<
  UpdateObject<OutboxTables, 'messages'>,
  'state' | 'dueAt' | 'endedAt' | 'error' | 'attempts'
>;

/** Matches due messages. It names the state, so that the partial index is used. */
const isDue = (now: number) => (eb: ExpressionBuilder<OutboxTables, 'messages'>) =>
  eb.and([
    eb('state', '=', sql.lit('waiting')),
    eb('dueAt', '<=', now),
    eb.or([eb('leaseUntil', 'is', null), eb('leaseUntil', '<=', now)]),
  ]);

/**
 * The messages to send, and their outcomes. A notice has one row per receiver, written in one transaction with the follower's bookmark. A
 * message's id never changes. Several processes may share an outbox, because messages are leased before they are sent.
 */
export class Outbox {
  readonly #db: Kysely<OutboxTables>;

  constructor({ db }: Pick<OutboxDatabase, 'db'>) {
    this.#db = db;
  }

  /** Returns a follower's state; null before `begin`. */
  async follower(name: FollowerName): Promise<FollowerState | null> {
    const columns = ['log', 'position'] as const;
    const query = this.#db.selectFrom('followers').select(columns).where('name', '=', name);
    return (await query.executeTakeFirst()) ?? null;
  }

  /** Records where a follower starts, unless another process was first. */
  async begin(name: FollowerName, state: FollowerState): Promise<void> {
    const row = { name, ...state };
    await this.#write((trx) =>
      trx
        .insertInto('followers')
        .values(row)
        .onConflict((conflict) => conflict.doNothing())
        .execute(),
    );
  }

  /** Records the log's identity, once it has an event. */
  async nameLog(log: string): Promise<void> {
    await this.#write((trx) => trx.updateTable('followers').set({ log }).where('log', 'is', null).execute());
  }

  /** Moves followers that are beyond a position of the log back to it. Messages that were sent are not sent again. */
  async goBackTo(position: string): Promise<void> {
    await this.#write((trx) =>
      trx.updateTable('followers').set({ position }).where('position', '>', position).execute(),
    );
  }

  /**
   * Records the notices of a part of the log, and moves the follower's bookmark in the same transaction.
   * Repeating a part after a crash adds no duplicates.
   * @returns false if another process has moved the bookmark in the meantime.
   */
  async record(
    name: FollowerName,
    addressed: readonly AddressedNotice[],
    { from, to, now }: { readonly from: string; readonly to: string; readonly now: number },
  ): Promise<boolean> {
    const parts = inParts(addressed);
    const last = parts.at(-1) ?? [];
    for (const part of parts.slice(0, -1)) {
      await this.#add(part, now);
      await quietMoment();
    }
    return this.#write(async (trx) => {
      if (last.length > 0) await lockFollowers(trx);
      const { numUpdatedRows } = await trx
        .updateTable('followers')
        .set({ position: to })
        .where('name', '=', name)
        .where('position', '=', from)
        .executeTakeFirstOrThrow();
      if (numUpdatedRows === 0n) return false;
      await recordMessages(trx, last, now);
      return true;
    });
  }

  async #add(part: readonly AddressedNotice[], now: number): Promise<void> {
    await this.#write(async (trx) => {
      await lockFollowers(trx);
      await recordMessages(trx, part, now);
    });
  }

  /** Returns the receivers with a due message, longest wait first, in a time independent of the number of messages per receiver. */
  async due(now: number): Promise<readonly Due[]> {
    const { rows } = await sql<Due>`
      with recursive receivers (receiver) as (
        select min(receiver) from messages
        union all
        select (select min(next.receiver) from messages as next where next.receiver > receivers.receiver)
        from receivers where receivers.receiver is not null
      )
      select receiver, channel from messages where number in (
        select (select first.number from messages as first
          where first.state = 'waiting' and first.receiver = receivers.receiver and first.due_at <= ${now}
            and (first.lease_until is null or first.lease_until <= ${now})
          order by first.due_at, first.number limit 1)
        from receivers
      ) order by due_at, number`.execute(this.#db);
    return rows;
  }

  /**
   * Leases a receiver's next message. Returns null if none is due. The claim counts as an attempt, so that a
   * message that ends the process is not retried forever.
   */
  claim(
    receiver: string,
    { owner, now, until }: { readonly owner: string; readonly now: number; readonly until: number },
  ): Promise<ClaimedMessage | null> {
    return this.#write(async (trx) => {
      const next = trx
        .selectFrom('messages')
        .select('number')
        .where('receiver', '=', receiver)
        .where(isDue(now))
        .orderBy('dueAt')
        .orderBy('number')
        .limit(1)
        .forUpdate()
        .skipLocked();
      const message = await trx
        .updateTable('messages')
        .set(({ eb }) => ({
          leaseOwner: owner,
          leaseUntil: until,
          attempts: eb('attempts', '+', 1),
          attemptedAt: now,
        }))
        .where('number', '=', next)
        .returning(['id', 'channel', 'digestOn', 'attempts as attempt', 'createdAt'])
        .executeTakeFirst();
      return message ? { ...message, receiver, notices: await noticesOf(trx, message.id) } : null;
    });
  }

  /** Records a delivery, even if another process has the lease. */
  async recordDelivered(id: string, now: number): Promise<void> {
    await this.#endClaim(id, { state: 'delivered', endedAt: now, error: null });
  }

  /** Records that no part of a message needs to be sent. Changes nothing if another process has the lease. */
  async recordLapsed(
    id: string,
    { owner, reason, now }: { readonly owner: string; readonly reason: string; readonly now: number },
  ): Promise<void> {
    await this.#endClaim(id, { state: 'lapsed', endedAt: now, error: reason }, owner);
  }

  /**
   * Records a failed attempt. If `retryAt` is null, the message becomes a dead letter. Changes nothing if another process has the lease.
   */
  async recordFailed(id: string, { owner, error, retryAt, now }: Failure): Promise<void> {
    const end =
      retryAt === null ? ({ state: 'dead', endedAt: now } as const) : { dueAt: orBehindAnother(retryAt) };
    await this.#endClaim(id, { ...end, error }, owner);
  }

  /** Releases a claim without counting an attempt. */
  async release(id: string, owner: string): Promise<void> {
    await this.#endClaim(id, { attempts: sql<number>`attempts - 1` }, owner);
  }

  /**
   * Deletes the oldest messages that ended before an instant, some of each state.
   * @returns the number deleted; 0 if there are no more.
   */
  forgetEnded(before: number): Promise<number> {
    return this.#write(async (trx) => {
      let forgotten = 0;
      for (const state of ENDED) {
        const oldest = trx
          .selectFrom('messages')
          .select('number')
          .where('state', '=', state)
          .orderBy('number')
          .limit(FORGOTTEN_AT_ONCE);
        const { numDeletedRows } = await trx
          .deleteFrom('messages')
          .where('number', 'in', oldest)
          .where('endedAt', '<', before)
          .executeTakeFirstOrThrow();
        forgotten += Number(numDeletedRows);
      }
      return forgotten;
    });
  }

  /** Runs an action in a transaction. Waits for other writers without blocking the thread. */
  #write<Result>(action: (trx: Transaction<OutboxTables>) => Promise<Result>): Promise<Result> {
    return this.#db.transaction().execute(action);
  }

  /** @param owner the required owner of the lease; any if omitted. */
  #endClaim(id: string, changes: MessageChanges, owner?: string): Promise<void> {
    return this.#write(async (trx) => {
      const query = trx
        .updateTable('messages')
        .set({ ...changes, leaseOwner: null, leaseUntil: null })
        .where('id', '=', id)
        .returning(['receiver', 'orderKey', 'endedAt']);
      const ownClaim = query.where('leaseOwner', '=', owner ?? '').where('state', '=', 'waiting');
      const message = await (owner === undefined ? query : ownClaim).executeTakeFirst();
      if (message?.orderKey == null || message.endedAt === null) return;
      await goOn(trx, { ...message, orderKey: message.orderKey }, message.endedAt);
    });
  }
}

/** Returns the due time of a message to retry. If an earlier message in its order is also to be retried, that one comes first. */
const orBehindAnother = (retryAt: number) => (eb: ExpressionBuilder<OutboxTables, 'messages'>) =>
  eb.case().when(isBehindAnother(eb)).then(BEHIND_ANOTHER).else(retryAt).end();

const noticesOf = (db: Kysely<OutboxTables>, message: string): Promise<Notice[]> =>
  db
    .selectFrom('notices')
    .select(['key', 'kind', 'recordId', 'eventId', 'occurredAt'])
    .where('message', '=', message)
    .orderBy('recordId')
    .orderBy('key')
    .execute();
