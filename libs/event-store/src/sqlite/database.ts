import { accessSync, closeSync, constants, openSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { getSystemErrorMessage } from 'node:util';
import Database from 'better-sqlite3';
import { messageOf, StoreMissingError, StoreUnavailableError } from '#event-sourcing/errors';
import { isFolderUnwritable, openCopyInMemory } from './unwritable-folder.ts';

/** `DOCK` in ASCII, the application id in the header of the file. */
export const APPLICATION_ID = 0x444f434b;
const SCHEMA_VERSION = 3;

/** The time for which a connection waits for another process's lock, in milliseconds. */
export const BUSY_TIMEOUT_MS = 5_000;

// `envelope` is the sealed event; the other columns serve indexes. `command_id` is set only for commands with an
// Idempotency-Key: an index of random ids for every event would halve the rate of appends.
const SCHEMA = `
  CREATE TABLE streams (
    id INTEGER PRIMARY KEY,
    stream_id TEXT NOT NULL UNIQUE
  ) STRICT;
  CREATE TABLE events (
    position INTEGER PRIMARY KEY,
    stream INTEGER NOT NULL REFERENCES streams (id),
    version INTEGER NOT NULL,
    command_id TEXT,
    envelope TEXT NOT NULL,
    UNIQUE (stream, version)
  ) STRICT;
  CREATE INDEX events_by_command ON events (command_id) WHERE command_id IS NOT NULL;
  -- Where the log tells of redactions.
  CREATE TABLE redactions (
    position INTEGER PRIMARY KEY REFERENCES events (position)
  ) STRICT;
`;

/** Returns the tables and indexes of a file with the SQL that created them. */
export const schemaObjects = (db: Database.Database): Map<string, string | null> =>
  new Map(
    db.prepare<[], [string, string | null]>("SELECT type || ' ' || name, sql FROM sqlite_schema").raw().all(),
  );

/** Returns the tables and indexes that a store's file must have. */
export function schemaOfStores(): Map<string, string | null> {
  const db = new Database(':memory:');
  try {
    db.exec(SCHEMA);
    return schemaObjects(db);
  } finally {
    db.close();
  }
}

/**
 * Opens the reading connection, and first creates a missing file if `create` is true.
 * @throws StoreMissingError
 * @throws StoreUnavailableError for a file that is not a store of this version.
 */
export function openReader(path: string, create: boolean): Database.Database {
  const size = sizeOf(path);
  if (size === undefined && !create)
    throw new StoreMissingError(`there is no event store at ${resolve(path)}`);
  if (size === 0 && !create) {
    throw new StoreUnavailableError(
      `${path} is empty (0 bytes), so it contains no event store. If it contained one, its content is lost: move the file away and restore a backup (docket restore). Otherwise start the server or run docket import, which create a store in it`,
    );
  }
  return describingErrors(path, () => {
    if (create && (size === undefined || size === 0 || isBlank(path))) createDatabase(path);
    const db = new Database(path, { readonly: true, fileMustExist: true, timeout: BUSY_TIMEOUT_MS });
    return closedOnError(db, () => {
      assertSchema(db, path);
    });
  });
}

/**
 * Opens a read-only connection, even if no file can be created beside the file.
 * @throws as `openReader`.
 */
export function openForReading(path: string): Database.Database {
  try {
    return openReader(path, false);
  } catch (error) {
    if (!CANNOT_MAKE_LOG.test(sqliteCode((error as Error).cause) ?? '') || !isFolderUnwritable(path))
      throw error;
    return describingErrors(path, () => {
      const db = withFileErrors(path, () => openCopyInMemory(path));
      return closedOnError(db, () => {
        assertSchema(db, path);
      });
    });
  }
}

/** Matches SQLite's codes if it can create neither the WAL nor its index beside a file. */
const CANNOT_MAKE_LOG = /^SQLITE_(?:CANTOPEN|READONLY)/;

/** Returns the size of a file; undefined if it does not exist. */
function sizeOf(path: string): number | undefined {
  const found = withFileErrors(path, () => statSync(path, { throwIfNoEntry: false }));
  if (found?.isDirectory() === true) {
    throw new StoreUnavailableError(
      `${path} is a folder. Use the path of a file in it, such as ${join(path, 'docket.sqlite')}`,
    );
  }
  return found?.size;
}

/**
 * Runs a system call on the file.
 * @throws StoreUnavailableError that names the file if the call fails.
 */
function withFileErrors<T>(path: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    const { code, errno } = error as NodeJS.ErrnoException;
    if (code === undefined || errno === undefined) throw error;
    throw new StoreUnavailableError(
      `${path} cannot be used: ${getSystemErrorMessage(errno)} (${code}). Make sure that this user can read and write the file and its folder, or use a path in another folder`,
      { cause: error },
    );
  }
}

/** Returns whether the database is empty: another process may be about to create the store in it. */
function isBlank(path: string): boolean {
  const db = new Database(path, { readonly: true, fileMustExist: true, timeout: BUSY_TIMEOUT_MS });
  try {
    const marks = [
      db.pragma('application_id', { simple: true }),
      db.pragma('user_version', { simple: true }),
    ];
    const tables = db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get();
    return marks.every((mark) => mark === 0) && tables === 0;
  } finally {
    db.close();
  }
}

/** Opens the process's only writing connection. It uses a WAL, and every commit is on disk before it returns. */
export function openWriter(path: string): Database.Database {
  return describingErrors(path, () => {
    // SQLite would open a read-only file, and fail only at the first append.
    withFileErrors(path, () => {
      accessSync(path, constants.W_OK);
    });
    const db = new Database(path, { fileMustExist: true, timeout: BUSY_TIMEOUT_MS });
    return closedOnError(db, () => {
      assertSchema(db, path);
      db.pragma('synchronous = FULL');
      // Freed bytes are also zeroed when a page splits, so that no copy of an erased text remains in a page's free
      // space.
      db.pragma('secure_delete = ON');
      // The writer checkpoints after it has answered, and not within a commit for which callers wait.
      db.pragma('wal_autocheckpoint = 0');
      db.pragma(`journal_size_limit = ${WAL_BYTES_KEPT}`);
      assertPragma(db, path, 'journal_mode', 'wal');
      assertPragma(db, path, 'synchronous', SYNCHRONOUS_FULL);
      assertPragma(db, path, 'secure_delete', 1);
    });
  });
}

const SYNCHRONOUS_FULL = 2;
/** The size to which the WAL file is truncated after a reset. */
const WAL_BYTES_KEPT = 64 * 1024 * 1024;

/**
 * Makes the file private, because it will contain confidential data; SQLite uses its mode for the WAL. An existing file
 * is not opened: closing any descriptor of a file releases SQLite's locks on it (POSIX), and another process would
 * treat its WAL as abandoned.
 */
function makePrivate(path: string): void {
  withFileErrors(path, () => {
    try {
      closeSync(openSync(path, 'wx', 0o600));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  });
}

export function createDatabase(path: string): void {
  makePrivate(path);
  const db = new Database(path, { timeout: BUSY_TIMEOUT_MS });
  try {
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = FULL');
    db.transaction(() => {
      // Another process may have created the tables.
      if (db.pragma('user_version', { simple: true }) !== 0) return;
      db.exec(SCHEMA);
      db.pragma(`application_id = ${APPLICATION_ID}`);
      db.pragma(`user_version = ${SCHEMA_VERSION}`);
    }).immediate();
  } finally {
    db.close();
  }
}

function assertSchema(db: Database.Database, path: string): void {
  const version = db.pragma('user_version', { simple: true }) as number;
  if (db.pragma('application_id', { simple: true }) !== APPLICATION_ID) {
    throw new StoreUnavailableError(`${path} is a SQLite file of another application, not an event store`);
  }
  if (version !== SCHEMA_VERSION)
    throw new StoreUnavailableError(
      `${path} was created by another build of Docket: its schema is ${version}, and this build reads ${SCHEMA_VERSION}; use that build`,
    );
  if ((db.pragma('table_info(events)') as unknown[]).length === 0)
    throw new StoreUnavailableError(`${path} has lost its tables; restore a backup`);
}

function assertPragma(db: Database.Database, path: string, name: string, expected: string | number): void {
  const actual = db.pragma(name, { simple: true });
  if (actual === expected) return;
  throw new StoreUnavailableError(`${path}: ${name} is ${String(actual)}, and must be ${expected}`);
}

function closedOnError(db: Database.Database, check: () => void): Database.Database {
  try {
    check();
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Returns SQLite's code of an error; undefined for other errors. `instanceof` fails across threads and realms. */
export function sqliteCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  if (typeof error.code !== 'string') return undefined;
  return error.code.startsWith('SQLITE_') ? error.code : undefined;
}

/** Clearer messages for some codes of SQLite. */
const REASONS: Readonly<Record<string, string>> = {
  SQLITE_NOTADB: 'it is not a SQLite database',
  SQLITE_CANTOPEN:
    'unable to open database file; its folder must be writable and have free space, since SQLite writes a log beside it',
};

/**
 * Runs a function on the file.
 * @throws StoreUnavailableError that names the file for errors of SQLite.
 */
function describingErrors<T>(path: string, use: () => T): T {
  try {
    return use();
  } catch (error) {
    const code = sqliteCode(error);
    if (code === undefined && !(error instanceof TypeError)) throw error;
    const message = messageOf(error);
    const reason = REASONS[code ?? ''] ?? (code === undefined ? message : `${message} (${code})`);
    throw new StoreUnavailableError(`${path} cannot be used: ${reason}`, { cause: error });
  }
}
