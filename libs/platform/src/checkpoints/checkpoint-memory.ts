import Database from 'better-sqlite3';
import { randomBytes } from 'node:crypto';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Remembered, SignerMemory } from '#use-cases/audit/make-checkpoint';

/** What is remembered is gone with the process: for a log that is, too. */
export const IN_MEMORY = ':memory:';

/** How long one process waits for another that signs, in milliseconds. */
const WAIT_MS_MAX = 30_000;
/** How long it waits at its start for one that makes the file. */
const OPEN_MS_MAX = 1_000;
/** How often it looks whether the other one has ended. */
const LOOK_MS = 20;
const VERSION = 2;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS log (one INTEGER PRIMARY KEY CHECK (one = 1), origin TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS signed (
    origin TEXT PRIMARY KEY,
    store TEXT NOT NULL,
    size TEXT NOT NULL,
    root BLOB NOT NULL,
    last_stream TEXT NOT NULL,
    last_version INTEGER NOT NULL,
    last_hash TEXT NOT NULL
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
}

/** What a signer remembers, in a small file beside its key: it is no part of the store, so that a store that was put back does not take it back. */
export class CheckpointMemory {
  readonly #db: Database.Database;
  /** Updates of this process, one after the other. */
  #turn: Promise<unknown> = Promise.resolve();

  /** @throws Error where the file cannot be used. */
  constructor(path: string) {
    if (path !== IN_MEMORY) {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      // What it is made with is for its owner alone.
      closeSync(openSync(path, 'a', 0o600));
    }
    this.#db = new Database(path, { timeout: OPEN_MS_MAX });
    try {
      // What is remembered is on the disk before a signature leaves.
      this.#db.pragma('synchronous = full');
      const version = this.#db.pragma('user_version', { simple: true });
      if (version !== 0 && version !== VERSION)
        throw new Error('it is of another version of Docket, or something else');
      if (version === 0) this.#db.exec(SCHEMA);
      this.#db.pragma('busy_timeout = 0');
    } catch (error) {
      this.#db.close();
      throw new Error(
        `The signer's memory ${path} cannot be used: ${(error as Error).message}. Put back one that was kept. Without any, set ` +
          'DOCKET_LOG_ORIGIN to the name that the log was signed under, and go on with docket checkpoint --adopt',
        { cause: error },
      );
    }
  }

  /** Which log is signed here, where no setting says it: made once, and kept. */
  origin(): string {
    const kept = this.#db.prepare<[], string>('SELECT origin FROM log').pluck();
    this.#db
      .prepare('INSERT INTO log (one, origin) VALUES (1, ?) ON CONFLICT DO NOTHING')
      .run(`docket.invalid/${randomBytes(8).toString('hex')}`);
    return kept.get() as string;
  }

  /** Signs another log from now on. */
  setOrigin(origin: string): void {
    this.#db
      .prepare(
        'INSERT INTO log (one, origin) VALUES (1, ?) ON CONFLICT DO UPDATE SET origin = excluded.origin',
      )
      .run(origin);
  }

  /** What is remembered of one log, under whatever key it was signed: who goes back to an older one is not to know less. */
  of(origin: string): SignerMemory {
    return {
      update: (decide) => {
        const updated = this.#turn.then(() => this.#update(origin, decide));
        this.#turn = updated.catch(() => undefined);
        return updated;
      },
    };
  }

  async #update(origin: string, decide: Parameters<SignerMemory['update']>[0]): Promise<Remembered> {
    await this.#begin();
    try {
      const next = await decide(this.#get(origin));
      this.#set(origin, next);
      this.#db.exec('COMMIT');
      return next;
    } catch (error) {
      this.#db.exec('ROLLBACK');
      throw error;
    }
  }

  /** Waits for its turn, and keeps nobody else waiting: SQLite's own waiting would hold up the whole process. */
  async #begin(): Promise<void> {
    const since = performance.now();
    for (;;) {
      try {
        this.#db.exec('BEGIN IMMEDIATE');
        return;
      } catch (error) {
        const isOthersTurn = (error as { code?: string }).code === 'SQLITE_BUSY';
        if (!isOthersTurn || performance.now() - since > WAIT_MS_MAX) throw error;
      }
      await setTimeout(LOOK_MS);
    }
  }

  #get(origin: string): Remembered | null {
    const row = this.#db.prepare<[string], SignedRow>('SELECT * FROM signed WHERE origin = ?').get(origin);
    if (row === undefined) return null;
    const last = { streamId: row.last_stream, version: row.last_version, hash: row.last_hash };
    return { size: BigInt(row.size), root: row.root, store: row.store, last };
  }

  #set(origin: string, { store, size, root, last }: Remembered): void {
    this.#db
      .prepare('INSERT OR REPLACE INTO signed VALUES (?, ?, ?, ?, ?, ?, ?)')
      .run(origin, store, String(size), root, last.streamId, last.version, last.hash);
  }

  close(): void {
    this.#db.close();
  }
}
