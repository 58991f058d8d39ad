import { Kysely } from 'kysely';
import type { OperationalTables } from '../operational-tables.ts';
import type { Projection } from '../projection.ts';
import type { ReadModelDatabase } from '../read-model-database.ts';
import { readModelsOn } from '../read-models-on.ts';
import { READ_LIMITS } from '../read-threads.ts';
import { READ_MODEL_SCHEMA } from '../read-model-database.ts';
import { FileDialect, isTrouble } from './connection.ts';
import { FileTrouble } from './file-trouble.ts';
import { openUndamaged } from './set-file.ts';
import type { SqliteLimits } from './set-file.ts';
import { sqliteSql } from './read-model-sql.ts';
import { SetFiles, SetsInMemory } from './set-files.ts';
import { LOG_BYTES_MAX } from './write-ahead-log.ts';

const POLL_MS = 5;
const BATCH_PAUSE_MS = { min: 10, max: 100 };
/**
 * The number of events in a transaction: one or two seconds of work, of the five for which others wait for the file's
 * lock.
 */
const CATCH_UP_EVENTS = 30_000;

const LIMITS: SqliteLimits = { ...READ_LIMITS, logBytesMax: LOG_BYTES_MAX };

/**
 * Opens the read models at a path, and creates the file of the operational tables if it is missing. Several threads and
 * processes may have them open.
 * @param onWarning is called with replaced threads.
 * @throws ReadModelDatabaseError if the file contains something else.
 */
export function openSqliteReadModels(
  path: string,
  projections: readonly Projection[],
  narrower: Partial<SqliteLimits> = {},
  onWarning: (message: string) => void = () => undefined,
): ReadModelDatabase {
  const connection = openUndamaged(path, READ_MODEL_SCHEMA);
  const trouble = new FileTrouble(connection);
  const db = new Kysely<OperationalTables>({ dialect: new FileDialect(connection, trouble) });
  const limits = { ...LIMITS, ...narrower };
  const places = { path, projections, limits, onWarning };
  const sets = connection.memory ? new SetsInMemory(places) : new SetFiles(places);
  return readModelsOn(
    {
      db,
      sql: sqliteSql,
      sets,
      shown: `the files ${path}*`,
      pollMs: POLL_MS,
      batchPauseMs: BATCH_PAUSE_MS,
      catchUpEvents: CATCH_UP_EVENTS,
      isTrouble,
      operationalTrouble: () => trouble.current(),
      async close() {
        await db.destroy();
        // Kysely does not close a database that it never used.
        connection.close();
        await sets.close();
      },
    },
    projections,
  );
}
