import Database from 'better-sqlite3';
import { checkpointOfNote } from '#audit/tlog/checkpoint';
import type { Checkpoint } from '#audit/tlog/checkpoint';
import { messageOf } from '#event-sourcing/errors';
import { isThere, makeFile } from '../new-file.ts';

/** What a witness saw last of a log. */
export interface LastSeen extends Checkpoint {
  readonly note: string;
}

/** What a witness saw cannot be read, or is gone; the message names the file and says what helps. */
export class WitnessStateError extends Error {
  override readonly name = 'WitnessStateError';
  readonly code = 'witness-state-unusable';

  constructor(path: string, detail: string, options?: ErrorOptions) {
    super(
      `The witness's state ${path} ${detail}. A witness that forgot what it signed might sign another history: put the file back as it ` +
        'was, or begin as a witness of another name, with another key and another file',
      options,
    );
  }
}

const VERSION = 1;
const SCHEMA = `
  CREATE TABLE seen (origin TEXT PRIMARY KEY, note TEXT NOT NULL) STRICT;
  PRAGMA user_version = ${VERSION};
`;
/** How long one process waits for another on the same file. */
const WAIT_MS_MAX = 5_000;

/** The last checkpoint that a witness signed of each log, in a file; what is set is on the disk before anybody is told. */
export class WitnessState {
  readonly #path: string;
  readonly #db: Database.Database;

  private constructor(path: string, db: Database.Database) {
    this.#path = path;
    this.#db = db;
  }

  /**
   * @param isNew whether it may be made, where there is none.
   * @throws WitnessStateError
   */
  static async open(path: string, { isNew }: { readonly isNew: boolean }): Promise<WitnessState> {
    if (!(await isThere(path))) {
      if (!isNew) throw new WitnessStateError(path, 'is not there, though the key is');
      await makeFile(path, (aside) => {
        new Database(aside).exec(SCHEMA).close();
        return Promise.resolve();
      });
    }
    const db = new Database(path, { fileMustExist: true, timeout: WAIT_MS_MAX });
    try {
      db.pragma('synchronous = extra');
      const check = db.pragma('integrity_check', { simple: true });
      if (check !== 'ok') throw new Error(String(check));
      if (db.pragma('user_version', { simple: true }) !== VERSION) throw new Error('it holds no such state');
      return new WitnessState(path, db);
    } catch (error) {
      db.close();
      throw new WitnessStateError(path, `cannot be used: ${messageOf(error)}`, { cause: error });
    }
  }

  /**
   * Lets somebody decide by what was seen last of a log. Nobody else decides meanwhile, in any process; what is seen now is kept.
   * @param decide gives the note that was seen, or null where nothing is to be kept.
   * @throws WitnessStateError where it cannot be kept.
   */
  update<Decided extends { readonly seen: string | null }>(
    origin: string,
    decide: (last: LastSeen | null) => Decided,
  ): Decided {
    try {
      return this.#db
        .transaction(() => {
          const decided = decide(this.#lastOf(origin));
          if (decided.seen !== null)
            this.#db.prepare('INSERT OR REPLACE INTO seen VALUES (?, ?)').run(origin, decided.seen);
          return decided;
        })
        .immediate();
    } catch (error) {
      throw new WitnessStateError(this.#path, `cannot be used: ${(error as Error).message}`, {
        cause: error,
      });
    }
  }

  #lastOf(origin: string): LastSeen | null {
    const note = this.#db
      .prepare<[string], string>('SELECT note FROM seen WHERE origin = ?')
      .pluck()
      .get(origin);
    return note === undefined ? null : { ...checkpointOfNote(note), note };
  }

  close(): void {
    this.#db.close();
  }
}
