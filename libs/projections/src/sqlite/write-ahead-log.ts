import { statSync } from 'node:fs';
import type Database from 'better-sqlite3';
import type { Kysely } from 'kysely';
import { systemClock } from '#event-sourcing/clock';
import type { MetaTables } from '../meta-tables.ts';
import { BUSY_TIMEOUT_MS } from './connection.ts';

/** How large it may become before reads make room. */
export const LOG_BYTES_MAX = 64 * 2 ** 20;
/** Between reads another connection may write just then, some milliseconds long. */
const TRIES = { most: 10, pauseMs: 5 };
/** How long reads go on after it could not be cut off, as another process reads. */
const PAUSE_MS = 10_000;

/** Lets no read begin until those under way have ended, and the action is over. */
type Quietly = <Result>(action: () => Promise<Result>) => Promise<Result>;

/**
 * SQLite's write-ahead log of the file. It is begun anew when nobody reads from it: where one read overlaps with the next for
 * ever, that never comes, and it grows with each write.
 */
export class WriteAheadLog {
  readonly #connection: Database.Database;
  readonly #db: Kysely<MetaTables>;
  readonly #quietly: Quietly;
  readonly #bytesMax: number;
  #cutting: Promise<void> | null = null;
  #notBefore = 0;

  constructor(connection: Database.Database, db: Kysely<MetaTables>, quietly: Quietly, bytesMax: number) {
    this.#connection = connection;
    this.#db = db;
    this.#quietly = quietly;
    this.#bytesMax = bytesMax;
  }

  /** Moves it into the file and cuts it off; false while another process reads from it. */
  async truncate(): Promise<boolean> {
    return (await this.#cut()) || this.#quietly(() => this.#cutBetweenWrites());
  }

  /** To be told now and then: where it has become too long, it is cut off between reads. */
  keepShort(): void {
    if (this.#cutting !== null || systemClock.elapsed() < this.#notBefore || this.#bytes() <= this.#bytesMax)
      return;
    this.#cutting = this.#quietly(() => this.#cutBetweenWrites())
      // Whoever writes next meets the same trouble, and tells of it; or all is being closed.
      .catch(() => false)
      .then((isCut) => {
        if (!isCut) this.#notBefore = systemClock.elapsed() + PAUSE_MS;
        this.#cutting = null;
      });
  }

  /** Waits until nothing is done to it any more. */
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

  /** SQLite refuses it in a transaction: what goes on on this connection is waited for. */
  #cut(): Promise<boolean> {
    return this.#db.connection().execute(() => Promise.resolve(this.#cutNow()));
  }

  #cutNow(): boolean {
    const connection = this.#connection;
    // Nothing that holds it is waited for here, where others would wait as well.
    connection.pragma('busy_timeout = 0');
    try {
      const [result] = connection.pragma('wal_checkpoint(TRUNCATE)') as { busy: number }[];
      return result?.busy === 0;
    } finally {
      connection.pragma(`busy_timeout = ${BUSY_TIMEOUT_MS}`);
    }
  }
}
