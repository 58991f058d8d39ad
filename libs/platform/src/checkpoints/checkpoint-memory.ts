import Database from 'better-sqlite3';
import { closeSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { systemClock } from '#event-sourcing/clock';
import { systemRandom } from '#event-sourcing/random';
import { rollBack } from '#projections/sqlite/file-trouble';
import { CheckpointRefusedError } from '#use-cases/audit/compare-log';
import type { Remembered, SignerMemory } from '#use-cases/audit/make-checkpoint';

/** The path of a memory that ends with the process: for a log in memory, which ends too. */
export const IN_MEMORY = ':memory:';

/** How long a process waits for another one that is signing, in milliseconds. */
const WAIT_MS_MAX = 10_000;
/** How long a process waits for another one that creates or writes the file, in milliseconds. */
const FILE_MS_MAX = 1_000;
/** The polling interval while waiting. */
const LOOK_MS = 20;
const VERSION = 3;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS log (one INTEGER PRIMARY KEY CHECK (one = 1), origin TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS signed (
    origin TEXT PRIMARY KEY,
    store TEXT NOT NULL,
    size TEXT NOT NULL,
    root BLOB NOT NULL,
    last_stream TEXT NOT NULL,
    last_version INTEGER NOT NULL,
    last_hash TEXT NOT NULL,
    compared_tile INTEGER NOT NULL,
    compared_at INTEGER NOT NULL
  ) STRICT;
  PRAGMA user_version = ${VERSION};
`;

interface SignedRow {
  readonly store: string;
  readonly size: string;
  readonly root: Buffer;
  readonly last_stream: string;
  readonly last_version: number;
  readonly last_hash: string;
  readonly compared_tile: number;
  readonly compared_at: number;
}

/** A signer's memory, in a small file beside its key. It is not in the store, so that restoring the store does not reset it. */
export class CheckpointMemory {
  readonly #path: string;
  #db: Database.Database;
  /** The open file's inode, because another file may replace it. */
  #inode: number;
  /** Runs this process's updates one by one. */
  #turn: Promise<unknown> = Promise.resolve();

  /** Opens the memory. @throws CheckpointRefusedError if the file cannot be used */
  constructor(path: string) {
    this.#path = path;
    this.#db = this.#using(() => openFile(path));
    this.#inode = this.#inodeNow();
  }

  /** Returns the log's origin if no setting names it: generated once and stored. @throws CheckpointRefusedError */
  origin(): string {
    return this.#using(() => {
      const query = this.#db.prepare<[], string>('SELECT origin FROM log').pluck();
      // Reading does not wait for a signer.
      const origin = query.get();
      if (origin !== undefined) return origin;
      this.#db
        .prepare('INSERT INTO log (one, origin) VALUES (1, ?) ON CONFLICT DO NOTHING')
        .run(`docket.invalid/${systemRandom.bytes(8).toString('hex')}`);
      return query.get() as string;
    });
  }

  /** Returns what is remembered of a log. @throws CheckpointRefusedError */
  read(origin: string): Remembered | null {
    return this.#using(() => {
      this.#openOther();
      return this.#get(origin);
    });
  }

  /** Returns the memory of one log, for all keys, so that reverting to an older key loses nothing. */
  of(origin: string): SignerMemory {
    return {
      read: () => this.read(origin),
      update: (decide) =>
        this.#inTurn(async () => {
          const next = await decide(this.#using(() => this.#get(origin)));
          this.#using(() => {
            this.#set(origin, next);
          });
          return next;
        }),
    };
  }

  /** Runs an action while no other update runs, in any process. If it throws, the memory stays unchanged. */
  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const update = this.#turn.then(async () => {
      this.#using(() => {
        this.#openOther();
      });
      await this.#begin();
      try {
        const result = await work();
        this.#using(() => this.#db.exec('COMMIT'));
        return result;
      } catch (error) {
        rollBack(this.#db);
        throw error;
      }
    });
    this.#turn = update.catch(() => undefined);
    return update;
  }

  /** Opens the file at the path if the open one was deleted or replaced. */
  #openOther(): void {
    if (this.#inodeNow() === this.#inode) return;
    this.#db.close();
    this.#db = openFile(this.#path);
    this.#inode = this.#inodeNow();
  }

  #inodeNow(): number {
    return statSync(this.#path, { throwIfNoEntry: false })?.ino ?? 0;
  }

  /** Polls for the lock, because SQLite's own waiting would block the process. */
  async #begin(): Promise<void> {
    const until = systemClock.elapsed() + WAIT_MS_MAX;
    while (!this.#using(() => this.#hasBegun(systemClock.elapsed() < until)))
      await systemClock.sleep(LOOK_MS);
  }

  #hasBegun(mayWait: boolean): boolean {
    this.#db.pragma('busy_timeout = 0');
    try {
      this.#db.exec('BEGIN IMMEDIATE');
      return true;
    } catch (error) {
      if (mayWait && (error as { code?: string }).code === 'SQLITE_BUSY') return false;
      throw error;
    } finally {
      this.#db.pragma(`busy_timeout = ${FILE_MS_MAX}`);
    }
  }

  /** Converts errors of the file into a refusal to sign. */
  #using<Result>(work: () => Result): Result {
    try {
      return work();
    } catch (error) {
      throw new CheckpointRefusedError(
        `the signer's memory ${this.#path} cannot be used: ${(error as Error).message}. Restore a copy of it if that is the newest. Without a copy, ` +
          'set DOCKET_LOG_ORIGIN to the origin that the log was signed under, and run docket checkpoint --adopt REASON',
        { cause: error },
      );
    }
  }

  #get(origin: string): Remembered | null {
    const row = this.#db.prepare<[string], SignedRow>('SELECT * FROM signed WHERE origin = ?').get(origin);
    if (row === undefined) return null;
    const last = { streamId: row.last_stream, version: row.last_version, hash: row.last_hash };
    const compared = { tile: row.compared_tile, at: row.compared_at };
    return { size: BigInt(row.size), root: row.root, store: row.store, last, compared };
  }

  #set(origin: string, { store, size, root, last, compared }: Remembered): void {
    this.#db
      .prepare('INSERT OR REPLACE INTO signed VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)')
      .run(
        ...[origin, store, String(size), root, last.streamId, last.version, last.hash],
        ...[compared.tile, compared.at],
      );
  }

  close(): void {
    this.#db.close();
  }
}

function openFile(path: string): Database.Database {
  if (path !== IN_MEMORY) {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    // Created readable only by its owner.
    closeSync(openSync(path, 'a', 0o600));
  }
  const db = new Database(path, { timeout: FILE_MS_MAX });
  try {
    // The memory must be on disk before a signature is published.
    db.pragma('synchronous = full');
    const version = db.pragma('user_version', { simple: true });
    if (version !== 0 && version !== VERSION)
      throw new Error('it was written by a different version of Docket, or by a different program');
    if (version === 0) db.exec(SCHEMA);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}
