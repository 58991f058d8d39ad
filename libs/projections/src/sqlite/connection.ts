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
import { SqliteDialect, SqliteDriver, SqliteQueryCompiler } from 'kysely';
import type { DatabaseConnection, SqliteDatabase, SqliteStatement, TransactionSettings } from 'kysely';

/** How long a connection waits for another's lock. */
export const BUSY_TIMEOUT_MS = 5_000;
/** How often it looks whether a lock is free, on average twice in this time. */
const LOCK_POLL_MS_MAX = 10;
const STATEMENTS_KEPT = 500;
const WAL_PAGES = 4_000;
const PAGE_BYTES = 4_096;

const DECLARATIONS: Declarations = {
  isFile: true,
  text: 'text',
  // A key has exactly this type where it is the table's own number.
  integer: 'integer',
  number: 'integer primary key autoincrement',
  strict: ' strict',
};

/**
 * Opens tables in a file, made or migrated where they are not of this version. Any number of threads and processes may have it open;
 * `:memory:` lives as long as the connection.
 * @throws the definition's `Unusable`.
 */
export function openFile(path: string, definition: SchemaDefinition): Database.Database {
  const { what, Unusable } = definition;
  let connection: Database.Database | undefined;
  try {
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true)
      throw new Unusable(path, 'is a folder; name a file in it');
    connection = openConnection(path);
    migrate(connection, path, definition);
    return connection;
  } catch (error) {
    connection?.close();
    if (error instanceof Unusable) throw error;
    throw new Unusable(path, `cannot be used as ${what}: ${messageOf(error)}`, { cause: error });
  }
}

function migrate(
  connection: Database.Database,
  path: string,
  { what, letters, migrations, oldestFile, advice, Unusable }: SchemaDefinition,
): void {
  const own = Buffer.from(letters, 'ascii').readInt32BE();
  const all = migrations(DECLARATIONS);
  connection
    .transaction(() => {
      const application = connection.pragma('application_id', { simple: true });
      const version = connection.pragma('user_version', { simple: true }) as number;
      const tables = connection.prepare('select count(*) from sqlite_schema').pluck().get();
      const isNew = application === 0 && version === 0 && tables === 0;
      if (application !== own && !isNew) throw new Unusable(path, `is no ${what}`);
      if (version === all.length) return;
      if (version > all.length || (version < oldestFile && !isNew)) {
        throw new Unusable(path, `has schema ${version}, and this version reads ${all.length}${advice}`);
      }
      for (const schema of all.slice(version)) connection.exec(schema);
      connection.pragma(`application_id = ${own}`);
      connection.pragma(`user_version = ${all.length}`);
    })
    .immediate();
}

/** Opens the file, and makes it and its folder where they are missing; `:memory:` lives as long as the connection. */
export function openConnection(path: string): Database.Database {
  if (path !== ':memory:') {
    mkdirSync(dirname(path), { recursive: true });
    makePrivate(path);
  }
  const db = new Database(path, { timeout: BUSY_TIMEOUT_MS });
  try {
    waitingForLock(() => db.pragma('journal_mode = WAL'));
    // What a crash of the machine takes away is folded again from the log.
    db.pragma('synchronous = NORMAL');
    // Erased texts, and tables that a rebuild has replaced, leave nothing in the file's free pages.
    db.pragma('secure_delete = ON');
    db.pragma('temp_store = MEMORY');
    // Fewer, larger checkpoints: pages that are written again and again go to the file once.
    db.pragma(`wal_autocheckpoint = ${WAL_PAGES}`);
    db.pragma(`journal_size_limit = ${WAL_PAGES * PAGE_BYTES}`);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/**
 * It holds what is not for everyone; SQLite gives its log the same mode. One that is there is not opened: with any descriptor of
 * a file that a process closes, it loses the locks that SQLite holds on it (POSIX), and others take its log for abandoned.
 */
function makePrivate(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/** Turning to WAL answers SQLITE_BUSY at once while another process does the same; the timeout does not apply. */
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

/** Kysely on one connection to a file, which keeps its prepared statements, and takes the write lock before it reads. */
export class FileDialect extends SqliteDialect {
  readonly #connection: Database.Database;
  readonly #trouble: FileTrouble | null;

  /** @param trouble takes note of the damage that statements meet. */
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

/** A transaction that writes holds the file's one lock from its beginning: no row is locked besides. */
class LockFreeCompiler extends SqliteQueryCompiler {
  protected override visitSelectModifier(): void {
    // SQLite has no words for it.
  }
}

/**
 * A transaction that reads a bookmark and then writes must hold the lock from the beginning: one that begins
 * deferred reads a snapshot, and fails when another connection has written since. The lock is waited for without
 * holding up the thread: in it may run what holds the lock, and requests.
 */
class LockingDriver extends SqliteDriver {
  readonly #connection: Database.Database;

  constructor(connection: Database.Database, trouble: FileTrouble | null) {
    super({ database: keepingStatements(connection, trouble) });
    this.#connection = connection;
  }

  override async beginTransaction(_: DatabaseConnection, settings?: TransactionSettings): Promise<void> {
    // One whose rollback failed would keep every later transaction from its beginning.
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

  /** What went wrong is told, and not that SQLite has taken the transaction back itself, as it does on a full disk. */
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
  const statements = new Map<string, SqliteStatement>();
  const prepare = (text: string): SqliteStatement =>
    trouble === null ? database.prepare(text) : tellingDamage(database, text, trouble);
  return {
    close() {
      database.close();
    },
    prepare(text) {
      const statement = statements.get(text) ?? prepare(text);
      statements.delete(text);
      statements.set(text, statement);
      if (statements.size > STATEMENTS_KEPT) {
        const [oldest] = statements.keys();
        statements.delete(oldest as string);
      }
      return statement;
    },
  };
}

const DAMAGE = /^SQLITE_(?:CORRUPT|NOTADB)/;

/** A damaged file is told by its name, since its owner can do something about it. */
export function damageOf(error: unknown, path: string): unknown {
  if (!DAMAGE.test(sqliteCode(error))) return error;
  return new ReadModelsDamagedError(path, messageOf(error), { cause: error });
}

function tellingDamage(database: Database.Database, text: string, trouble: FileTrouble): SqliteStatement {
  const told = <Result>(ask: () => Result): Result => {
    try {
      return ask();
    } catch (error) {
      throw damageOf(error, database.name);
    }
  };
  const noted = <Result>(ask: () => Result, here: (() => unknown) | null): Result => {
    try {
      const result = told(ask);
      trouble.succeeded(text);
      return result;
    } catch (error) {
      trouble.met(text, error, here && { here });
      throw error;
    }
  };
  const statement = noted(
    () => database.prepare(text),
    () => told(() => database.prepare(text)),
  );
  return {
    reader: statement.reader,
    all: (parameters) => {
      const ask = () => statement.all(parameters);
      return noted(ask, statement.readonly ? () => told(ask) : null);
    },
    run: (parameters) => noted(() => runEach(statement, parameters), null),
    iterate: (parameters) => statement.iterate(parameters),
  };
}

/** Parameters that are lists are rows, and the statement is run once for each: SQLite itself takes no list. */
function runEach(statement: Database.Statement, parameters: readonly unknown[]): Database.RunResult {
  if (!Array.isArray(parameters[0])) return statement.run(parameters);
  let result: Database.RunResult = { changes: 0, lastInsertRowid: 0 };
  for (const row of parameters) result = statement.run(row);
  return result;
}

const TROUBLE = /^SQLITE_(?:BUSY|LOCKED|FULL|IOERR|NOMEM|READONLY|CANTOPEN)/;

/** Whether an error says that the database cannot write now, and nothing about what was to be written. */
export const isTrouble = (error: unknown): boolean =>
  error instanceof ReadModelsDamagedError || TROUBLE.test(sqliteCode(error));

const isBusy = (error: unknown): boolean => sqliteCode(error).startsWith('SQLITE_BUSY');

// Not by `instanceof`: better-sqlite3 throws the errors of the realm that loaded it first.
const sqliteCode = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? error.code
    : '';
