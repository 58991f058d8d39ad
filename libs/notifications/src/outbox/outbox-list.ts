import { sql } from 'kysely';
import type { Kysely, Selectable } from 'kysely';
import { pageReader } from '#projections/list-cursor';
import type { PageAsked } from '#projections/list-cursor';
import type { Notice } from '../notices.ts';
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
  { state, ...asked }: OutboxQuery,
): Promise<OutboxPage> {
  const readPage = pageReader({ newestBy: 'number' }, { list: 'outbox', state }, asked);
  const all = db.selectFrom('messages').selectAll();
  const { rows, nextCursor } = await readPage(state === undefined ? all : all.where('state', '=', state));
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
    // One that is being tried just now keeps its lease: whoever holds it says how that ends.
    const attempts = sql<number>`case when state = 'waiting' then attempts else 0 end`;
    await trx
      .updateTable('messages')
      .set({ state: 'waiting', dueAt: now, endedAt: null, attempts })
      .where('id', '=', id)
      .where('state', '<>', 'delivered')
      .execute();
    const message = await trx.selectFrom('messages').selectAll().where('id', '=', id).executeTakeFirst();
    return message === undefined ? null : itemOf(trx, message);
  });
}

/** Has every dead letter tried again; gives how many there were. */
export async function retryDead({ db }: OutboxDatabase, now: number): Promise<number> {
  const { numUpdatedRows } = await db
    .transaction()
    .execute((trx) =>
      trx
        .updateTable('messages')
        .set({ state: 'waiting', dueAt: now, endedAt: null, attempts: 0 })
        .where('state', '=', 'dead')
        .executeTakeFirstOrThrow(),
    );
  return Number(numUpdatedRows);
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
    nextAttemptAt: instantOf(row.state === 'waiting' ? row.dueAt : null),
    endedAt: instantOf(row.endedAt),
  };
}

const instantOf = (time: number | null): string | null =>
  time === null ? null : new Date(time).toISOString();
