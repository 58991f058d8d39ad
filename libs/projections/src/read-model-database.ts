import type { Kysely, Transaction } from 'kysely';
import type { Redaction } from '#event-sourcing/event-store';
import type { ReadCounts } from './limited-reads.ts';
import type { MetaTables } from './meta-tables.ts';
import type { ReadModelSql } from './read-model-sql.ts';

export interface ReadModelDatabase {
  readonly db: Kysely<MetaTables>;
  readonly sql: ReadModelSql;
  /**
   * Reads in one snapshot, off the thread that asks where the database is a file, and is ended when it takes too long.
   * @throws QueryTooSlowError, ReadersBusyError, ReadAbandonedError; what `action` throws.
   */
  read<Result>(action: (trx: Transaction<MetaTables>) => Promise<Result>): Promise<Result>;
  /** Waits, before a query reads, until these projections have folded what its reader has to see. Absent where nobody waits. */
  readonly whenFresh?: (projections: readonly string[]) => Promise<void>;
  /** What these reads do now, and have come to. */
  readCounts(): ReadCounts;
  /** Why each of them is refused now, though the database is right; null where none is. */
  readsRefused(): string | null;
  /** How often who waits for something in it looks again, in milliseconds. */
  readonly pollMs: number;
  /** How long folding pauses after a batch, unless it is told otherwise. */
  readonly batchPauseMs: { readonly min: number; readonly max: number };
  /**
   * About how many events a projection that is far behind folds in one transaction: a row that they change again and again is written
   * once, and for so long others wait for the lock.
   */
  readonly catchUpEvents: number;
  /** Whether several transactions go on at once, so that projections need not be folded one after another. */
  readonly isConcurrent: boolean;
  /** Whether an error says that the database cannot be used now, and nothing about what was to be written. */
  isTrouble(error: unknown): boolean;
  /** What keeps it from being right until somebody mends it, as far as it was met: damage, or a file that was exchanged; else null. */
  trouble(): string | null;
  /** Whether a read met tables that were replaced since it began: read anew, it meets the others. */
  isReplaced(error: unknown): boolean;
  /**
   * Takes the right to build a projection beside its live generation; null while another node has it. A node that ends
   * without a word loses it. Processes on one machine exclude each other by other means, and all have it.
   */
  claimBuilding(projection: string): Promise<{ readonly release: () => Promise<void> } | null>;
  /**
   * Moves a file's write-ahead log into it and cuts it off, so that what was erased is in neither. When it has, no read goes on
   * that began before, here or elsewhere: in a file reads begin again when those under way have ended, on a server those
   * alone are waited for. False where a read of another process, or one that cannot be ended, goes on too long for that.
   */
  truncateLog(): Promise<boolean>;
  /**
   * The log's redactions after a position, as they stand now: queries show nothing of what these name, though the rows still
   * hold it. Absent where nobody is shown what queries find.
   */
  readonly redactionsAfter?: (position: string) => Promise<readonly Redaction[]>;
  close(): Promise<void>;
}

/** What is there is no read-model database of this version. It can be deleted: everything is folded again from the log. */
export class ReadModelDatabaseError extends Error {
  readonly code = 'read-models-unusable';

  constructor(where: string, detail: string, options?: ErrorOptions) {
    super(`${where} ${detail}`, options);
    this.name = 'ReadModelDatabaseError';
  }
}

/** Pages of the read models' file cannot be right. It can be deleted: everything is folded again from the log. */
export class ReadModelsDamagedError extends Error {
  readonly code = 'read-models-damaged';

  constructor(path: string, reason: string, options?: ErrorOptions) {
    super(
      `the file of the read models is damaged, not the log: ${path}: ${reason}. Stop what uses it, delete ${path} ` +
        `(with ${path}-wal and ${path}-shm), and it is folded again from the log at the next start. What docket rebuild ` +
        '--older-log kept for events of a newer backup is lost with it: redact again what it named',
      options,
    );
    this.name = 'ReadModelsDamagedError';
  }
}

/** The server of the read models cannot be reached now, or takes no more; the same may succeed later. */
export class ReadModelsUnavailableError extends Error {
  readonly code = 'read-models-unavailable';

  constructor(where: string, reason: string, options?: ErrorOptions) {
    super(`${where} cannot be used: ${reason}`, options);
    this.name = 'ReadModelsUnavailableError';
  }
}

/** The read model was not made yet: the runner has never been started on this database, or its rows are another version's. */
export class ReadModelMissingError extends Error {
  readonly code = 'read-model-missing';

  constructor(name: string, why = 'is not there yet') {
    super(`The read model ${name} ${why}; try again shortly`);
    this.name = 'ReadModelMissingError';
  }
}
