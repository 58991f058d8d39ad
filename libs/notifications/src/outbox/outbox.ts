import { sql } from 'kysely';
import type { ExpressionBuilder, Kysely, Transaction, UpdateObject } from 'kysely';
import type { ChannelName, Notice } from '../notices.ts';
import { BEHIND_ANOTHER, goOn, isBehindAnother, lockFollowers } from './message-order.ts';
import { factsOf } from './outbox-database.ts';
import type { FollowerName, FollowerState, OutboxDatabase, OutboxTables } from './outbox-database.ts';
import { inParts, intend } from './record-messages.ts';
import type { Addressed } from './record-messages.ts';
import { quietMoment } from '../turns.ts';

/** A receiver with a message that can be tried, and the channel of that. */
export type Due = Pick<ClaimedMessage, 'receiver' | 'channel'>;

export interface ClaimedMessage {
  readonly id: string;
  readonly receiver: string;
  readonly channel: ChannelName;
  /** Its London date, where it is a digest. */
  readonly digestOn: string | null;
  /** This attempt's number, from 1. */
  readonly attempt: number;
  /** When it was first intended, in milliseconds since 1970. */
  readonly createdAt: number;
  readonly notices: readonly Notice[];
}

const ENDED = ['delivered', 'lapsed', 'dead'] as const;
const FORGOTTEN_AT_ONCE = 100;

type MessageChanges = Pick<
  UpdateObject<OutboxTables, 'messages'>,
  'state' | 'dueAt' | 'endedAt' | 'error' | 'attempts'
>;

/** Whether a message can be tried now; the state is named so that the index of those is used. */
const isDue = (now: number) => (eb: ExpressionBuilder<OutboxTables, 'messages'>) =>
  eb.and([
    eb('state', '=', sql.lit('waiting')),
    eb('dueAt', '<=', now),
    eb.or([eb('leaseUntil', 'is', null), eb('leaseUntil', '<=', now)]),
  ]);

/**
 * What is to be sent, and what became of it. It is kept once: a notice has one row for each
 * receiver, written in one transaction with the follower's bookmark. Each message has an id that never changes.
 * Several processes may share it: a message is claimed with a lease before it is sent.
 */
export class Outbox {
  readonly #database: OutboxDatabase;
  readonly #db: Kysely<OutboxTables>;

  constructor(database: OutboxDatabase) {
    this.#database = database;
    this.#db = database.db;
  }

  async close(): Promise<void> {
    await this.#database.close();
  }

  /** Null before `begin`. */
  async follower(name: FollowerName): Promise<FollowerState | null> {
    const columns = ['log', 'position', 'remindFrom', 'remindedOn'] as const;
    const query = this.#db.selectFrom('followers').select(columns).where('name', '=', name);
    return (await query.executeTakeFirst()) ?? null;
  }

  /** Notes where a follower starts, unless another process was first. */
  async begin(
    name: FollowerName,
    { log, position, remindFrom }: Omit<FollowerState, 'remindedOn'>,
  ): Promise<void> {
    const row = { name, log, position, remindFrom };
    await this.#write((trx) =>
      trx
        .insertInto('followers')
        .values(row)
        .onConflict((conflict) => conflict.doNothing())
        .execute(),
    );
  }

  /** Notes which log it is, once that has an event. */
  async nameLog(log: string): Promise<void> {
    await this.#write((trx) => trx.updateTable('followers').set({ log }).where('log', 'is', null).execute());
  }

  /** Has each follower go back to a position of the log, where it has come farther: what was sent is not sent again. */
  async goBackTo(position: string): Promise<void> {
    await this.#write((trx) =>
      trx.updateTable('followers').set({ position }).where('position', '>', position).execute(),
    );
  }

  /**
   * Records what a part of the log gives rise to, and moves the follower's bookmark with the last of it: what is looked through again
   * after a crash is recorded once all the same.
   * @returns false where another process has moved it meanwhile.
   */
  async record(
    name: FollowerName,
    addressed: readonly Addressed[],
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
      await intend(trx, last, now);
      return true;
    });
  }

  /** Records what no event tells of; what was recorded before changes nothing. */
  async add(addressed: readonly Addressed[], now: number): Promise<void> {
    for (const [index, part] of inParts(addressed).entries()) {
      if (index > 0) await quietMoment();
      await this.#add(part, now);
    }
  }

  async #add(part: readonly Addressed[], now: number): Promise<void> {
    await this.#write(async (trx) => {
      await lockFollowers(trx);
      await intend(trx, part, now);
    });
  }

  /** Notes that the reminders of a day are all recorded. */
  async reminded(day: string): Promise<void> {
    await this.#write((trx) =>
      trx.updateTable('followers').set({ remindedOn: day }).where('name', '=', 'deadlines').execute(),
    );
  }

  /**
   * The receivers with a message that can be tried now, the one that waits longest first. Each is looked up by itself: how much waits for it
   * makes no difference.
   */
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
   * Takes a receiver's next message for as long as the lease holds; null where none is due. It counts as an attempt
   * from now on, so that a message in whose middle the process ends is not tried for ever.
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

  /** Whoever delivered it, it is delivered. */
  async delivered(id: string, now: number): Promise<void> {
    await this.#endClaim(id, { state: 'delivered', endedAt: now, error: null });
  }

  /** Nothing of it is to be told any more. Nothing changes where the lease is another's by now. */
  async lapsed(
    id: string,
    { owner, reason, now }: { readonly owner: string; readonly reason: string; readonly now: number },
  ): Promise<void> {
    await this.#endClaim(id, { state: 'lapsed', endedAt: now, error: reason }, owner);
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
    const end =
      retryAt === null ? ({ state: 'dead', endedAt: now } as const) : { dueAt: orBehindAnother(retryAt) };
    await this.#endClaim(id, { ...end, error }, owner);
  }

  /** Gives a claim back, as if it had not been taken. */
  async release(id: string, owner: string): Promise<void> {
    await this.#endClaim(id, { attempts: sql<number>`attempts - 1` }, owner);
  }

  /**
   * Forgets what was delivered, not sent any more, or given up before an instant: of each some of the oldest.
   * @returns how many; after 0 there are no others.
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

  /** All of an action's changes or none. Where others write, their end is waited for without holding up the thread. */
  #write<Result>(action: (trx: Transaction<OutboxTables>) => Promise<Result>): Promise<Result> {
    return this.#db.transaction().execute(action);
  }

  /** @param owner whose claim it has to be still; without one it may be anybody's. */
  #endClaim(id: string, changes: MessageChanges, owner?: string): Promise<void> {
    return this.#write(async (trx) => {
      const query = trx
        .updateTable('messages')
        .set({ ...changes, leaseOwner: null, leaseUntil: null })
        .where('id', '=', id)
        .returning(['receiver', 'orderKey', 'endedAt']);
      const own = query.where('leaseOwner', '=', owner ?? '').where('state', '=', 'waiting');
      const message = await (owner === undefined ? query : own).executeTakeFirst();
      if (message?.orderKey == null || message.endedAt === null) return;
      await goOn(trx, { ...message, orderKey: message.orderKey }, message.endedAt);
    });
  }
}

/** When a message is tried again; where one before it is tried again as well, that one comes first. */
const orBehindAnother = (retryAt: number) => (eb: ExpressionBuilder<OutboxTables, 'messages'>) =>
  eb.case().when(isBehindAnother(eb)).then(BEHIND_ANOTHER).else(retryAt).end();

async function noticesOf(db: Kysely<OutboxTables>, message: string): Promise<Notice[]> {
  const rows = await db
    .selectFrom('notices')
    .select(['key', 'kind', 'recordId', 'eventId', 'occurredAt', 'deadline'])
    .where('message', '=', message)
    .orderBy('recordId')
    .orderBy('key')
    .execute();
  return rows.map((row) => ({ ...row, deadline: factsOf(row.deadline) }));
}
