import { sql } from 'kysely';
import type { Kysely, Selectable, Transaction } from 'kysely';
import { pageReader } from '#projections/list-cursor';
import type { PageAsked } from '#projections/list-cursor';
import type { Notice } from '../notices.ts';
import { BEHIND_ANOTHER, isBehindAnother, lockFollowers } from './message-order.ts';
import { factsOf } from './outbox-database.ts';
import type { MessageState, OutboxDatabase, OutboxTables } from './outbox-database.ts';

type Message = Selectable<OutboxTables['messages']>;
type Told = 'id' | 'receiver' | 'channel' | 'state' | 'digestOn' | 'attempts' | 'error';

/** Of what is not about a deadline, its id and the day on which it came to be so are null. */
interface ListedNotice extends Pick<Notice, 'recordId' | 'kind' | 'eventId'> {
  readonly deadlineId: string | null;
  readonly day: string | null;
}

/** A message as those see it who run the service; times are instants. */
export interface OutboxItem extends Pick<Message, Told> {
  /** What it says. */
  readonly notices: readonly ListedNotice[];
  /** How many notices it has; no more than `NOTICES_TOLD` are listed. */
  readonly noticeCount: number;
  readonly createdAt: string;
  readonly attemptedAt: string | null;
  /** When it is tried next; null where it is not. */
  readonly nextAttemptAt: string | null;
  readonly endedAt: string | null;
}

/** So many notices of a digest are listed. */
const NOTICES_TOLD = 20;

export interface OutboxQuery extends PageAsked {
  /** Only messages to this receiver. */
  readonly receiver?: string;
  readonly state?: MessageState;
}

export interface OutboxPage {
  readonly items: readonly OutboxItem[];
  readonly nextCursor: string | null;
}

/**
 * A page of the messages, the newest first.
 * @throws InvalidCursorError
 */
export async function listMessages(
  { db }: Pick<OutboxDatabase, 'db'>,
  { state, receiver, ...asked }: OutboxQuery,
): Promise<OutboxPage> {
  const readPage = pageReader({ newestBy: 'number' }, { list: 'outbox', state, receiver }, asked);
  let messages = db.selectFrom('messages').selectAll();
  if (receiver !== undefined) messages = messages.where('receiver', '=', receiver);
  if (state !== undefined) messages = messages.where('state', '=', state);
  const { rows, nextCursor } = await readPage(messages);
  const items: OutboxItem[] = [];
  for (const row of rows) items.push(await itemOf(db, row));
  return { items, nextCursor };
}

/**
 * Has a message tried again at once, with all its attempts before it.
 * @returns the message as it is then, or null where there is none; one that was delivered stays so.
 */
export function retryMessage({ db }: OutboxDatabase, id: string, now: number): Promise<OutboxItem | null> {
  return db.transaction().execute(async (trx) => {
    await retryIn(trx, { ids: [id], states: ['waiting', 'lapsed', 'dead'] }, now);
    const message = await trx.selectFrom('messages').selectAll().where('id', '=', id).executeTakeFirst();
    return message === undefined ? null : itemOf(trx, message);
  });
}

/** Which messages are tried again. */
interface Retried {
  readonly states: readonly MessageState[];
  /** Only those of this receiver. */
  readonly receiver?: string;
  /** Only those with one of these ids. */
  readonly ids?: readonly string[];
}

/** Has messages tried again at once, with all their attempts before them; gives their ids. */
export const retryMessages = (
  { db }: OutboxDatabase,
  which: Retried,
  now: number,
): Promise<readonly string[]> => db.transaction().execute((trx) => retryIn(trx, which, now));

async function retryIn(
  trx: Transaction<OutboxTables>,
  { states, receiver, ids }: Retried,
  now: number,
): Promise<readonly string[]> {
  await lockFollowers(trx);
  // One that is being tried just now keeps its lease: whoever holds it says how that ends.
  const attempts = sql<number>`case when state = 'waiting' then attempts else 0 end`;
  let query = trx
    .updateTable('messages')
    .set({ state: 'waiting', dueAt: now, endedAt: null, attempts })
    .where('state', 'in', states);
  if (receiver !== undefined) query = query.where('receiver', '=', receiver);
  if (ids !== undefined) query = query.where('id', 'in', ids);
  const retried = await query.returning(['id', 'receiver']).execute();
  if (retried.length === 0) return [];
  await trx
    .updateTable('messages')
    .set({ dueAt: BEHIND_ANOTHER })
    .where('state', '=', sql.lit('waiting'))
    .where('receiver', 'in', [...new Set(retried.map((each) => each.receiver))])
    .where('dueAt', '<', BEHIND_ANOTHER)
    .where(isBehindAnother)
    .execute();
  return retried.map(({ id }) => id);
}

/** How many messages wait, and how many are dead letters. */
export async function countMessages({
  db,
}: Pick<OutboxDatabase, 'db'>): Promise<{ readonly waiting: number; readonly dead: number }> {
  const rows = await db
    .selectFrom('messages')
    .select(({ fn }) => ['state', fn.countAll<number>().as('count')])
    .where('state', 'in', ['waiting', 'dead'])
    .groupBy('state')
    .execute();
  const count = (state: MessageState) => rows.find((row) => row.state === state)?.count ?? 0;
  return { waiting: count('waiting'), dead: count('dead') };
}

async function itemOf(db: Kysely<OutboxTables>, row: Message): Promise<OutboxItem> {
  const told = db.selectFrom('notices').where('message', '=', row.id);
  const { count } = await told
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  const listed = await told
    .select(['recordId', 'kind', 'eventId', 'deadline'])
    .orderBy('recordId')
    .orderBy('key')
    .limit(NOTICES_TOLD)
    .execute();
  const notices = listed.map(({ deadline, ...notice }): ListedNotice => {
    const facts = factsOf(deadline);
    return { ...notice, deadlineId: facts?.deadlineId ?? null, day: facts?.day ?? null };
  });
  const { id, receiver, channel, state, digestOn, attempts, error } = row;
  return {
    ...{ id, receiver, channel, state, digestOn, notices, noticeCount: count, attempts, error },
    createdAt: new Date(row.createdAt).toISOString(),
    attemptedAt: instantOf(row.attemptedAt),
    nextAttemptAt: instantOf(row.state === 'waiting' && row.dueAt < BEHIND_ANOTHER ? row.dueAt : null),
    endedAt: instantOf(row.endedAt),
  };
}

const instantOf = (time: number | null): string | null =>
  time === null ? null : new Date(time).toISOString();
