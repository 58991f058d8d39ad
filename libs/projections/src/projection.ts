import type { Kysely } from 'kysely';
import type { Envelope } from '#event-sourcing/envelope';
import type { ReadModelSql } from './read-model-sql.ts';
import type { SearchDefinition, TableDefinition } from './tables.ts';

/** A fold of the log into tables. A new version means other rows for the same events. */
export interface Projection {
  readonly name: string;
  readonly version: number;
  readonly tables: readonly TableDefinition[];
  readonly searches?: readonly SearchDefinition[];
  /**
   * Folds a batch into the tables, in the runner's transaction. The rows must not depend on how the log is split into
   * batches.
   * @throws to make the runner stop at the event and retry later; no event is skipped.
   */
  apply(models: Models, batch: Batch): Promise<void>;
}

export interface Batch {
  readonly events: readonly Envelope[];
  /** The number of earlier events in the log, which is the same in every store and set of models. */
  readonly ordinal: number;
}

/** The tables of a set of models, in one transaction. */
export interface Models {
  readonly db: Kysely<unknown>;
  readonly sql: ReadModelSql;
}
