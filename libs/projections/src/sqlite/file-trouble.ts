import type Database from 'better-sqlite3';
import { statSync } from 'node:fs';
import { ReadModelsDamagedError } from '../read-model-database.ts';

/** The most statements for which damage is recorded; more would add nothing. */
const STATEMENTS_MAX = 20;

/** Repeats a failed read: `here` if it is short, otherwise `elsewhere`, on another thread within limits. */
type Retry = { readonly here: () => unknown } | { readonly elsewhere: () => Promise<unknown> };

interface Fault {
  readonly error: ReadModelsDamagedError;
  /** The repetition; null for a statement that writes. */
  readonly again: Retry | null;
}

/** The known faults of a file: corruption that statements encountered, and whether another file is at its path. */
export class FileTrouble {
  readonly #db: Database.Database;
  readonly #opened: string | null;
  readonly #faults = new Map<string, Fault>();
  #isRetrying = false;

  constructor(db: Database.Database) {
    this.#db = db;
    this.#opened = db.memory ? null : fileIdentity(db.name);
  }

  /** Records that a statement encountered corruption. */
  recordDamage(statement: string, error: unknown, again: Fault['again']): void {
    if (!(error instanceof ReadModelsDamagedError)) return;
    if (this.#faults.size < STATEMENTS_MAX) this.#faults.set(statement, { error, again });
  }

  /** Records that a statement succeeded, which clears its fault. */
  recordSuccess(statement: string): void {
    if (this.#faults.size > 0) this.#faults.delete(statement);
  }

  /** The identity of the opened file; null for a database in memory. */
  get opened(): string | null {
    return this.#opened;
  }

  /** Returns the current fault; null if there is none, or a rebuild, for example, has repaired it. */
  current(): string | null {
    const moved = fileMoved(this.#db.name, this.#opened);
    if (moved !== null) return moved;
    for (const [statement, { error, again }] of this.#faults) {
      if (again !== null && 'elsewhere' in again) this.#retryElsewhere(statement, again.elsewhere);
      else if (again !== null && succeeds(again.here)) {
        this.#faults.delete(statement);
        continue;
      }
      return error.message;
    }
    return null;
  }

  /** Retries one statement at a time. The next call uses the result. */
  #retryElsewhere(statement: string, read: () => Promise<unknown>): void {
    if (this.#isRetrying) return;
    this.#isRetrying = true;
    void read()
      .then(
        () => this.#faults.delete(statement),
        (error: unknown) => isInconclusive(error) && this.#faults.delete(statement),
      )
      .finally(() => {
        this.#isRetrying = false;
      });
  }
}

function succeeds(again: () => unknown): boolean {
  try {
    again();
    return true;
  } catch (error) {
    // Other errors are no sign of corruption: the tables may have been replaced.
    return !(error instanceof ReadModelsDamagedError);
  }
}

/** Returns whether an error says nothing about corruption, as that of a read without a turn or out of time. */
const isInconclusive = (error: unknown): boolean =>
  !(error instanceof ReadModelsDamagedError) &&
  error instanceof Error &&
  'code' in error &&
  String(error.code).startsWith('SQLITE_');

function fileIdentity(path: string): string | null {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found === undefined ? null : `${found.dev}/${found.ino}`;
}

/** Returns a message if another file or none is at the path of the opened one; null if it is the same. */
export const fileMoved = (path: string, opened: string | null): string | null =>
  opened === null || fileIdentity(path) === opened
    ? null
    : `the file of the read models at ${path} was moved, deleted or replaced while it was open. ` +
      'Restart the service: it opens the file at the path, and folds what is missing from the log';

/**
 * Rolls back an open transaction after an error. Ignores a failure of the rollback, so that the first error is
 * reported.
 */
export function rollBack(connection: Database.Database): void {
  if (!connection.inTransaction) return;
  try {
    connection.exec('rollback');
  } catch {
    // The first error is reported.
  }
}
