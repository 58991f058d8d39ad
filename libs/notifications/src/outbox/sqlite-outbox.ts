import { closeSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { messageOf } from '#event-sourcing/errors';
import { rollBack } from '#projections/sqlite/file-trouble';
import { OutboxUnusableError } from './outbox-database.ts';
import type { OutboxDatabase, OutboxQueries, Parameter } from './outbox-database.ts';

/** `DOCO` in ASCII: says in the file's header whose it is. */
const APPLICATION_ID = 0x444f434f;
const SCHEMA_VERSION = 2;
/** How long a connection waits for another's lock; whoever holds it writes a few rows. */
const BUSY_TIMEOUT_MS = 2_000;
/** How often it looks whether a lock is free, on average twice in this time. */
const LOCK_POLL_MS_MAX = 5;

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
    state text not null check (state in ('waiting', 'delivered', 'lapsed', 'dead')),
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
export function openSqliteOutbox(path: string, { create }: { create: boolean }): OutboxDatabase {
  let db: Database.Database | undefined;
  try {
    if (create && path !== ':memory:') makePrivate(path);
    db = new Database(path, { fileMustExist: !create, timeout: BUSY_TIMEOUT_MS });
    turnToWal(db);
    // A crash of the machine takes back what was written last, all of it: notices and bookmark together, so they are
    // derived again; and marks of delivery, so a message can come again under its id. Nothing is lost.
    db.pragma('synchronous = NORMAL');
    db.pragma('foreign_keys = ON');
    migrate(db, path);
    // From here on it is waited for without holding up the thread: in it may run what holds the lock.
    db.pragma('busy_timeout = 0');
    return new SqliteOutbox(db);
  } catch (error) {
    db?.close();
    if (error instanceof OutboxUnusableError) throw error;
    const reason = messageOf(error);
    throw new OutboxUnusableError(path, `cannot be used as outbox: ${reason}`, { cause: error });
  }
}

/**
 * It names people and what they are to be told; SQLite gives its log the same mode. One that is there is not opened: with any
 * descriptor of a file that a process closes, it loses the locks that SQLite holds on it (POSIX).
 */
function makePrivate(path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  try {
    closeSync(openSync(path, 'wx', 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/** Whether there is an outbox's file to open. */
export const outboxExists = (path: string): boolean =>
  (statSync(path, { throwIfNoEntry: false })?.size ?? 0) > 0;

/** Does it as soon as no other connection holds the file's lock. */
async function whenFree<Result>(action: () => Result): Promise<Awaited<Result>> {
  for (const until = performance.now() + BUSY_TIMEOUT_MS; ;) {
    try {
      return await action();
    } catch (error) {
      if (!isBusy(error) || performance.now() > until) throw error;
      await sleep(Math.random() * LOCK_POLL_MS_MAX);
    }
  }
}

const isBusy = (error: unknown): boolean =>
  String((error as { code?: unknown } | null)?.code).startsWith('SQLITE_BUSY');

/** One connection: what is asked of it is done one after the other, since others' changes are no part of a transaction. */
class SqliteOutbox implements OutboxDatabase {
  /** A transaction that writes holds the file's one lock from its beginning. */
  readonly forUpdate = '';
  readonly skipLocked = '';
  readonly #db: Database.Database;
  readonly #statements = new Map<string, Database.Statement>();
  readonly #queries: OutboxQueries;
  #last: Promise<unknown> = Promise.resolve();

  constructor(db: Database.Database) {
    this.#db = db;
    this.#queries = {
      rows: <Row>(text: string, ...parameters: readonly Parameter[]) =>
        Promise.resolve(this.#prepared(text).all(...parameters) as Row[]),
      change: (text, ...parameters) => Promise.resolve(this.#prepared(text).run(...parameters).changes),
    };
  }

  rows<Row>(text: string, ...parameters: readonly Parameter[]): Promise<Row[]> {
    return this.#inTurn(() => whenFree(() => this.#queries.rows<Row>(text, ...parameters)));
  }

  change(text: string, ...parameters: readonly Parameter[]): Promise<number> {
    return this.#inTurn(() => whenFree(() => this.#queries.change(text, ...parameters)));
  }

  transaction<Result>(action: (queries: OutboxQueries) => Promise<Result>): Promise<Result> {
    return this.#inTurn(() => this.#inTransaction(action));
  }

  close(): Promise<void> {
    return this.#inTurn(() => {
      this.#db.close();
      return Promise.resolve();
    });
  }

  #inTurn<Result>(action: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(action);
    this.#last = result.catch(() => undefined);
    return result;
  }

  async #inTransaction<Result>(action: (queries: OutboxQueries) => Promise<Result>): Promise<Result> {
    await whenFree(() => this.#db.exec('begin immediate'));
    try {
      const result = await action(this.#queries);
      this.#db.exec('commit');
      return result;
    } catch (error) {
      rollBack(this.#db);
      throw error;
    }
  }

  #prepared(text: string): Database.Statement {
    const statement = this.#statements.get(text) ?? this.#db.prepare(text);
    this.#statements.set(text, statement);
    return statement;
  }
}

/** Turning to WAL answers SQLITE_BUSY at once while another process does the same; the timeout does not apply. */
function turnToWal(db: Database.Database): void {
  for (const until = performance.now() + BUSY_TIMEOUT_MS; ;) {
    try {
      db.pragma('journal_mode = WAL');
      return;
    } catch (error) {
      if (!isBusy(error) || performance.now() > until) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    }
  }
}

function migrate(db: Database.Database, path: string): void {
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
