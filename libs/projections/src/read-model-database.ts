import type { Kysely, Transaction } from 'kysely';
import type { Redaction } from '#event-sourcing/event-store';
import type { ReadCounts } from './limited-reads.ts';
import type { MetaTables } from './meta-tables.ts';
import type { ReadModelSql } from './read-model-sql.ts';

export interface ReadModelDatabase {
  readonly db: Kysely<MetaTables>;
  readonly sql: ReadModelSql;
  /**
   * Reads in one snapshot, on another thread if the database is a file, and cancels the read at its time limit.
   * @throws QueryTooSlowError, ReadersBusyError, ReadAbandonedError; errors of `action`
   */
  read<Result>(action: (trx: Transaction<MetaTables>) => Promise<Result>): Promise<Result>;
  /** Waits, before a query, until these projections have folded what the reader must see. Absent if queries never wait. */
  readonly whenFresh?: (projections: readonly string[]) => Promise<void>;
  /** Returns current and total figures of these reads. */
  readCounts(): ReadCounts;
  /** Returns why reads are refused although the database works; null if they are not. */
  readsRefused(): string | null;
  /** The polling interval in milliseconds. */
  readonly pollMs: number;
  /** The default pause after folding a batch. */
  readonly batchPauseMs: { readonly min: number; readonly max: number };
  /**
   * About how many events a far-behind projection folds in one transaction. More means that rows changed repeatedly are written
   * once, but others wait longer for the lock.
   */
  readonly catchUpEvents: number;
  /** Whether transactions can run concurrently, so that projections can fold at once. */
  readonly isConcurrent: boolean;
  /** Returns whether an error means that the database is unavailable, rather than that a write was wrong. */
  isTrouble(error: unknown): boolean;
  /** Returns the fault that needs repair, as far as one was found (damage, or an exchanged file), or null. */
  trouble(): string | null;
  /** Returns whether a read met tables that were replaced during it. A retry finds the new ones. */
  isReplaced(error: unknown): boolean;
  /**
   * Claims the right to build a projection beside its live generation; null while another node has it. A node that vanishes loses
   * its claim. Processes on one machine exclude each other by other means, so all of them get it.
   */
  claimBuilding(projection: string): Promise<{ readonly release: () => Promise<void> } | null>;
  /**
   * Moves a file's write-ahead log into the file and truncates it, so that neither contains what was erased. After that, no read
   * that began earlier still runs, in this or another process. In a file, new reads wait for the running ones; on a server, only
   * the running ones are awaited. Returns false if a read does not end in time.
   */
  truncateLog(): Promise<boolean>;
  /**
   * Returns the log's current redactions after a position, which queries must hide although the rows still contain the values.
   * Absent if query results are not shown to people.
   */
  readonly redactionsAfter?: (position: string) => Promise<readonly Redaction[]>;
  close(): Promise<void>;
}

/** The file or schema is not a read-model database of this version. It can be deleted: everything is folded again from the log. */
export class ReadModelDatabaseError extends Error {
  readonly code = 'read-models-unusable';

  constructor(where: string, detail: string, options?: ErrorOptions) {
    super(`${where} ${detail}`, options);
    this.name = 'ReadModelDatabaseError';
  }
}

/** The read models' file is corrupt. It can be deleted: everything is folded again from the log. */
export class ReadModelsDamagedError extends Error {
  readonly code = 'read-models-damaged';

  constructor(path: string, reason: string, options?: ErrorOptions) {
    super(
      `the file of the read models is damaged, not the log: ${path}: ${reason}. Stop every process that uses it and delete ${path} ` +
        `(with ${path}-wal and ${path}-shm): the next start folds it again from the log. The redactions that docket rebuild ` +
        '--older-log kept for events of a newer backup are lost with it: make them again',
      options,
    );
    this.name = 'ReadModelsDamagedError';
  }
}

/** The read models' server cannot be reached or is overloaded. A retry may succeed. */
export class ReadModelsUnavailableError extends Error {
  readonly code = 'read-models-unavailable';

  constructor(where: string, reason: string, options?: ErrorOptions) {
    super(`${where} cannot be used: ${reason}`, options);
    this.name = 'ReadModelsUnavailableError';
  }
}

/** The read model does not exist yet: the runner has never run on this database, or its rows are of another version. */
export class ReadModelMissingError extends Error {
  readonly code = 'read-model-missing';

  constructor(name: string, why = 'does not exist yet. Try again in a few seconds') {
    super(`The read model ${name} ${why}`);
    this.name = 'ReadModelMissingError';
  }
}
