import { Kysely, PostgresDialect } from 'kysely';
import { DatabaseError } from 'pg';
import type { Pool } from 'pg';
import type { PostgresqlAddress } from '#postgresql/address';
import { TIMEOUTS } from '#postgresql/pool';
import type { Timeouts } from '#postgresql/pool';
import { lockClass } from '#postgresql/versioned-schema';
import { READ_MS_MAX, ReadQueue } from '../limited-reads.ts';
import { ReadModelsUnavailableError } from '../read-model-database.ts';
import type { MetaTables } from '../meta-tables.ts';
import type { ReadModelDatabase } from '../read-model-database.ts';
import { READ_MODEL_SCHEMA } from '../read-model-schema.ts';
import { kyselyPool, toServerError } from './kysely-pool.ts';
import type { Server } from './kysely-pool.ts';
import { openSchema } from './open-schema.ts';
import { postgresqlSql } from './read-model-sql.ts';
import { waitForReads } from './wait-for-reads.ts';

const CONNECTIONS_MAX = 8;
/** The number of connections for limited reads; the others are for the program itself. */
const READS_AT_ONCE = 4;
/** The time that the server may need to end a read after its limit, in milliseconds. */
const READS_LATE_MS = 1_000;
/** The polling interval. Polling costs a round trip, and other nodes poll too. */
const POLL_MS = 20;
/** The pauses after batches are short, because folding mostly waits for the server. */
const BATCH_PAUSE_MS = { min: 5, max: 20 };
/** All projections fold at once, and another node waits for a lock for at most five seconds. */
const CATCH_UP_EVENTS = 10_000;
const UNDEFINED_TABLE = '42P01';

/**
 * Opens the read models in a schema of a PostgreSQL database (15 or later). Several nodes may have them open.
 * @throws ReadModelDatabaseError if the server cannot be reached, or the schema cannot be used; errors of `openSchema`.
 */
export async function openPostgresqlReadModels(
  address: PostgresqlAddress,
  timeouts: Timeouts = TIMEOUTS,
  readMsMax = READ_MS_MAX,
  create = true,
): Promise<ReadModelDatabase> {
  const options = { create, max: CONNECTIONS_MAX, timeouts, session: SESSION };
  return databaseOn(await openSchema(address, READ_MODEL_SCHEMA, options), address, readMsMax);
}

function databaseOn(pool: Pool, address: PostgresqlAddress, readMsMax: number): ReadModelDatabase {
  const server = { shown: address.shown, Unavailable: ReadModelsUnavailableError };
  const db = new Kysely<MetaTables>({ dialect: new PostgresDialect({ pool: kyselyPool(pool, server) }) });
  const reading = new Kysely<MetaTables>({
    dialect: new PostgresDialect({ pool: kyselyPool(pool, server, readMsMax) }),
  });
  const queue = new ReadQueue(READS_AT_ONCE);
  let closed: Promise<void> | undefined;
  return {
    db,
    sql: postgresqlSql,
    read: (action) =>
      queue.run(() =>
        reading.transaction().setIsolationLevel('repeatable read').setAccessMode('read only').execute(action),
      ),
    readCounts: () => ({ ...queue.counts, replaced: 0, left: 0 }),
    readsRefused: () => null,
    pollMs: POLL_MS,
    batchPauseMs: BATCH_PAUSE_MS,
    catchUpEvents: CATCH_UP_EVENTS,
    isConcurrent: true,
    isTrouble: (error) => error instanceof ReadModelsUnavailableError,
    isReplaced: (error) => error instanceof DatabaseError && error.code === UNDEFINED_TABLE,
    claimBuilding: (projection) => claim(pool, server, address, projection),
    truncateLog: () => waitForReads(db, address.schema, POLL_MS, readMsMax + READS_LATE_MS),
    trouble: () => null,
    close() {
      // Kysely does not close a pool that it never used.
      queue.close();
      closed ??= Promise.all([reading.destroy(), db.destroy()]).then(async () => {
        if (!pool.ending) await pool.end();
      });
      return closed;
    },
  };
}

/** Makes servers whose system supports it detect lost clients even during a long statement under a lock. */
const NOTICED_IN_STATEMENTS = `DO $$ BEGIN PERFORM set_config('client_connection_check_interval', '10s', false);
  EXCEPTION WHEN invalid_parameter_value THEN NULL; END $$`;

// Rows lost in a server crash are folded again from the log. The server detects a vanished node within half a minute
// and releases its locks.
const SESSION = `SET synchronous_commit TO off;
  SET tcp_keepalives_idle TO 10; SET tcp_keepalives_interval TO 5; SET tcp_keepalives_count TO 4;
  ${NOTICED_IN_STATEMENTS}`;

/** Claims the right to build a projection. The lock belongs to the connection, and ends with it. */
async function claim(pool: Pool, server: Server, { schema }: PostgresqlAddress, projection: string) {
  const lock = [lockClass(READ_MODEL_SCHEMA.letters), `${schema}/${projection}`];
  try {
    const client = await pool.connect();
    try {
      const { rows } = await client.query<{ claimed: boolean }>(
        'SELECT pg_try_advisory_lock($1, hashtext($2)) AS claimed',
        lock,
      );
      if (rows[0]?.claimed !== true) {
        client.release();
        return null;
      }
      // If unlocking fails, closing the connection releases the lock.
      return {
        release: () => {
          client.release(true);
          return Promise.resolve();
        },
      };
    } catch (error) {
      client.release(true);
      throw error;
    }
  } catch (error) {
    throw toServerError(server, error);
  }
}
