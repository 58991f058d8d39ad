import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { messageOf } from '../../event-sourcing/src/errors.ts';

/** An open outbox; what it holds is read and written by `Outbox` and by the list. */
export type OutboxDatabase = Database.Database;

/** The file is no outbox of this version, or cannot be used now. */
export class OutboxUnusableError extends Error {
  readonly code = 'outbox-unusable';

  constructor(path: string, detail: string, options?: ErrorOptions) {
    super(`${path} ${detail}`, options);
    this.name = 'OutboxUnusableError';
  }
}

/** `DOCO` in ASCII: says in the file's header whose it is. */
const APPLICATION_ID = 0x444f434f;
const SCHEMA_VERSION = 1;
/** How long a connection waits for another's lock; whoever holds it writes a few rows. */
const BUSY_TIMEOUT_MS = 2_000;

const SCHEMA = `
  create table follower (
    id integer primary key check (id = 1),
    log text,
    position text not null,
    remind_from text not null,
    reminded_on text
  ) strict;
  create table messages (
    number integer primary key autoincrement,
    id text not null unique,
    subscription text not null,
    channel text not null,
    digest_on text,
    state text not null check (state in ('waiting', 'delivered', 'dead')),
    created_at integer not null,
    due_at integer not null,
    attempts integer not null default 0,
    attempted_at integer,
    error text,
    ended_at integer,
    lease_owner text,
    lease_until integer
  ) strict;
  create index messages_due on messages (subscription, due_at, number) where state = 'waiting';
  create index messages_by_state on messages (state, number);
  create table notices (
    key text not null,
    subscription text not null,
    message text not null references messages (id) on delete cascade,
    kind text not null,
    record_id text not null,
    recipient text,
    deadline_id text not null,
    date_version integer not null,
    deadline_kind text not null,
    due_on text not null,
    day text not null,
    event_id text,
    reminder integer,
    occurred_at text not null,
    primary key (subscription, key)
  ) strict;
  create index notices_by_message on notices (message);
`;

/**
 * Opens the outbox's file, and makes it where it is missing and `create` is asked for. Any number of processes may have
 * it open; `:memory:` lives as long as the connection.
 * @throws OutboxUnusableError
 */
export function openOutboxDatabase(path: string, { create }: { create: boolean }): OutboxDatabase {
  let db: OutboxDatabase | undefined;
  try {
    if (create && path !== ':memory:') mkdirSync(dirname(path), { recursive: true });
    db = new Database(path, { fileMustExist: !create, timeout: BUSY_TIMEOUT_MS });
    turnToWal(db);
    // A crash of the machine takes back what was written last, all of it: intents and checkpoint together, so they are
    // derived again; and marks of delivery, so a message can come again under its id. Nothing is lost.
    db.pragma('synchronous = NORMAL');
    db.pragma('foreign_keys = ON');
    migrate(db, path);
    return db;
  } catch (error) {
    db?.close();
    if (error instanceof OutboxUnusableError) throw error;
    const reason = messageOf(error);
    throw new OutboxUnusableError(path, `cannot be used as outbox: ${reason}`, { cause: error });
  }
}

/** Whether there is an outbox's file to open. */
export const outboxExists = (path: string): boolean =>
  (statSync(path, { throwIfNoEntry: false })?.size ?? 0) > 0;

/** Turning to WAL answers SQLITE_BUSY at once while another process does the same; the timeout does not apply. */
function turnToWal(db: OutboxDatabase): void {
  for (const until = Date.now() + BUSY_TIMEOUT_MS; ;) {
    try {
      db.pragma('journal_mode = WAL');
      return;
    } catch (error) {
      const isBusy = String((error as { code?: unknown }).code).startsWith('SQLITE_BUSY');
      if (!isBusy || Date.now() > until) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    }
  }
}

function migrate(db: OutboxDatabase, path: string): void {
  db.transaction(() => {
    const application = db.pragma('application_id', { simple: true });
    const version = db.pragma('user_version', { simple: true }) as number;
    const tables = db.prepare('select count(*) from sqlite_schema').pluck().get();
    const isNew = application === 0 && version === 0 && tables === 0;
    if (!isNew && application !== APPLICATION_ID) throw new OutboxUnusableError(path, 'is not an outbox');
    if (isNew) {
      db.exec(SCHEMA);
      db.pragma(`application_id = ${APPLICATION_ID}`);
      db.pragma(`user_version = ${SCHEMA_VERSION}`);
    } else if (version !== SCHEMA_VERSION) {
      throw new OutboxUnusableError(path, `has schema ${version}, and this version reads ${SCHEMA_VERSION}`);
    }
  }).immediate();
}
