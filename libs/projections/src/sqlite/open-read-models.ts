import type Database from 'better-sqlite3';
import { CompiledQuery, Kysely } from 'kysely';
import { messageOf } from '#event-sourcing/errors';
import { READ_MS_MAX, ReadQueue } from '../limited-reads.ts';
import { ReadModelDatabaseError } from '../read-model-database.ts';
import type { MetaTables } from '../meta-tables.ts';
import type { ReadModelDatabase } from '../read-model-database.ts';
import { damageOf, isTrouble, openConnection, ReadModelDialect } from './connection.ts';
import { FileTrouble } from './file-trouble.ts';
import { TextWords } from '../text-words.ts';
import { Tokenizer } from '../tokenizer.ts';
import { ReadClock } from './read-clock.ts';
import type { ReadLimits } from '../replaceable-thread.ts';
import type { StatementReports } from './reader-thread.ts';
import { ReaderThreads } from './reader-threads.ts';
import { addSaidWords } from './said-words.ts';
import { sqliteSql } from './read-model-sql.ts';
import { LOG_BYTES_MAX, WriteAheadLog } from './write-ahead-log.ts';

/** `DOCR` in ASCII: says in the file's header whose it is. */
const APPLICATION_ID = 0x444f4352;
/** What each version of the schema adds to the one before. */
const SCHEMAS = [
  `
  create table projections (
    name text primary key,
    live integer not null,
    last_generation integer not null,
    state text not null,
    error text,
    error_position text,
    rebuild_requested integer not null
  ) strict;
  create table generations (
    projection text not null,
    generation integer not null,
    version integer not null,
    position text not null,
    events integer not null,
    updated_at text not null,
    primary key (projection, generation)
  ) strict;
`,
  `
  create table followers (
    name text primary key,
    event_id text not null
  ) strict;
  create table jobs (
    name text primary key,
    started_at text not null,
    finished_at text not null,
    covered_to text,
    recorded integer not null,
    error text
  ) strict;
`,
  // By these it is noticed that the log is another than the one that was folded.
  `
  alter table generations add column last_stream text;
  alter table generations add column last_version integer;
  alter table generations add column last_hash text;
`,
  `
  drop table followers;
  create table followers (
    name text primary key,
    position text not null
  ) strict;
`,
  // What was withdrawn outlives the end of a log that was lost; and an older backup is told from another log.
  `
  alter table generations add column first_hash text;
  create table lost_withdrawals (
    stream_id text not null,
    id text not null,
    pointers text,
    primary key (stream_id, id)
  ) strict;
`,
  'alter table projections add column last_rebuild text;',
  `
  create table processes (
    id text primary key,
    kind text not null,
    host text not null,
    pid integer not null,
    version text not null,
    since text not null,
    last_seen text not null
  ) strict;
`,
  `
  create table verifications (
    id text primary key,
    asked_by text not null,
    asked_at text not null,
    heard_at text not null,
    finished_at text,
    state text not null,
    events integer not null,
    total integer,
    outcome text
  ) strict;
`,
];
const SCHEMA_VERSION = SCHEMAS.length;

const POLL_MS = 5;
const BATCH_PAUSE_MS = { min: 10, max: 100 };
/** One or two seconds, of the five that others wait for the file's lock. */
const CATCH_UP_EVENTS = 30_000;

/** Limits of reads, and how large the write-ahead log may become before reads make room for it to be begun anew. */
export interface SqliteLimits extends ReadLimits {
  readonly logBytesMax: number;
}

const LIMITS: SqliteLimits = {
  limitMs: READ_MS_MAX,
  graceMs: 1_000,
  startMs: 10_000,
  closeMs: 2_000,
  logBytesMax: LOG_BYTES_MAX,
};

/**
 * Opens the read models in a file, made where it is missing. Any number of threads and processes may have it open.
 * @param onWarning is told of threads that are replaced.
 * @throws ReadModelDatabaseError when the file is something else.
 */
export function openSqliteReadModels(
  path: string,
  narrower: Partial<SqliteLimits> = {},
  onWarning: (message: string) => void = () => undefined,
): ReadModelDatabase {
  const limits = { ...LIMITS, ...narrower };
  const connection = describingErrors(path, () => openConnection(path));
  try {
    describingErrors(path, () => {
      migrate(connection, path);
    });
  } catch (error) {
    connection.close();
    throw error;
  }
  const tokenizer = new Tokenizer();
  const words = new TextWords(tokenizer);
  const trouble = new FileTrouble(connection);
  const db = new Kysely<MetaTables>({ dialect: new ReadModelDialect(connection, trouble) });
  const clock = new ReadClock(connection);
  addSaidWords(connection, words, clock);
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
    sql: sqliteSql(words),
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
    trouble: () => trouble.now(),
    // A snapshot has the tables, too, as they were.
    isReplaced: () => false,
    claimBuilding: () => Promise.resolve({ release: () => Promise.resolve() }),
    truncateLog: () => log.truncate(),
    async close() {
      await readers.close();
      await log.whenIdle();
      await db.destroy();
      // Kysely does not close a database that was never asked anything.
      connection.close();
      tokenizer.close();
    },
  };
}

type Readers = Pick<ReaderThreads, 'read' | 'quiet' | 'counts' | 'refusal' | 'close'>;

/** What lives in memory has no other connection: its reads go on here, one after another, and are ended all the same. */
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

/** What a statement meets in a thread is known here, and asked again there: it may be long. */
const reportsTo = (trouble: FileTrouble, path: string, read: ReaderThreads['read']): StatementReports => ({
  succeeded(sql) {
    trouble.succeeded(sql);
  },
  failed({ sql, parameters }, error) {
    const told = damageOf(error, path);
    const asked = CompiledQuery.raw(sql, [...parameters]);
    trouble.met(sql, told, { elsewhere: () => read((trx) => trx.executeQuery(asked)) });
    return told;
  },
});

function migrate(connection: Database.Database, path: string): void {
  connection
    .transaction(() => {
      const application = connection.pragma('application_id', { simple: true });
      const version = connection.pragma('user_version', { simple: true }) as number;
      const tables = connection.prepare('select count(*) from sqlite_schema').pluck().get();
      const isNew = application === 0 && version === 0 && tables === 0;
      if (application !== APPLICATION_ID && !isNew)
        throw new ReadModelDatabaseError(path, 'is not a read-model database');
      if (version === SCHEMA_VERSION) return;
      if (version > SCHEMA_VERSION || (version < 1 && !isNew)) {
        throw new ReadModelDatabaseError(
          path,
          `has schema ${version} and not ${SCHEMA_VERSION}; delete it, and it is folded again from the log`,
        );
      }
      for (const schema of SCHEMAS.slice(version)) connection.exec(schema);
      connection.pragma(`application_id = ${APPLICATION_ID}`);
      connection.pragma(`user_version = ${SCHEMA_VERSION}`);
    })
    .immediate();
}

function describingErrors<Result>(path: string, action: () => Result): Result {
  try {
    return action();
  } catch (error) {
    if (error instanceof ReadModelDatabaseError) throw error;
    const damage = damageOf(error, path);
    if (damage !== error) throw damage;
    const reason = messageOf(error);
    throw new ReadModelDatabaseError(path, `cannot be used as read-model database: ${reason}`, {
      cause: error,
    });
  }
}
