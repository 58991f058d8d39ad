import { Kysely, PostgresDialect, sql } from 'kysely';
import { systemClock } from '#event-sourcing/clock';
import type { Pool } from 'pg';
import type { PostgresqlAddress } from '#postgresql/address';
import { TIMEOUTS } from '#postgresql/pool';
import type { Timeouts } from '#postgresql/pool';
import { READ_MS_MAX, ReadQueue } from '../limited-reads.ts';
import { makeTables } from '../make-tables.ts';
import { ReadModelsUnavailableError } from '../read-model-database.ts';
import type { ModelSet, SetPlace } from '../model-set.ts';
import { setTablesSql } from '../operational-tables.ts';
import type { OperationalTables, SetTables } from '../operational-tables.ts';
import type { Projection } from '../projection.ts';
import type { ReadModelDatabase } from '../read-model-database.ts';
import { readModelsOn } from '../read-models-on.ts';
import { READ_MODEL_SCHEMA } from '../read-model-database.ts';
import { kyselyPool } from './kysely-pool.ts';
import { DECLARATIONS, openSchema } from './open-schema.ts';
import { postgresqlSql } from './read-model-sql.ts';

const CONNECTIONS_MAX = 8;
/** The number of connections for limited reads; the others are for the program itself. */
const READS_AT_ONCE = 4;
/** The time that the server may need to end a read after its limit, in milliseconds. */
const READS_LATE_MS = 1_000;
/** The polling interval. Polling costs a round trip, and other nodes poll too. */
const POLL_MS = 20;
/** The pauses after batches are short, because folding mostly waits for the server. */
const BATCH_PAUSE_MS = { min: 5, max: 20 };
/** Another node waits for a lock for at most five seconds. */
const CATCH_UP_EVENTS = 10_000;

/**
 * Opens the read models in a schema of a PostgreSQL database (15 or later), with a schema for each set beside it. Several
 * nodes may have them open.
 * @throws ReadModelDatabaseError if the server cannot be reached, or the schema cannot be used; errors of `openSchema`.
 */
export async function openPostgresqlReadModels(
  address: PostgresqlAddress,
  projections: readonly Projection[],
  timeouts: Timeouts = TIMEOUTS,
  readMsMax = READ_MS_MAX,
  create = true,
): Promise<ReadModelDatabase> {
  const options = { create, max: CONNECTIONS_MAX, timeouts, session: SESSION };
  const pool = await openSchema(address, READ_MODEL_SCHEMA, options);
  const server = { shown: address.shown, Unavailable: ReadModelsUnavailableError };
  const db = new Kysely<OperationalTables>({
    dialect: new PostgresDialect({ pool: kyselyPool(pool, server) }),
  });
  const queue = new ReadQueue(READS_AT_ONCE);
  let closed: Promise<void> | undefined;
  return readModelsOn(
    {
      db,
      sql: postgresqlSql,
      sets: setSchemas({ db, pool, address, projections, queue, readMsMax }),
      shown: `the schemas ${address.schema} and ${address.schema}_*`,
      pollMs: POLL_MS,
      batchPauseMs: BATCH_PAUSE_MS,
      catchUpEvents: CATCH_UP_EVENTS,
      isTrouble: (error) => error instanceof ReadModelsUnavailableError,
      operationalTrouble: () => null,
      close() {
        queue.close();
        closed ??= db.destroy().then(async () => {
          // Kysely does not close a pool that it never used.
          if (!pool.ending) await pool.end();
        });
        return closed;
      },
    },
    projections,
  );
}

interface SchemasOptions {
  readonly db: Kysely<OperationalTables>;
  readonly pool: Pool;
  readonly address: PostgresqlAddress;
  readonly projections: readonly Projection[];
  readonly queue: ReadQueue;
  readonly readMsMax: number;
}

/** Sets in schemas beside the operational one: `SCHEMA_NAME`. */
function setSchemas(options: SchemasOptions): SetPlace {
  const { db, pool, address, projections, readMsMax } = options;
  const server = { shown: address.shown, Unavailable: ReadModelsUnavailableError };
  const schemaOf = (name: string): string => `${address.schema}_${name}`;
  const databaseOf = (name: string, limitMs: number | null = null) => {
    const schemas = [schemaOf(name), address.schema];
    return new Kysely<SetTables>({
      dialect: new PostgresDialect({ pool: kyselyPool(pool, server, { limitMs, schemas, isOwned: false }) }),
    });
  };
  const namedLike = async (condition: ReturnType<typeof sql<boolean>>): Promise<string[]> => {
    const { rows } = await sql<{ name: string }>`select substr(nspname, ${address.schema.length + 2}) as name
      from pg_namespace where ${condition}`.execute(db);
    return rows.map(({ name }) => name);
  };
  return {
    async make(name) {
      const made = databaseOf(name);
      await made.transaction().execute(async (trx) => {
        await sql`drop schema if exists ${sql.id(schemaOf(name))} cascade`.execute(trx);
        await sql`create schema ${sql.id(schemaOf(name))}`.execute(trx);
        await sql.raw(setTablesSql(DECLARATIONS)).execute(trx);
        await makeTables(trx as unknown as Kysely<unknown>, postgresqlSql, projections);
      });
    },
    open: (name) =>
      Promise.resolve(setIn(options, name, databaseOf(name), databaseOf(name, readMsMax), schemaOf(name))),
    exists: async (name) => (await namedLike(sql`nspname = ${schemaOf(name)}`)).length > 0,
    async drop(name) {
      // Dropping it while reads lock its tables in another order would end them with an error.
      await waitForReads(db, schemaOf(name), readMsMax + READS_LATE_MS);
      await sql`drop schema if exists ${sql.id(schemaOf(name))} cascade`.execute(db);
    },
    list: () => namedLike(sql`nspname ~ ${`^${address.schema}_[0-9a-f]+_[0-9]+$`}`),
  };
}

function setIn(
  { db: operational, queue, readMsMax }: SchemasOptions,
  name: string,
  db: Kysely<SetTables>,
  reading: Kysely<SetTables>,
  schema: string,
): ModelSet {
  return {
    name,
    db,
    read: (action) =>
      queue.run(() =>
        reading.transaction().setIsolationLevel('repeatable read').setAccessMode('read only').execute(action),
      ),
    readCounts: () => ({ ...queue.counts, replaced: 0, left: 0 }),
    readsRefused: () => null,
    trouble: () => null,
    truncateLog: () => waitForReads(operational, schema, readMsMax + READS_LATE_MS),
    async close() {
      await Promise.all([reading.destroy(), db.destroy()]);
    },
  };
}

/**
 * Waits until the transactions that read the schema's tables on any node have ended, but not for those that begin
 * meanwhile. Returns false if they do not end in time.
 */
async function waitForReads(
  db: Kysely<OperationalTables>,
  schema: string,
  withinMs: number,
): Promise<boolean> {
  const until = systemClock.elapsed() + withinMs;
  for (let left = await readingTransactions(db, schema); left.size > 0;) {
    if (systemClock.elapsed() >= until) return false;
    await systemClock.sleep(POLL_MS);
    left = left.intersection(await readingTransactions(db, schema));
  }
  return true;
}

/** Returns the transactions that have a lock on a table of the schema, as every reader has until it ends. */
async function readingTransactions(
  db: Kysely<OperationalTables>,
  schema: string,
): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{ id: string }>`select distinct a.pid || '/' || a.xact_start as id
    from pg_locks l
    join pg_class c on c.oid = l.relation
    join pg_namespace n on n.oid = c.relnamespace
    join pg_stat_activity a on a.pid = l.pid
    where n.nspname = ${schema} and l.mode = 'AccessShareLock' and l.granted
      and l.database = (select oid from pg_database where datname = current_database())
      and a.pid <> pg_backend_pid() and a.xact_start is not null`.execute(db);
  return new Set(rows.map(({ id }) => id));
}

/** Makes servers whose system supports it detect lost clients even during a long statement under a lock. */
const NOTICED_IN_STATEMENTS = `DO $$ BEGIN PERFORM set_config('client_connection_check_interval', '10s', false);
  EXCEPTION WHEN invalid_parameter_value THEN NULL; END $$`;

// Rows lost in a server crash are folded again from the log. The server detects a vanished node within half a minute
// and releases its locks.
const SESSION = `SET synchronous_commit TO off;
  SET tcp_keepalives_idle TO 10; SET tcp_keepalives_interval TO 5; SET tcp_keepalives_count TO 4;
  ${NOTICED_IN_STATEMENTS}`;
