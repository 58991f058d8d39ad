import Database from 'better-sqlite3';
import { checkpointOfNote } from '#audit/tlog/checkpoint';
import { messageOf } from '#event-sourcing/errors';
import type { ExaminerMemory, LastSeen, Pin, ToKeep } from '#use-cases/audit/examine-log';
import { isThere, makeFile } from '../new-file.ts';

/** The owner of a state: a witness signs extensions; an examiner signs logs that it verified as a whole. */
type Cosigner = 'witness' | 'examiner';

/** A cosigner's state is lost or cannot be read. The message names the file and the remedy. */
class CosignerStateError extends Error {
  override readonly name = 'CosignerStateError';
  readonly code = 'cosigner-state-unusable';

  constructor(of: Cosigner, path: string, detail: string, options?: ErrorOptions) {
    const file = of === 'witness' ? 'witness’s state' : 'examiner’s memory';
    super(
      `The ${file} ${path} ${detail}. ${of === 'witness' ? 'A witness' : 'An examiner'} without its state might sign a conflicting history: ` +
        `restore the file, or start ${of === 'witness' ? 'a witness' : 'an examiner'} with a different name, a different key and a different file`,
      options,
    );
  }
}

/** The versions differ, so that no cosigner continues with a file of the other kind. */
const VERSIONS: Readonly<Record<Cosigner, number>> = { witness: 1, examiner: 2 };
const SCHEMAS: Readonly<Record<Cosigner, string>> = {
  witness: 'CREATE TABLE seen (origin TEXT PRIMARY KEY, note TEXT NOT NULL) STRICT;',
  examiner: `
    CREATE TABLE seen (origin TEXT PRIMARY KEY, note TEXT NOT NULL) STRICT;
    CREATE TABLE pinned (kind TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (kind, value)) STRICT;
  `,
};
/** How long a process waits for another one on the same file, in milliseconds. */
const WAIT_MS_MAX = 5_000;

/** The last checkpoint of each log that a cosigner signed, in a file. A change is on disk before `update` returns. */
export class CosignerState implements ExaminerMemory {
  readonly #of: Cosigner;
  readonly #path: string;
  readonly #db: Database.Database;

  private constructor(of: Cosigner, path: string, db: Database.Database) {
    this.#of = of;
    this.#path = path;
    this.#db = db;
  }

  /**
   * Opens the state.
   * @param isNew whether it may be created
   * @throws CosignerStateError
   */
  static async open(
    path: string,
    { of, isNew }: { readonly of: Cosigner; readonly isNew: boolean },
  ): Promise<CosignerState> {
    const version = VERSIONS[of];
    if (!(await isThere(path))) {
      if (!isNew) throw new CosignerStateError(of, path, 'is missing, although the key exists');
      await makeFile(path, (aside) => {
        new Database(aside).exec(`${SCHEMAS[of]} PRAGMA user_version = ${version};`).close();
        return Promise.resolve();
      });
    }
    const db = new Database(path, { fileMustExist: true, timeout: WAIT_MS_MAX });
    try {
      db.pragma('synchronous = extra');
      const check = db.pragma('integrity_check', { simple: true });
      if (check !== 'ok') throw new Error(String(check));
      if (db.pragma('user_version', { simple: true }) !== version)
        throw new Error('it contains no such state');
      return new CosignerState(of, path, db);
    } catch (error) {
      db.close();
      throw new CosignerStateError(of, path, `cannot be used: ${messageOf(error)}`, { cause: error });
    }
  }

  /**
   * Stores what `decide` returns for the last signed checkpoint of a log, exclusively across processes.
   * @param decide returns the note to store, or null
   * @throws CosignerStateError if it cannot be stored
   */
  update<Decided extends ToKeep>(origin: string, decide: (last: LastSeen | null) => Decided): Decided {
    return this.#using(() =>
      this.#db
        .transaction(() => {
          const decided = decide(this.last(origin));
          if (decided.seen !== null)
            this.#db.prepare('INSERT OR REPLACE INTO seen VALUES (?, ?)').run(origin, decided.seen);
          for (const { kind, value } of decided.pins ?? [])
            this.#db.prepare('INSERT OR IGNORE INTO pinned VALUES (?, ?)').run(kind, value);
          return decided;
        })
        .immediate(),
    );
  }

  /** Returns the last signed checkpoint of a log. @throws CosignerStateError */
  last(origin: string): LastSeen | null {
    const notes = this.#db.prepare<[string], string>('SELECT note FROM seen WHERE origin = ?').pluck();
    return this.#using(() => {
      const note = notes.get(origin);
      return note === undefined ? null : { ...checkpointOfNote(note), note };
    });
  }

  /** Returns the examiner's pins of a kind. */
  pinned(kind: Pin['kind']): string[] {
    const values = this.#db.prepare<[string], string>('SELECT value FROM pinned WHERE kind = ?').pluck();
    return this.#using(() => values.all(kind));
  }

  #using<Result>(work: () => Result): Result {
    try {
      return work();
    } catch (error) {
      if (error instanceof CosignerStateError) throw error;
      throw new CosignerStateError(this.#of, this.#path, `cannot be used: ${messageOf(error)}`, {
        cause: error,
      });
    }
  }

  close(): void {
    this.#db.close();
  }
}
