import type { OutboxDatabase } from './outbox-database.ts';

export const MESSAGE_STATES = ['waiting', 'delivered', 'dead'] as const;
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
  /** When it was delivered or given up. */
  readonly endedAt: string | null;
  /** Why the last attempt failed. */
  readonly error: string | null;
}

/** So many notices of a digest are listed. */
export const NOTICES_TOLD = 20;

export interface OutboxQuery {
  readonly state?: MessageState;
  readonly limit: number;
  /** As the page before gave it. */
  readonly after?: number;
}

/** The messages, the newest first. */
export function listMessages(
  db: OutboxDatabase,
  { state, limit, after }: OutboxQuery,
): { readonly items: readonly OutboxItem[]; readonly next: number | null } {
  const conditions = [
    ...(state === undefined ? [] : ['state = @state']),
    ...(after === undefined ? [] : ['number < @after']),
  ];
  const where = conditions.length === 0 ? '' : `where ${conditions.join(' and ')}`;
  const rows = db
    .prepare(`select * from messages ${where} order by number desc limit @limit`)
    .all({ state, after, limit: limit + 1 }) as ListedRow[];
  const page = rows.slice(0, limit);
  return {
    items: page.map((row) => itemOf(db, row)),
    next: rows.length > limit ? (page.at(-1) as ListedRow).number : null,
  };
}

/**
 * Has a message tried again at once, with all its attempts before it.
 * @returns the message as it was, or null where there is none; one that was delivered stays so.
 */
export function retryMessage(db: OutboxDatabase, id: string, now: number): OutboxItem | null {
  return db
    .transaction(() => {
      const row = db.prepare('select * from messages where id = ?').get(id) as ListedRow | undefined;
      if (row === undefined) return null;
      // One that is being tried just now keeps its lease: whoever holds it says how that ends.
      db.prepare(
        `update messages set state = 'waiting', due_at = ?, ended_at = null,
          attempts = case when state = 'dead' then 0 else attempts end where id = ? and state <> 'delivered'`,
      ).run(now, id);
      return itemOf(db, row);
    })
    .immediate();
}

/** Has every dead letter tried again; gives how many there were. */
export const retryDead = (db: OutboxDatabase, now: number): number =>
  db
    .prepare(
      `update messages set state = 'waiting', due_at = ?, ended_at = null, attempts = 0 where state = 'dead'`,
    )
    .run(now).changes;

/** How many messages wait, and how many are dead letters. */
export function countMessages(db: OutboxDatabase): { readonly waiting: number; readonly dead: number } {
  const rows = db
    .prepare(
      `select state, count(*) as count from messages where state in ('waiting', 'dead') group by state`,
    )
    .all() as { state: string; count: number }[];
  const count = (state: MessageState) => rows.find((row) => row.state === state)?.count ?? 0;
  return { waiting: count('waiting'), dead: count('dead') };
}

function itemOf(db: OutboxDatabase, row: ListedRow): OutboxItem {
  const count = db.prepare('select count(*) from notices where message = ?').pluck().get(row.id) as number;
  const notices = db
    .prepare(
      `select record_id as recordId, deadline_id as deadlineId, kind, day from notices where message = ?
        order by due_on, record_id, key limit ?`,
    )
    .all(row.id, NOTICES_TOLD) as OutboxItem['notices'];
  return {
    id: row.id,
    subscription: row.subscription,
    channel: row.channel,
    state: row.state,
    digestOn: row.digest_on,
    notices,
    noticeCount: count,
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
