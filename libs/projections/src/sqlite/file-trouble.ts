import type Database from 'better-sqlite3';
import { statSync } from 'node:fs';
import { ReadModelsDamagedError } from '../read-model-database.ts';

/** As many statements as are known to meet damage at once; there is then more to mend than to tell. */
const STATEMENTS_MAX = 20;

interface Met {
  readonly error: ReadModelsDamagedError;
  /** Reads again what could not be read; null for a statement that writes. */
  readonly again: (() => unknown) | null;
}

/** What is known to be wrong with a file: what statements met, and whether it is still the one at its path. */
export class FileTrouble {
  readonly #db: Database.Database;
  readonly #opened: string | null;
  readonly #met = new Map<string, Met>();

  constructor(db: Database.Database) {
    this.#db = db;
    this.#opened = identityOf(db);
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

  /** What is wrong now: what was mended meanwhile, as by a rebuild, is forgotten. */
  now(): string | null {
    if (identityOf(this.#db) !== this.#opened)
      return (
        `the file of the read models at ${this.#db.name} was moved, deleted or replaced while it was open. ` +
        'Start the service again: it opens what is there now, and folds again what is missing'
      );
    for (const [statement, { error, again }] of this.#met) {
      if (again === null || !succeeds(again)) return error.message;
      this.#met.delete(statement);
    }
    return null;
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

function identityOf(db: Database.Database): string | null {
  if (db.memory) return null;
  const found = statSync(db.name, { bigint: true, throwIfNoEntry: false });
  return found === undefined ? null : `${found.dev}/${found.ino}`;
}
