import type Database from 'better-sqlite3';
import { CompiledQuery, Kysely } from 'kysely';
import { ReadQueue } from '../limited-reads.ts';
import type { MetaTables } from '../meta-tables.ts';
import type { ReadModelDatabase } from '../read-model-database.ts';
import { READ_MODEL_SCHEMA } from '../read-model-schema.ts';
import { damageOf, FileDialect, isTrouble, openFile } from './connection.ts';
import { FileTrouble } from './file-trouble.ts';
import { ReadClock } from './read-clock.ts';
import { READ_LIMITS } from '../read-threads.ts';
import type { ReadLimits } from '../read-threads.ts';
import type { StatementReports } from './reader-thread.ts';
import { ReaderThreads } from './reader-threads.ts';
import { sqliteSql } from './read-model-sql.ts';
import { LOG_BYTES_MAX, WriteAheadLog } from './write-ahead-log.ts';

const POLL_MS = 5;
const BATCH_PAUSE_MS = { min: 10, max: 100 };
/**
 * The number of events in a transaction: one or two seconds of work, of the five for which others wait for the file's
 * lock.
 */
const CATCH_UP_EVENTS = 30_000;

/** The limits of reads, and the size of the write-ahead log at which reads pause so that it can be truncated. */
interface SqliteLimits extends ReadLimits {
  readonly logBytesMax: number;
}

const LIMITS: SqliteLimits = { ...READ_LIMITS, logBytesMax: LOG_BYTES_MAX };

/**
 * Opens the read models in a file, and creates it if missing. Several threads and processes may have it open.
 * @param onWarning is called with replaced threads.
 * @throws ReadModelDatabaseError if the file is not a read-model database.
 */
export function openSqliteReadModels(
  path: string,
  narrower: Partial<SqliteLimits> = {},
  onWarning: (message: string) => void = () => undefined,
): ReadModelDatabase {
  const limits = { ...LIMITS, ...narrower };
  const connection = openUndamaged(path);
  const trouble = new FileTrouble(connection);
  const db = new Kysely<MetaTables>({ dialect: new FileDialect(connection, trouble) });
  const clock = new ReadClock(connection);
  const readers: Readers = connection.memory
    ? readersHere(db, clock, limits)
    : new ReaderThreads(
        { path, opened: trouble.opened },
        limits,
        reportsTo(trouble, path, (action) => readers.read(action)),
        onWarning,
      );
  const log = new WriteAheadLog(connection, db, (action) => readers.quiet(action), limits.logBytesMax);
  return {
    db,
    sql: sqliteSql,
    async read(action) {
      try {
        return await readers.read(action);
      } finally {
        log.keepShort();
      }
    },
    readCounts: () => readers.counts,
    readsRefused: () => readers.refusal,
    pollMs: POLL_MS,
    batchPauseMs: BATCH_PAUSE_MS,
    catchUpEvents: CATCH_UP_EVENTS,
    isConcurrent: false,
    isTrouble,
    trouble: () => trouble.current(),
    // A snapshot contains the tables.
    isReplaced: () => false,
    claimBuilding: () => Promise.resolve({ release: () => Promise.resolve() }),
    truncateLog: () => log.truncate(),
    async close() {
      await readers.close();
      await log.whenIdle();
      await db.destroy();
      // Kysely does not close a database that it never used.
      connection.close();
    },
  };
}

type Readers = Pick<ReaderThreads, 'read' | 'quiet' | 'counts' | 'refusal' | 'close'>;

/**
 * Returns the readers of a database in memory, which has no other connection: its reads run here, one after another,
 * with the same time limit.
 */
function readersHere(db: Kysely<MetaTables>, clock: ReadClock, { limitMs }: ReadLimits): Readers {
  const queue = new ReadQueue(1);
  return {
    get counts() {
      return { ...queue.counts, replaced: 0, left: 0 };
    },
    refusal: null,
    read: (action) =>
      queue.run(() =>
        db
          .transaction()
          .setAccessMode('read only')
          .execute(async (trx) => {
            clock.begin(limitMs);
            try {
              return await action(trx);
            } finally {
              clock.end();
            }
          }),
      ),
    quiet: (action) => queue.quiet(action),
    close() {
      queue.close();
      return Promise.resolve();
    },
  };
}

/**
 * Returns the reports of a thread's statements. Faults are recorded here and checked again in a thread, because that
 * may be slow.
 */
const reportsTo = (trouble: FileTrouble, path: string, read: ReaderThreads['read']): StatementReports => ({
  succeeded(sql) {
    trouble.recordSuccess(sql);
  },
  failed({ sql, parameters }, error) {
    const damage = damageOf(error, path);
    const query = CompiledQuery.raw(sql, [...parameters]);
    trouble.recordDamage(sql, damage, { elsewhere: () => read((trx) => trx.executeQuery(query)) });
    return damage;
  },
});

/** Opens the file. Errors name a damaged file. */
function openUndamaged(path: string): Database.Database {
  try {
    return openFile(path, READ_MODEL_SCHEMA);
  } catch (error) {
    const { cause } = error as Error;
    const damage = damageOf(cause, path);
    throw damage === cause ? error : damage;
  }
}
