import type Database from 'better-sqlite3';
import { statSync } from 'node:fs';
import { ReadModelsDamagedError } from '../read-model-database.ts';

/** As many statements as are known to meet damage at once; there is then more to mend than to tell. */
const STATEMENTS_MAX = 20;

/** Reads again what could not be read: here, where that is short; or elsewhere, within limits. */
type Again = { readonly here: () => unknown } | { readonly elsewhere: () => Promise<unknown> };

interface Met {
  readonly error: ReadModelsDamagedError;
  /** Null for a statement that writes. */
  readonly again: Again | null;
}

/** What is known to be wrong with a file: what statements met, and whether it is still the one at its path. */
export class FileTrouble {
  readonly #db: Database.Database;
  readonly #opened: string | null;
  readonly #met = new Map<string, Met>();
  #isAskingElsewhere = false;

  constructor(db: Database.Database) {
    this.#db = db;
    this.#opened = db.memory ? null : fileIdentity(db.name);
  }

  /** Takes note that a statement met damage. */
  met(statement: string, error: unknown, again: Met['again']): void {
    if (!(error instanceof ReadModelsDamagedError)) return;
    if (this.#met.size < STATEMENTS_MAX) this.#met.set(statement, { error, again });
  }

  /** A statement succeeded: what it met before is mended. */
  succeeded(statement: string): void {
    if (this.#met.size > 0) this.#met.delete(statement);
  }

  /** The file that was opened; null for what lives in memory. */
  get opened(): string | null {
    return this.#opened;
  }

  /** What is wrong now: what was mended meanwhile, as by a rebuild, is forgotten. */
  now(): string | null {
    const moved = fileMoved(this.#db.name, this.#opened);
    if (moved !== null) return moved;
    for (const [statement, { error, again }] of this.#met) {
      if (again !== null && 'elsewhere' in again) this.#askElsewhere(statement, again.elsewhere);
      else if (again !== null && succeeds(again.here)) {
        this.#met.delete(statement);
        continue;
      }
      return error.message;
    }
    return null;
  }

  /** What it finds is known when it is asked for the next time; one at a time. */
  #askElsewhere(statement: string, ask: () => Promise<unknown>): void {
    if (this.#isAskingElsewhere) return;
    this.#isAskingElsewhere = true;
    void ask()
      .then(
        () => this.#met.delete(statement),
        (error: unknown) => saysNothing(error) && this.#met.delete(statement),
      )
      .finally(() => {
        this.#isAskingElsewhere = false;
      });
  }
}

function succeeds(again: () => unknown): boolean {
  try {
    again();
    return true;
  } catch (error) {
    // Any other error says nothing of damage: the tables may have been replaced.
    return !(error instanceof ReadModelsDamagedError);
  }
}

/** Whether a read was answered by SQLite, and with another error than damage; it may also have had no turn, or no time. */
const saysNothing = (error: unknown): boolean =>
  !(error instanceof ReadModelsDamagedError) &&
  error instanceof Error &&
  'code' in error &&
  String(error.code).startsWith('SQLITE_');

function fileIdentity(path: string): string | null {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found === undefined ? null : `${found.dev}/${found.ino}`;
}

/** What is wrong where another file is at a path than the one that was opened, or none; null where nothing is. */
export const fileMoved = (path: string, opened: string | null): string | null =>
  opened === null || fileIdentity(path) === opened
    ? null
    : `the file of the read models at ${path} was moved, deleted or replaced while it was open. ` +
      'Start the service again: it opens what is there now, and folds again what is missing';

/** Ends a transaction, if one is open, after something went wrong in it: what that was is told, also where this fails for the same reason. */
export function rollBack(connection: Database.Database): void {
  if (!connection.inTransaction) return;
  try {
    connection.exec('rollback');
  } catch {
    // It says less than what made it necessary.
  }
}
