import type { Kysely, Transaction } from 'kysely';
import type { ReadCounts } from './limited-reads.ts';
import type { MetaTables } from './meta-tables.ts';
import type { ReadModelSql } from './read-model-sql.ts';

export interface ReadModelDatabase {
  readonly db: Kysely<MetaTables>;
  readonly sql: ReadModelSql;
  /**
   * Runs a read in one snapshot, on another thread if the database is a file, and cancels it at its time limit.
   * @throws QueryTooSlowError, ReadersBusyError, ReadAbandonedError; errors of `action`.
   */
  read<Result>(action: (trx: Transaction<MetaTables>) => Promise<Result>): Promise<Result>;
  /**
   * Waits, before a query, until these projections have folded the events that the reader must see. Absent if queries
   * do not wait.
   */
  readonly whenFresh?: (projections: readonly string[]) => Promise<void>;
  /** Returns the counts of these reads. */
  readCounts(): ReadCounts;
  /** Returns the reason why reads are refused although the database works; null if they are not refused. */
  readsRefused(): string | null;
  /** The polling interval in milliseconds. */
  readonly pollMs: number;
  /** The default pause after a batch, in milliseconds. */
  readonly batchPauseMs: { readonly min: number; readonly max: number };
  /**
   * The approximate number of events that a projection far behind folds in one transaction. With more, a row that
   * changes often is written once, but others wait longer for the lock.
   */
  readonly catchUpEvents: number;
  /** True if transactions can run concurrently, so that projections can fold at the same time. */
  readonly isConcurrent: boolean;
  /** Returns whether an error means that the database is unavailable, and not that a statement was wrong. */
  isTrouble(error: unknown): boolean;
  /** Returns the known fault that requires a repair (damage, or another file at the path); null if there is none. */
  trouble(): string | null;
  /** Returns whether an error means that tables were replaced during a read. A retry finds the new ones. */
  isReplaced(error: unknown): boolean;
  /**
   * Claims the right to build a projection beside its live generation; returns null while another node has the claim. A
   * node that vanishes loses its claim. Processes on one machine use other locks, so each gets the claim.
   */
  claimBuilding(projection: string): Promise<{ readonly release: () => Promise<void> } | null>;
  /**
   * Moves a file's write-ahead log into the file and truncates it, so that neither contains erased values. Afterwards
   * no read that began before is still running, in this or another process. In a file, new reads wait for the running
   * ones; on a server, only the running ones are awaited. Returns false if a read does not end in time.
   */
  truncateLog(): Promise<boolean>;
  /**
   * Returns the position of the log's first redaction after a position; null if there is none. Rows that lack it are not
   * read. Absent if no person sees query results.
   */
  readonly redactionAfter?: (position: string) => Promise<string | null>;
  close(): Promise<void>;
}

/**
 * Thrown if the file or schema is not a read-model database of this version. It can be deleted: everything is folded
 * again from the log.
 */
export class ReadModelDatabaseError extends Error {
  readonly code = 'read-models-unusable';

  constructor(where: string, detail: string, options?: ErrorOptions) {
    super(`${where} ${detail}`, options);
    this.name = 'ReadModelDatabaseError';
  }
}

/** Thrown if the file of the read models is corrupt. It can be deleted: everything is folded again from the log. */
export class ReadModelsDamagedError extends Error {
  readonly code = 'read-models-damaged';

  constructor(path: string, reason: string, options?: ErrorOptions) {
    super(
      `the file of the read models is damaged, not the log: ${path}: ${reason}. Stop every process that uses it and delete ${path} ` +
        `(with ${path}-wal and ${path}-shm): the next start folds it again from the log`,
      options,
    );
    this.name = 'ReadModelsDamagedError';
  }
}

/** Thrown if the server of the read models cannot be reached or is overloaded. A retry may succeed. */
export class ReadModelsUnavailableError extends Error {
  readonly code = 'read-models-unavailable';

  constructor(where: string, reason: string, options?: ErrorOptions) {
    super(`${where} cannot be used: ${reason}`, options);
    this.name = 'ReadModelsUnavailableError';
  }
}

/**
 * Thrown if the read model does not exist yet: the runner has never run on this database, or its rows are of another
 * version.
 */
export class ReadModelMissingError extends Error {
  readonly code = 'read-model-missing';

  constructor(name: string, why = 'does not exist yet. Try again in a few seconds') {
    super(`The read model ${name} ${why}`);
    this.name = 'ReadModelMissingError';
  }
}

/** Thrown if the rows still contain what a redaction of the log erases. A retry succeeds once it is folded. */
export class ReadModelBehindError extends Error {
  readonly code = 'read-model-behind';
  /** The position of the redaction. */
  readonly position: string;

  constructor(position: string) {
    super(
      'A text was erased, and this node has not erased it from its lists yet, so it shows none. Try again in a few seconds',
    );
    this.name = 'ReadModelBehindError';
    this.position = position;
  }
}
