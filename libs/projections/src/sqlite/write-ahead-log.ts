import { statSync } from 'node:fs';
import type Database from 'better-sqlite3';
import type { Kysely } from 'kysely';
import { systemClock } from '#event-sourcing/clock';
import type { SetTables } from '../operational-tables.ts';
import { BUSY_TIMEOUT_MS } from './connection.ts';

/** The size of the log at which reads pause so that it can be truncated. */
export const LOG_BYTES_MAX = 64 * 2 ** 20;
/**
 * The number and interval of attempts between reads, because another connection may be writing for some milliseconds.
 */
const TRIES = { most: 10, pauseMs: 5 };
/** The time until the next attempt after one failed because another process reads. */
const PAUSE_MS = 10_000;

/** Runs an action while no read runs. */
type Quietly = <Result>(action: () => Promise<Result>) => Promise<Result>;

/**
 * The write-ahead log of a SQLite file. It restarts only when no connection reads from it, so with permanently
 * overlapping reads it would grow with each write.
 */
export class WriteAheadLog {
  readonly #connection: Database.Database;
  readonly #db: Kysely<SetTables>;
  readonly #quietly: Quietly;
  readonly #bytesMax: number;
  #cutting: Promise<void> | null = null;
  #notBefore = 0;

  constructor(connection: Database.Database, db: Kysely<SetTables>, quietly: Quietly, bytesMax: number) {
    this.#connection = connection;
    this.#db = db;
    this.#quietly = quietly;
    this.#bytesMax = bytesMax;
  }

  /** Moves the log into the file and truncates it. Returns false if another process reads from it. */
  async truncate(): Promise<boolean> {
    return (await this.#cut()) || this.#quietly(() => this.#cutBetweenWrites());
  }

  /** Truncates the log between reads if it is too long. Call it periodically. */
  keepShort(): void {
    if (this.#cutting !== null || systemClock.elapsed() < this.#notBefore || this.#bytes() <= this.#bytesMax)
      return;
    this.#cutting = this.#quietly(() => this.#cutBetweenWrites())
      // The next writer encounters and reports the same problem, or everything is closing.
      .catch(() => false)
      .then((isCut) => {
        if (!isCut) this.#notBefore = systemClock.elapsed() + PAUSE_MS;
        this.#cutting = null;
      });
  }

  /** Waits for the truncation in progress. */
  async whenIdle(): Promise<void> {
    await this.#cutting;
  }

  #bytes(): number {
    if (this.#connection.memory) return 0;
    return statSync(`${this.#connection.name}-wal`, { throwIfNoEntry: false })?.size ?? 0;
  }

  async #cutBetweenWrites(): Promise<boolean> {
    for (let tries = 1; ; tries += 1) {
      if (await this.#cut()) return true;
      if (tries === TRIES.most) return false;
      await systemClock.sleep(TRIES.pauseMs);
    }
  }

  /** Truncates the log after the transaction on this connection, because SQLite refuses it in a transaction. */
  #cut(): Promise<boolean> {
    return this.#db.connection().execute(() => Promise.resolve(this.#cutNow()));
  }

  #cutNow(): boolean {
    const connection = this.#connection;
    // Other connections would wait too, so this one does not wait for locks.
    connection.pragma('busy_timeout = 0');
    try {
      const [result] = connection.pragma('wal_checkpoint(TRUNCATE)') as { busy: number }[];
      return result?.busy === 0;
    } finally {
      connection.pragma(`busy_timeout = ${BUSY_TIMEOUT_MS}`);
    }
  }
}
