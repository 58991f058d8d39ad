import type Database from 'better-sqlite3';
import { statSync } from 'node:fs';
import { ReadModelsDamagedError } from '../read-model-database.ts';

/** The known faults of an open file: corruption that a statement found, and another file at its path. */
export class FileTrouble {
  readonly #path: string;
  /** The identity of the opened file; null for a database in memory. */
  readonly opened: string | null;
  #damage: ReadModelsDamagedError | null = null;

  constructor(db: Database.Database) {
    this.#path = db.name;
    this.opened = db.memory ? null : fileIdentity(db.name);
  }

  /** Records corruption. It stays known while the file is open: what replaces a damaged file is another one. */
  record(error: unknown): void {
    if (error instanceof ReadModelsDamagedError) this.#damage ??= error;
  }

  /** Returns the known fault; null if there is none. */
  current(): string | null {
    return fileMoved(this.#path, this.opened) ?? this.#damage?.message ?? null;
  }
}

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
