import type Database from 'better-sqlite3';
import { CompiledQuery, Kysely } from 'kysely';
import { ReadQueue } from '../limited-reads.ts';
import type { ModelSet } from '../model-set.ts';
import type { SetTables } from '../operational-tables.ts';
import type { ReadLimits } from '../read-threads.ts';
import type { SchemaDefinition } from '../schema-definition.ts';
import { damageOf, FileDialect, openFile } from './connection.ts';
import { FileTrouble } from './file-trouble.ts';
import { ReadClock } from './read-clock.ts';
import type { StatementReports } from './reader-thread.ts';
import { ReaderThreads } from './reader-threads.ts';
import { WriteAheadLog } from './write-ahead-log.ts';

/** The limits of reads, and the size of the write-ahead log at which reads pause so that it can be truncated. */
export interface SqliteLimits extends ReadLimits {
  readonly logBytesMax: number;
}

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
    name,
    db,
    async read(action) {
      try {
        return await readers.read(action);
      } finally {
        log.keepShort();
      }
    },
    readCounts: () => readers.counts,
    readsRefused: () => readers.refusal,
    trouble: () => trouble.current(),
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
function readersHere(db: Kysely<SetTables>, clock: ReadClock, { limitMs }: ReadLimits): Readers {
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
