import type { Kysely } from 'kysely';
import type { ModelSet, SetPlace } from './model-set.ts';
import { operationalTablesSql, setTablesSql } from './operational-tables.ts';
import type { OperationalTables } from './operational-tables.ts';
import type { SchemaDefinition } from './schema-definition.ts';
import type { Projection } from './projection.ts';
import type { ReadCounts } from './limited-reads.ts';
import type { ReadModelSql } from './read-model-sql.ts';

/** Read models at a place: operational tables, and sets of models beside them. */
export interface ReadModelDatabase {
  /** The operational tables. */
  readonly db: Kysely<OperationalTables>;
  readonly sql: ReadModelSql;
  /** The projections of this build. */
  readonly projections: readonly Projection[];
  /** The digest of their definitions: builds with the same digest share a set. */
  readonly digest: string;
  readonly sets: SetPlace;
  /** The files or schemas that contain everything at the place, for messages. */
  readonly shown: string;
  /**
   * Runs an action with the live set of this build, and again if another one has replaced it meanwhile.
   * @throws ReadModelMissingError before the first start of a projector; errors of `action`.
   */
  use<Result>(action: (set: ModelSet) => Promise<Result>): Promise<Result>;
  /** Runs a limited read of the live set. @throws as `use` and `ModelSet.read` do. */
  read: ModelSet['read'];
  /** Waits, before a query, until the events that the reader must see are folded. Absent if queries do not wait. */
  readonly whenFresh?: () => Promise<void>;
  /** Returns the counts of limited reads. */
  readCounts(): ReadCounts;
  /** Returns the reason why reads are refused although the database works; null if they are not refused. */
  readsRefused(): string | null;
  /** The polling interval in milliseconds. */
  readonly pollMs: number;
  /** The default pause after a batch, in milliseconds. */
  readonly batchPauseMs: { readonly min: number; readonly max: number };
  /**
   * The approximate number of events that are folded in one transaction far behind the end of the log. With more, a row
   * that changes often is written once, but others wait longer for the lock.
   */
  readonly catchUpEvents: number;
  /** Returns whether an error means that the database is unavailable, and not that a statement was wrong. */
  isTrouble(error: unknown): boolean;
  /** Returns the known fault that requires a repair (damage, or another file at the path); null if there is none. */
  trouble(): Promise<string | null>;
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

/** Thrown if there are no read models of this build yet, or they are being built. */
export class ReadModelMissingError extends Error {
  readonly code = 'read-model-missing';

  /** @param position the position that they have reached. */
  constructor(position?: string) {
    const far = position === undefined ? '' : `, and have reached position ${position} of the log`;
    super(`The read models are being built for this build of Docket${far}. Try again in a few seconds`);
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

/** The operational tables. */
export const READ_MODEL_SCHEMA: SchemaDefinition = {
  what: 'read-model database',
  letters: 'DOCR',
  versions: 'read_model_versions',
  known: 'model_sets',
  version: 10,
  tables: operationalTablesSql,
  advice: '; delete it, and the next start folds it again from the log',
  Unusable: ReadModelDatabaseError,
  Unavailable: ReadModelsUnavailableError,
};

/** The file of a set of models. The tables of projections are created after these. */
export const SET_FILE_SCHEMA: SchemaDefinition = {
  ...READ_MODEL_SCHEMA,
  what: 'set of read models',
  letters: 'DOCM',
  version: 1,
  tables: setTablesSql,
};
