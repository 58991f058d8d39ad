import { sql } from 'kysely';
import type { ExpressionBuilder, Kysely, Transaction, UpdateObject } from 'kysely';
import { v5 } from 'uuid';
import type { DigestTime } from '../digest-time.ts';
import type { ChannelName, Notice } from '../notices.ts';
import type { FollowerState, OutboxDatabase, OutboxTables } from './outbox-database.ts';

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
 * What is to be told, and what became of it. It is kept once: a notice has one row for each
 * subscription, written in one transaction with the follower's bookmark. Each message has an id that never changes.
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
  async follower(): Promise<FollowerState | null> {
    const columns = ['log', 'position', 'remindFrom', 'remindedOn'] as const;
    return (await this.#db.selectFrom('follower').select(columns).executeTakeFirst()) ?? null;
  }

  /** Notes where the follower starts, unless another process was first. */
  async begin({ log, position, remindFrom }: Omit<FollowerState, 'remindedOn'>): Promise<void> {
    const row = { id: 1, log, position, remindFrom };
    await this.#write((trx) =>
      trx
        .insertInto('follower')
        .values(row)
        .onConflict((conflict) => conflict.doNothing())
        .execute(),
    );
  }

  /** Notes which log it is, once that has an event. */
  async nameLog(log: string): Promise<void> {
    await this.#write((trx) => trx.updateTable('follower').set({ log }).where('log', 'is', null).execute());
  }

  /** Goes back to a position of the log, where it has come farther: what has been told stays told. */
  async goBackTo(position: string): Promise<void> {
    await this.#write((trx) =>
      trx.updateTable('follower').set({ position }).where('position', '>', position).execute(),
    );
  }

  /**
   * Records what a part of the log gives rise to, and moves the bookmark, both or neither.
   * @returns false where another process has done so meanwhile, and nothing was changed.
   */
  record(
    addressed: readonly Addressed[],
    { from, to, now }: { readonly from: string; readonly to: string; readonly now: number },
  ): Promise<boolean> {
    return this.#write(async (trx) => {
      const { numUpdatedRows } = await trx
        .updateTable('follower')
        .set({ position: to })
        .where('position', '=', from)
        .executeTakeFirstOrThrow();
      if (numUpdatedRows === 0n) return false;
      for (const each of addressed) await intend(trx, each, now);
      return true;
    });
  }

  /** Records what no event tells of; what was recorded before changes nothing. */
  async recordReminders(addressed: readonly Addressed[], now: number): Promise<void> {
    await this.#write(async (trx) => {
      // What two processes intend is looked up and added by one after the other.
      await trx.selectFrom('follower').select('id').forUpdate().execute();
      for (const each of addressed) await intend(trx, each, now);
    });
  }

  /** Notes that the reminders of a day are all recorded. */
  async reminded(day: string): Promise<void> {
    await this.#write((trx) => trx.updateTable('follower').set({ remindedOn: day }).execute());
  }

  /** The subscriptions with a message that can be tried now, the one that waits longest first. */
  async due(now: number): Promise<string[]> {
    const rows = await this.#db
      .selectFrom('messages')
      .select('subscription')
      .where(isDue(now))
      .groupBy('subscription')
      .orderBy(({ fn }) => fn.min('dueAt'))
      .execute();
    return rows.map(({ subscription }) => subscription);
  }

  /**
   * Takes a subscription's next message for as long as the lease holds; null where none is due. It counts as an attempt
   * from now on, so that a message in whose middle the process ends is not tried for ever.
   */
  claim(
    subscription: string,
    { owner, now, until }: { readonly owner: string; readonly now: number; readonly until: number },
  ): Promise<ClaimedMessage | null> {
    return this.#write(async (trx) => {
      const next = trx
        .selectFrom('messages')
        .select('number')
        .where('subscription', '=', subscription)
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
        .returning(['id', 'digestOn', 'attempts as attempt', 'createdAt'])
        .executeTakeFirst();
      return message ? { ...message, subscription, notices: await noticesOf(trx, message.id) } : null;
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

  /** Makes dead letters of what waits for subscriptions that there are no more. */
  abandonOthers(subscriptions: readonly string[], now: number): Promise<number> {
    const error = 'the subscription is not configured any more';
    return this.#write(async (trx) => {
      let query = trx
        .updateTable('messages')
        .set({ state: 'dead', endedAt: now, error })
        .where('state', '=', 'waiting');
      if (subscriptions.length > 0) query = query.where('subscription', 'not in', subscriptions);
      return Number((await query.executeTakeFirstOrThrow()).numUpdatedRows);
    });
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

async function intend(
  trx: Transaction<OutboxTables>,
  { notice, subscription, channel, digest }: Addressed,
  now: number,
): Promise<void> {
  const known = await trx
    .selectFrom('notices')
    .select('key')
    .where('subscription', '=', subscription)
    .where('key', '=', notice.key)
    .executeTakeFirst();
  if (known !== undefined) return;
  const target = { subscription, channel, now };
  const message =
    digest === null
      ? await newMessage(trx, v5(`${subscription}/${notice.key}`, NAMESPACE), target, null)
      : await openDigest(trx, target, digest);
  await trx
    .insertInto('notices')
    .values({ ...notice, subscription, message })
    .execute();
}

interface MessageTarget {
  readonly subscription: string;
  readonly channel: ChannelName;
  readonly now: number;
}

/** The next digest that has room and that nobody has begun to send; made where it is not there yet. */
async function openDigest(
  trx: Transaction<OutboxTables>,
  target: MessageTarget,
  next: (after: number) => DigestTime,
): Promise<string> {
  for (let [digest, part] = [next(target.now), 1]; ;) {
    const id = v5(`${target.subscription}/digest/${digest.day}/${part}`, NAMESPACE);
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
    if (row === undefined) return newMessage(trx, id, target, digest);
    const isOpen = row.state === 'waiting' && row.attempts === 0;
    if (isOpen && (row.size ?? 0) < DIGEST_NOTICES_MAX) return id;
    if (isOpen) part += 1;
    else [digest, part] = [next(digest.at), 1];
  }
}

async function newMessage(
  trx: Transaction<OutboxTables>,
  id: string,
  { subscription, channel, now }: MessageTarget,
  digest: DigestTime | null,
): Promise<string> {
  const due = { digestOn: digest?.day ?? null, dueAt: digest?.at ?? now };
  await trx
    .insertInto('messages')
    .values({ id, subscription, channel, state: 'waiting', createdAt: now, ...due })
    .execute();
  return id;
}

const NOTICE = [
  ...(['key', 'kind', 'recordId', 'recipient', 'deadlineId', 'dateVersion', 'deadlineKind'] as const),
  ...(['dueOn', 'day', 'eventId', 'reminder', 'occurredAt'] as const),
] satisfies (keyof Notice)[];

const noticesOf = (db: Kysely<OutboxTables>, message: string): Promise<Notice[]> =>
  db
    .selectFrom('notices')
    .select(NOTICE)
    .where('message', '=', message)
    .orderBy('dueOn')
    .orderBy('recordId')
    .orderBy('key')
    .execute();
