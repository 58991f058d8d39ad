import { closeSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { systemClock } from '#event-sourcing/clock';
import { systemRandom } from '#event-sourcing/random';
import { messageOf } from '#event-sourcing/errors';
import { ReadModelsDamagedError } from '../read-model-database.ts';
import type { Declarations, SchemaDefinition } from '../schema-definition.ts';
import { rollBack } from './file-trouble.ts';
import type { FileTrouble } from './file-trouble.ts';
import Database from 'better-sqlite3';
import { LRUCache } from 'lru-cache';
import { SqliteDialect, SqliteDriver, SqliteQueryCompiler } from 'kysely';
import type { DatabaseConnection, SqliteDatabase, SqliteStatement, TransactionSettings } from 'kysely';

/** The time for which a connection waits for another one's lock, in milliseconds. */
export const BUSY_TIMEOUT_MS = 5_000;
/** The longest interval between checks whether a lock is free; the average is half as long. */
const LOCK_POLL_MS_MAX = 10;
const STATEMENTS_KEPT = 500;
const WAL_PAGES = 8_000;
const PAGE_BYTES = 4_096;
const NOT_WRITABLE = /^(?:SQLITE_(?:READONLY|CANTOPEN)|EACCES|EPERM|EROFS)/;
/** The memory for pages. A batch changes pages all over the file, and with too little memory most are read again. */
const CACHE_KIB = 64 * 1_024;

const DECLARATIONS: Declarations = {
  isFile: true,
  text: 'text',
  // Only a column of exactly this type becomes an alias of the row id.
  integer: 'integer',
  number: 'integer primary key autoincrement',
  strict: ' strict',
};

/**
 * Opens tables in a file, and creates missing ones. Several threads and processes may have it open.
 * Tables in `:memory:` exist as long as the connection.
 * @param create whether to create a missing file.
 * @throws the definition's `Unusable`.
 */
export function openFile(
  path: string,
  definition: SchemaDefinition,
  { create } = { create: true },
): Database.Database {
  const { what, Unusable } = definition;
  let connection: Database.Database | undefined;
  try {
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true)
      throw new Unusable(path, 'is a folder. Use the path of a file in it');
    connection = openConnection(path, { create });
    // Creating tables waits for others' writes; checking them does not.
    const prepare = connection.transaction(prepareTables);
    if (create) prepare.immediate(connection, path, definition);
    else prepare.deferred(connection, path, definition);
    return connection;
  } catch (error) {
    connection?.close();
    if (error instanceof Unusable) throw error;
    const { code = '' } = error as NodeJS.ErrnoException;
    const advice = NOT_WRITABLE.test(code)
      ? '. Make sure that this user can read and write the file and its folder'
      : '';
    throw new Unusable(path, `cannot be used as ${what}: ${messageOf(error)}${advice}`, { cause: error });
  }
}

/** Checks that the tables are of this definition, or creates them in an empty file. */
function prepareTables(
  connection: Database.Database,
  path: string,
  { what, letters, version: own, tables, advice, Unusable }: SchemaDefinition,
): void {
  const application = Buffer.from(letters, 'ascii').readInt32BE();
  const found = connection.pragma('application_id', { simple: true });
  const version = connection.pragma('user_version', { simple: true });
  const isEmpty = connection.prepare('select count(*) from sqlite_schema').pluck().get() === 0;
  if (found === 0 && version === 0 && isEmpty) {
    connection.exec(tables(DECLARATIONS));
    connection.pragma(`application_id = ${application}`);
    connection.pragma(`user_version = ${own}`);
  } else if (found !== application) throw new Unusable(path, `is not a ${what}`);
  else if (version !== own)
    throw new Unusable(
      path,
      `was created by another build of Docket: its schema is ${String(version)}, and this build reads ${own}${advice}`,
    );
}

/**
 * Opens a file, and creates it and its folder if missing and wanted. A database in `:memory:` exists as long as the connection.
 */
export function openConnection(path: string, { create } = { create: true }): Database.Database {
  if (create && path !== ':memory:') {
    mkdirSync(dirname(path), { recursive: true });
    makePrivate(path);
  }
  const db = new Database(path, { timeout: BUSY_TIMEOUT_MS, fileMustExist: !create });
  try {
    waitingForLock(() => db.pragma('journal_mode = WAL'));
    // Rows lost in a crash of the machine are folded again from the log.
    db.pragma('synchronous = NORMAL');
    // Erased texts and replaced tables leave nothing in the file's free pages.
    db.pragma('secure_delete = ON');
    db.pragma('temp_store = MEMORY');
    db.pragma(`cache_size = -${CACHE_KIB}`);
    // With fewer and larger checkpoints, a page that changes often is written to the file once.
    db.pragma(`wal_autocheckpoint = ${WAL_PAGES}`);
    db.pragma(`journal_size_limit = ${WAL_PAGES * PAGE_BYTES}`);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/**
 * Makes the file private, because it contains confidential data; SQLite copies the mode to its write-ahead log. An
 * existing file is not opened here: closing any descriptor of a file releases the process's POSIX locks on it, and
 * others would then treat the log as abandoned.
 */
function makePrivate(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/**
 * Repeats an action until a lock is free. Switching to WAL fails with SQLITE_BUSY at once if another process does the
 * same; the timeout does not apply.
 */
function waitingForLock(action: () => void): void {
  const until = systemClock.elapsed() + BUSY_TIMEOUT_MS;
  for (;;) {
    try {
      action();
      return;
    } catch (error) {
      if (!isBusy(error) || systemClock.elapsed() > until) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    }
  }
}

/**
 * A Kysely dialect on one connection to a file. It caches prepared statements, and acquires the write lock before it
 * reads.
 */
export class FileDialect extends SqliteDialect {
  readonly #connection: Database.Database;
  readonly #trouble: FileTrouble | null;

  /** @param trouble records corruption found by statements */
  constructor(connection: Database.Database, trouble: FileTrouble | null = null) {
    super({ database: connection });
    this.#connection = connection;
    this.#trouble = trouble;
  }

  override createDriver(): SqliteDriver {
    return new LockingDriver(this.#connection, this.#trouble);
  }

  override createQueryCompiler(): SqliteQueryCompiler {
    return new LockFreeCompiler();
  }
}

/** Omits row locks: a write transaction acquires the file's only lock at its beginning. */
class LockFreeCompiler extends SqliteQueryCompiler {
  protected override visitSelectModifier(): void {
    // SQLite has no syntax for row locks.
  }
}

/**
 * Begins write transactions with the lock. A deferred transaction that reads a bookmark and then writes would read a
 * snapshot, and fail if another connection has written since. Waiting for the lock does not block the thread, on which
 * the lock's owner and requests may run.
 */
class LockingDriver extends SqliteDriver {
  readonly #connection: Database.Database;

  constructor(connection: Database.Database, trouble: FileTrouble | null) {
    super({ database: keepingStatements(connection, trouble) });
    this.#connection = connection;
  }

  override async beginTransaction(_: DatabaseConnection, settings?: TransactionSettings): Promise<void> {
    // A transaction that a failed rollback left open would block every later one.
    rollBack(this.#connection);
    if (settings?.accessMode === 'read only') {
      this.#connection.exec('begin');
      return;
    }
    for (const until = systemClock.elapsed() + BUSY_TIMEOUT_MS; ;) {
      try {
        this.#beginImmediate();
        return;
      } catch (error) {
        if (!isBusy(error) || systemClock.elapsed() > until) throw error;
        await systemClock.sleep(systemRandom.fraction() * LOCK_POLL_MS_MAX);
      }
    }
  }

  /**
   * Rolls back without an error if SQLite has already done so, as on a full disk, so that the original error is
   * reported.
   */
  override rollbackTransaction(): Promise<void> {
    rollBack(this.#connection);
    return Promise.resolve();
  }

  #beginImmediate(): void {
    this.#connection.pragma('busy_timeout = 0');
    try {
      this.#connection.exec('begin immediate');
    } finally {
      this.#connection.pragma(`busy_timeout = ${BUSY_TIMEOUT_MS}`);
    }
  }
}

function keepingStatements(database: Database.Database, trouble: FileTrouble | null): SqliteDatabase {
  const statements = new LRUCache<string, SqliteStatement>({ max: STATEMENTS_KEPT });
  const prepare = (text: string): SqliteStatement =>
    trouble === null ? database.prepare(text) : reportingDamage(database, text, trouble);
  return {
    close() {
      database.close();
    },
    prepare(text) {
      const statement = statements.get(text) ?? prepare(text);
      statements.set(text, statement);
      return statement;
    },
  };
}

const DAMAGE = /^SQLITE_(?:CORRUPT|NOTADB)/;

/** Returns an error that names the damaged file; any other error unchanged. */
export function damageOf(error: unknown, path: string): unknown {
  if (!DAMAGE.test(sqliteCode(error))) return error;
  return new ReadModelsDamagedError(path, messageOf(error), { cause: error });
}

function reportingDamage(database: Database.Database, text: string, trouble: FileTrouble): SqliteStatement {
  const reported = <Result>(run: () => Result): Result => {
    try {
      return run();
    } catch (error) {
      const damage = damageOf(error, database.name);
      trouble.record(damage);
      throw damage;
    }
  };
  const statement = reported(() => database.prepare(text));
  return {
    reader: statement.reader,
    all: (parameters) => reported(() => statement.all(parameters)),
    run: (parameters) => reported(() => runEach(statement, parameters)),
    iterate: (parameters) => statement.iterate(parameters),
  };
}

/** Runs the statement once for each row of list parameters, because SQLite accepts no lists. */
function runEach(statement: Database.Statement, parameters: readonly unknown[]): Database.RunResult {
  if (!Array.isArray(parameters[0])) return statement.run(parameters);
  let result: Database.RunResult = { changes: 0, lastInsertRowid: 0 };
  for (const row of parameters) result = statement.run(row);
  return result;
}

const TROUBLE = /^SQLITE_(?:BUSY|LOCKED|FULL|IOERR|NOMEM|READONLY|CANTOPEN)/;

/** Returns whether an error means that the database cannot write now, and not that the statement was wrong. */
export const isTrouble = (error: unknown): boolean =>
  error instanceof ReadModelsDamagedError || TROUBLE.test(sqliteCode(error));

const isBusy = (error: unknown): boolean => sqliteCode(error).startsWith('SQLITE_BUSY');

/** Returns SQLite's code of an error. `instanceof` fails: better-sqlite3's errors are of the realm that loaded it first. */
export const sqliteCode = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? error.code
    : '';
