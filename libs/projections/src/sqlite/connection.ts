import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { CompiledQuery, SqliteDialect, SqliteDriver } from 'kysely';
import type { DatabaseConnection, SqliteDatabase, SqliteStatement, TransactionSettings } from 'kysely';

/** How long a connection waits for another's lock. */
const BUSY_TIMEOUT_MS = 5_000;
const STATEMENTS_KEPT = 500;
const WAL_PAGES = 4_000;
const PAGE_BYTES = 4_096;

/** Opens the file, and makes it and its folder where they are missing; `:memory:` lives as long as the connection. */
export function openConnection(path: string): Database.Database {
  if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true });
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

/** Turning to WAL answers SQLITE_BUSY at once while another process does the same; the timeout does not apply. */
function waitingForLock(action: () => void): void {
  const until = Date.now() + BUSY_TIMEOUT_MS;
  for (;;) {
    try {
      action();
      return;
    } catch (error) {
      if (!isSqliteError(error, 'SQLITE_BUSY') || Date.now() > until) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    }
  }
}

/** Kysely on one connection that keeps its prepared statements, and takes the write lock before it reads. */
export class ReadModelDialect extends SqliteDialect {
  readonly #database: SqliteDatabase;

  constructor(database: Database.Database) {
    super({ database });
    this.#database = keepingStatements(database);
  }

  override createDriver(): SqliteDriver {
    return new LockingDriver({ database: this.#database });
  }
}

/**
 * A transaction that reads a checkpoint and then writes must hold the lock from the beginning: one that begins
 * deferred reads a snapshot, and fails when another process has written since.
 */
class LockingDriver extends SqliteDriver {
  override async beginTransaction(
    connection: DatabaseConnection,
    settings?: TransactionSettings,
  ): Promise<void> {
    const begin = settings?.accessMode === 'read only' ? 'begin' : 'begin immediate';
    await connection.executeQuery(CompiledQuery.raw(begin));
  }
}

function keepingStatements(database: Database.Database): SqliteDatabase {
  const statements = new Map<string, SqliteStatement>();
  return {
    close() {
      database.close();
    },
    prepare(text) {
      const statement = statements.get(text) ?? database.prepare(text);
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

const TROUBLE = /^SQLITE_(?:BUSY|LOCKED|FULL|IOERR|NOMEM|READONLY|CANTOPEN)/;

/** Whether an error says that the database cannot write now, and nothing about what was to be written. */
export const isTrouble = (error: unknown): boolean => TROUBLE.test(sqliteCode(error));

const isSqliteError = (error: unknown, code: string): boolean => sqliteCode(error).startsWith(code);

const sqliteCode = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
