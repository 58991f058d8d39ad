import { sql } from 'kysely';
import type { Kysely, Selectable, Transaction } from 'kysely';
import { pageReader } from '#projections/list-cursor';
import type { PageRequest } from '#projections/list-cursor';
import { BEHIND_ANOTHER, isBehindAnother, lockFollowers } from './message-order.ts';
import type { MessageState, Notice, OutboxDatabase, OutboxTables } from './outbox-database.ts';

type Message = Selectable<OutboxTables['messages']>;
type ListedColumns = 'id' | 'receiver' | 'channel' | 'state' | 'digestOn' | 'attempts' | 'error';

type ListedNotice = Pick<Notice, 'recordId' | 'kind' | 'eventId'>;

/** A message as shown to operators. Times are instants. */
export interface OutboxItem extends Pick<Message, ListedColumns> {
  readonly notices: readonly ListedNotice[];
  /** The number of its notices. Only the first `NOTICES_LISTED` are listed. */
  readonly noticeCount: number;
  readonly createdAt: string;
  readonly attemptedAt: string | null;
  /** When the next attempt is due; null if there is none. */
  readonly nextAttemptAt: string | null;
  readonly endedAt: string | null;
}

/** The maximum number of listed notices of a digest. */
const NOTICES_LISTED = 20;

export interface OutboxQuery extends PageRequest {
  /** Only messages to this receiver. */
  readonly receiver?: string;
  readonly state?: MessageState;
}

export interface OutboxPage {
  readonly items: readonly OutboxItem[];
  readonly nextCursor: string | null;
}

/**
 * Returns a page of messages, newest first.
 * @throws InvalidCursorError
 */
export async function listMessages(
  { db }: Pick<OutboxDatabase, 'db'>,
  { state, receiver, ...page }: OutboxQuery,
): Promise<OutboxPage> {
  const readPage = pageReader({ newestBy: 'number' }, { list: 'outbox', state, receiver }, page);
  let messages = db.selectFrom('messages').selectAll();
  if (receiver !== undefined) messages = messages.where('receiver', '=', receiver);
  if (state !== undefined) messages = messages.where('state', '=', state);
  const { rows, nextCursor } = await readPage(messages);
  const items: OutboxItem[] = [];
  for (const row of rows) items.push(await itemOf(db, row));
  return { items, nextCursor };
}

/**
 * Makes a message due at once, with its full number of attempts. A delivered message stays delivered.
 * @returns the message afterwards; null if there is none.
 */
export function retryMessage({ db }: OutboxDatabase, id: string, now: number): Promise<OutboxItem | null> {
  return db.transaction().execute(async (trx) => {
    await retryIn(trx, { ids: [id], states: ['waiting', 'lapsed', 'dead'] }, now);
    const message = await trx.selectFrom('messages').selectAll().where('id', '=', id).executeTakeFirst();
    return message === undefined ? null : itemOf(trx, message);
  });
}

/** Selects the messages to retry. */
interface Retried {
  readonly states: readonly MessageState[];
  /** Only messages to this receiver. */
  readonly receiver?: string;
  /** Only messages with one of these ids. */
  readonly ids?: readonly string[];
}

/** Makes messages due at once, with their full number of attempts. Returns their ids. */
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
  // A message that is being sent keeps its lease, whose owner records the outcome.
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

/** Returns the numbers of waiting messages and of dead letters. */
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
  const ofMessage = db.selectFrom('notices').where('message', '=', row.id);
  const { count } = await ofMessage
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  const notices = await ofMessage
    .select(['recordId', 'kind', 'eventId'])
    .orderBy('recordId')
    .orderBy('key')
    .limit(NOTICES_LISTED)
    .execute();
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
