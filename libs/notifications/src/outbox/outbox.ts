import { sql } from 'kysely';
import type { ExpressionBuilder, Kysely, Transaction, UpdateObject } from 'kysely';
import { v5 } from 'uuid';
import type { DigestTime } from '../digest-time.ts';
import type { ChannelName, Notice } from '../notices.ts';
import { factsOf } from './outbox-database.ts';
import type { FollowerName, FollowerState, OutboxDatabase, OutboxTables } from './outbox-database.ts';

/** A notice, and whom it goes to: alone and at once, with others, or in a digest. */
export interface Addressed {
  readonly notice: Notice;
  readonly receiver: string;
  readonly channel: ChannelName;
  /** The next digests, one after another: one that is being sent already takes no more. Null or absent: at once. */
  readonly digest?: ((after: number) => DigestTime) | null;
  /** Notices to a receiver with the same text here are one message, as long as it is not being sent; absent: alone. */
  readonly group?: string;
  /** Messages to a receiver with the same text here are sent in the order in which they are recorded; absent: in any. */
  readonly order?: string;
}

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

/** The namespace of the messages' ids (RFC 9562, version 5). */
const NAMESPACE = '5f2b6a52-0f0e-5a8e-9c7e-6a1d1f2a7c11';
/** How many notices a message holds; there is another for the same day, or group, beyond. */
export const MESSAGE_NOTICES_MAX = 500;

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
    eb.or([eb('orderKey', 'is', null), eb.not(eb.exists(earlier(eb)))]),
  ]);

/** Those before a message that its receiver is to have first; one that is being sent still waits. */
const earlier = (eb: ExpressionBuilder<OutboxTables, 'messages'>) =>
  eb
    .selectFrom('messages as earlier')
    .select('earlier.number')
    .where('earlier.state', '=', sql.lit('waiting'))
    .where('earlier.orderKey', 'is not', null)
    .whereRef('earlier.receiver', '=', 'messages.receiver')
    .whereRef('earlier.orderKey', '=', 'messages.orderKey')
    .whereRef('earlier.number', '<', 'messages.number');

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
   * Records what a part of the log gives rise to, and moves the follower's bookmark, both or neither.
   * @returns false where another process has done so meanwhile, and nothing was changed.
   */
  record(
    name: FollowerName,
    addressed: readonly Addressed[],
    { from, to, now }: { readonly from: string; readonly to: string; readonly now: number },
  ): Promise<boolean> {
    return this.#write(async (trx) => {
      if (addressed.length > 0) await lockFollowers(trx);
      const { numUpdatedRows } = await trx
        .updateTable('followers')
        .set({ position: to })
        .where('name', '=', name)
        .where('position', '=', from)
        .executeTakeFirstOrThrow();
      if (numUpdatedRows === 0n) return false;
      for (const each of addressed) await intend(trx, each, now);
      return true;
    });
  }

  /** Records what no event tells of; what was recorded before changes nothing. */
  async add(addressed: readonly Addressed[], now: number): Promise<void> {
    await this.#write(async (trx) => {
      await lockFollowers(trx);
      for (const each of addressed) await intend(trx, each, now);
    });
  }

  /** Notes that the reminders of a day are all recorded. */
  async reminded(day: string): Promise<void> {
    await this.#write((trx) =>
      trx.updateTable('followers').set({ remindedOn: day }).where('name', '=', 'deadlines').execute(),
    );
  }

  /** The receivers with a message that can be tried now, the one that waits longest first. */
  async due(now: number): Promise<string[]> {
    const rows = await this.#db
      .selectFrom('messages')
      .select('receiver')
      .where(isDue(now))
      .groupBy('receiver')
      .orderBy(({ fn }) => fn.min('dueAt'))
      .execute();
    return rows.map(({ receiver }) => receiver);
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
    const end = retryAt === null ? ({ state: 'dead', endedAt: now } as const) : { dueAt: retryAt };
    await this.#endClaim(id, { ...end, error }, owner);
  }

  /** Gives a claim back, as if it had not been taken. */
  async release(id: string, owner: string): Promise<void> {
    await this.#endClaim(id, { attempts: sql<number>`attempts - 1` }, owner);
  }

  /** Forgets what was delivered, or not sent any more, before an instant. */
  forgetDelivered(before: number): Promise<number> {
    return this.#write(async (trx) => {
      const { numDeletedRows } = await trx
        .deleteFrom('messages')
        .where('state', 'in', ['delivered', 'lapsed'])
        .where('endedAt', '<', before)
        .executeTakeFirstOrThrow();
      return Number(numDeletedRows);
    });
  }

  /** All of an action's changes or none. Where others write, their end is waited for without holding up the thread. */
  #write<Result>(action: (trx: Transaction<OutboxTables>) => Promise<Result>): Promise<Result> {
    return this.#db.transaction().execute(action);
  }

  /** @param owner whose claim it has to be still; without one it may be anybody's. */
  #endClaim(id: string, changes: MessageChanges, owner?: string): Promise<unknown> {
    return this.#write((trx) => {
      const query = trx
        .updateTable('messages')
        .set({ ...changes, leaseOwner: null, leaseUntil: null })
        .where('id', '=', id);
      if (owner === undefined) return query.execute();
      return query.where('leaseOwner', '=', owner).where('state', '=', 'waiting').execute();
    });
  }
}

/** What two processes, or two followers, intend is looked up and added by one after the other. */
const lockFollowers = (trx: Transaction<OutboxTables>) =>
  trx.selectFrom('followers').select('name').orderBy('name').forUpdate().execute();

async function intend(trx: Transaction<OutboxTables>, addressed: Addressed, now: number): Promise<void> {
  const { notice, receiver } = addressed;
  const known = await trx
    .selectFrom('notices')
    .select('key')
    .where('receiver', '=', receiver)
    .where('key', '=', notice.key)
    .executeTakeFirst();
  if (known !== undefined) return;
  const deadline = notice.deadline && JSON.stringify(notice.deadline);
  await trx
    .insertInto('notices')
    .values({ ...notice, deadline, receiver, message: await messageFor(trx, addressed, now) })
    .execute();
}

/** The message that a notice is part of; made where there is none that it can be added to. */
async function messageFor(
  trx: Transaction<OutboxTables>,
  addressed: Addressed,
  now: number,
): Promise<string> {
  const { notice, receiver, digest: next = null, group } = addressed;
  const alone = `${receiver}/${notice.key}`;
  if (next === null && group === undefined)
    return newMessage(trx, idOf(alone), addressed, { now, digest: null });
  for (let [digest, part] = [next && next(now), 1]; ;) {
    const id = idOf(
      digest === null
        ? `${receiver}/group/${group ?? ''}/${part}`
        : `${receiver}/digest/${digest.day}/${part}`,
    );
    const found = await stateOf(trx, id);
    if (found === 'open') return id;
    if (found === null) return newMessage(trx, id, addressed, { now, digest });
    if (found === 'full' || digest === null || next === null) part += 1;
    else [digest, part] = [next(digest.at), 1];
  }
}

const idOf = (name: string): string => v5(name, NAMESPACE);

/** Whether a message takes more notices: not one that is full, and not one that a process has begun to send. */
async function stateOf(
  trx: Transaction<OutboxTables>,
  id: string,
): Promise<'open' | 'full' | 'begun' | null> {
  // Nobody begins to send it until the notice is in it.
  const row = await trx
    .selectFrom('messages')
    .select(['state', 'attempts'])
    .select((eb) =>
      eb
        .selectFrom('notices')
        .select(({ fn }) => fn.countAll<number>().as('size'))
        .whereRef('message', '=', 'messages.id')
        .as('size'),
    )
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  if (row === undefined) return null;
  if (row.state !== 'waiting' || row.attempts > 0) return 'begun';
  return (row.size ?? 0) < MESSAGE_NOTICES_MAX ? 'open' : 'full';
}

async function newMessage(
  trx: Transaction<OutboxTables>,
  id: string,
  {
    receiver,
    channel,
    order: orderKey = null,
  }: Pick<Addressed, 'receiver' | 'channel'> & { order?: string | null },
  { now, digest }: { readonly now: number; readonly digest: DigestTime | null },
): Promise<string> {
  const due = { digestOn: digest?.day ?? null, dueAt: digest?.at ?? now };
  await trx
    .insertInto('messages')
    .values({ id, receiver, channel, orderKey, state: 'waiting', createdAt: now, ...due })
    .execute();
  return id;
}

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
