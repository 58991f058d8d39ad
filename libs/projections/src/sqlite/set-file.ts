import type Database from 'better-sqlite3';
import { Kysely } from 'kysely';
import { ReadQueue } from '../limited-reads.ts';
import type { ModelSet } from '../model-set.ts';
import type { SetTables } from '../operational-tables.ts';
import { ReadThreads } from '../read-threads.ts';
import type { ReadLimits } from '../read-threads.ts';
import { ReadModelsUnavailableError } from '../read-model-database.ts';
import type { SchemaDefinition } from '../schema-definition.ts';
import { damageOf, FileDialect, openFile } from './connection.ts';
import { fileMoved, FileTrouble } from './file-trouble.ts';
import { ReadClock } from './read-clock.ts';
import { ReaderThread } from './reader-thread.ts';
import { WriteAheadLog } from './write-ahead-log.ts';

/** The limits of reads, and the size of the write-ahead log at which reads pause so that it can be truncated. */
export interface SqliteLimits extends ReadLimits {
  readonly logBytesMax: number;
}

/**
 * The number of threads that read, however many cores there are: the writer, the projector and requests also need
 * cores.
 */
const THREADS = 2;
const SQL_SHOWN_MAX = 2_000;

export interface SetFileOptions {
  readonly limits: SqliteLimits;
  /** Called with replaced threads. */
  readonly onWarning: (message: string) => void;
}

/** Returns a set in a file, or in memory, on its connection. */
export function setOn(
  connection: Database.Database,
  name: string,
  { limits, onWarning }: SetFileOptions,
): ModelSet {
  const path = connection.name;
  const trouble = new FileTrouble(connection);
  const db = new Kysely<SetTables>({ dialect: new FileDialect(connection, trouble) });
  const { read, quiet, readCounts, readsRefused, close } = connection.memory
    ? readersHere(db, new ReadClock(connection), limits)
    : readersOn(trouble, path, { limits, onWarning });
  const log = new WriteAheadLog(connection, db, quiet, limits.logBytesMax);
  return {
    name,
    db,
    async read(action) {
      try {
        return await read(action);
      } finally {
        log.keepShort();
      }
    },
    readCounts,
    readsRefused,
    trouble: () => trouble.current(),
    truncateLog: () => log.truncate(),
    async close() {
      await close();
      await log.whenIdle();
      await db.destroy();
      // Kysely does not close a database that it never used.
      connection.close();
    },
  };
}

interface Readers extends Pick<ModelSet, 'read' | 'readCounts' | 'readsRefused' | 'close'> {
  readonly quiet: ReadQueue['quiet'];
}

/** Returns the readers of a file: threads with connections of their own. */
function readersOn(trouble: FileTrouble, path: string, { limits, onWarning }: SetFileOptions): Readers {
  const { opened } = trouble;
  const failed = (error: unknown): unknown => {
    const damage = damageOf(error, path);
    trouble.record(damage);
    return damage;
  };
  const threads = new ReadThreads<ReaderThread>({
    atOnce: THREADS,
    closeMs: limits.closeMs,
    start: (onLost) => {
      const moved = fileMoved(path, opened);
      if (moved !== null) throw new ReadModelsUnavailableError(path, moved);
      return new ReaderThread({ path, opened }, limits, failed, onLost);
    },
    onReplaced: ({ lastSql }, { message }) => {
      onWarning(`A reader thread was replaced: ${message}. Its statement: ${withoutLiterals(lastSql)}`);
    },
  });
  return {
    read: (action) => threads.run((thread) => thread.read(action)),
    quiet: (action) => threads.queue.quiet(action),
    readCounts: () => threads.counts,
    readsRefused: () => threads.refusal,
    close: () => threads.close(),
  };
}

/** Returns a statement without its quoted parts, which may be text from users; it contains no parameters. */
const withoutLiterals = (sql: string | null): string =>
  sql?.replaceAll(/'(?:[^']|'')*'/g, "'…'").slice(0, SQL_SHOWN_MAX) ?? 'none yet';

/**
 * Returns the readers of a database in memory, which has no other connection: its reads run here, one after another,
 * with the same time limit.
 */
function readersHere(db: Kysely<SetTables>, clock: ReadClock, { limitMs }: ReadLimits): Readers {
  const queue = new ReadQueue(1);
  return {
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
    readCounts: () => ({ ...queue.counts, replaced: 0, left: 0 }),
    readsRefused: () => null,
    close() {
      queue.close();
      return Promise.resolve();
    },
  };
}

/** Opens a file. Errors name a damaged one. */
export function openUndamaged(
  path: string,
  definition: SchemaDefinition,
  { create } = { create: true },
): Database.Database {
  try {
    return openFile(path, definition, { create });
  } catch (error) {
    const { cause } = error as Error;
    const damage = damageOf(cause, path);
    throw damage === cause ? error : damage;
  }
}
