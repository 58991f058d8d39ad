import type { OutboxDatabase, OutboxQueries } from './outbox-database.ts';

/** Lapsed: not sent any more, since nothing that it tells of holds for its subscription. */
export const MESSAGE_STATES = ['waiting', 'delivered', 'lapsed', 'dead'] as const;
export type MessageState = (typeof MESSAGE_STATES)[number];

/** A message as those see it who run the service. */
export interface OutboxItem {
  /** The id that its receiver gets as well. */
  readonly id: string;
  readonly subscription: string;
  readonly channel: string;
  readonly state: MessageState;
  /** Its London date, where it is a digest. */
  readonly digestOn: string | null;
  /** What it tells of. */
  readonly notices: readonly {
    readonly recordId: string;
    readonly deadlineId: string;
    readonly kind: string;
    readonly day: string;
  }[];
  /** How many notices it has; no more than `NOTICES_TOLD` are listed. */
  readonly noticeCount: number;
  readonly attempts: number;
  readonly createdAt: string;
  /** When it was tried last; null before the first time. */
  readonly attemptedAt: string | null;
  /** When it is tried next; null where it is not. */
  readonly nextAttemptAt: string | null;
  /** When it was delivered, lapsed or was given up. */
  readonly endedAt: string | null;
  /** Why the last attempt failed, or it lapsed. */
  readonly error: string | null;
}

/** So many notices of a digest are listed. */
const NOTICES_TOLD = 20;

export interface OutboxQuery {
  readonly state?: MessageState;
  readonly limit: number;
  /** As the page before gave it. */
  readonly after?: number;
}

/** The messages, the newest first. */
export async function listMessages(
  db: OutboxQueries,
  { state, limit, after }: OutboxQuery,
): Promise<{ readonly items: readonly OutboxItem[]; readonly next: number | null }> {
  const conditions = [
    ...(state === undefined ? [] : ['state = ?']),
    ...(after === undefined ? [] : ['number < ?']),
  ];
  const where = conditions.length === 0 ? '' : `where ${conditions.join(' and ')}`;
  const given = [state, after].filter((value) => value !== undefined);
  const rows = await db.rows<ListedRow>(
    `select * from messages ${where} order by number desc limit ?`,
    ...given,
    limit + 1,
  );
  const page = rows.slice(0, limit);
  const items: OutboxItem[] = [];
  for (const row of page) items.push(await itemOf(db, row));
  return { items, next: rows.length > limit ? (page.at(-1) as ListedRow).number : null };
}

/**
 * Has a message tried again at once, with all its attempts before it.
 * @returns the message as it was, or null where there is none; one that was delivered stays so.
 */
export function retryMessage(db: OutboxDatabase, id: string, now: number): Promise<OutboxItem | null> {
  return db.transaction(async (queries) => {
    const [row] = await queries.rows<ListedRow>(`select * from messages where id = ?${db.forUpdate}`, id);
    if (row === undefined) return null;
    // One that is being tried just now keeps its lease: whoever holds it says how that ends.
    await queries.change(
      `update messages set state = 'waiting', due_at = ?, ended_at = null,
        attempts = case when state = 'waiting' then attempts else 0 end where id = ? and state <> 'delivered'`,
      now,
      id,
    );
    return itemOf(queries, row);
  });
}

/** Has every dead letter tried again; gives how many there were. */
export const retryDead = (db: OutboxQueries, now: number): Promise<number> =>
  db.change(
    `update messages set state = 'waiting', due_at = ?, ended_at = null, attempts = 0 where state = 'dead'`,
    now,
  );

/** How many messages wait, and how many are dead letters. */
export async function countMessages(
  db: OutboxQueries,
): Promise<{ readonly waiting: number; readonly dead: number }> {
  const rows = await db.rows<{ state: string; count: number }>(
    `select state, count(*) as count from messages where state in ('waiting', 'dead') group by state`,
  );
  const count = (state: MessageState) => rows.find((row) => row.state === state)?.count ?? 0;
  return { waiting: count('waiting'), dead: count('dead') };
}

async function itemOf(db: OutboxQueries, row: ListedRow): Promise<OutboxItem> {
  const [counted] = await db.rows<{ count: number }>(
    'select count(*) as count from notices where message = ?',
    row.id,
  );
  const notices = await db.rows<OutboxItem['notices'][number]>(
    `select record_id as "recordId", deadline_id as "deadlineId", kind, day from notices where message = ?
      order by due_on, record_id, key limit ?`,
    row.id,
    NOTICES_TOLD,
  );
  return {
    id: row.id,
    subscription: row.subscription,
    channel: row.channel,
    state: row.state,
    digestOn: row.digest_on,
    notices,
    noticeCount: counted?.count ?? 0,
    attempts: row.attempts,
    createdAt: instantOf(row.created_at),
    attemptedAt: row.attempted_at === null ? null : instantOf(row.attempted_at),
    nextAttemptAt: row.state === 'waiting' ? instantOf(row.due_at) : null,
    endedAt: row.ended_at === null ? null : instantOf(row.ended_at),
    error: row.error,
  };
}

const instantOf = (time: number): string => new Date(time).toISOString();

interface ListedRow {
  readonly number: number;
  readonly id: string;
  readonly subscription: string;
  readonly channel: string;
  readonly digest_on: string | null;
  readonly state: MessageState;
  readonly created_at: number;
  readonly due_at: number;
  readonly attempts: number;
  readonly attempted_at: number | null;
  readonly error: string | null;
  readonly ended_at: number | null;
}
