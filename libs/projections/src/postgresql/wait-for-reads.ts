import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { systemClock } from '#event-sourcing/clock';
import type { OperationalTables } from '../operational-tables.ts';

/**
 * Waits until the transactions that read the schema's tables on any node have ended, but not for those that begin
 * meanwhile. Returns false if they do not end in time.
 */
export async function waitForReads(
  db: Kysely<OperationalTables>,
  schema: string,
  pollMs: number,
  withinMs: number,
): Promise<boolean> {
  const until = systemClock.elapsed() + withinMs;
  for (let left = await readingTransactions(db, schema); left.size > 0;) {
    if (systemClock.elapsed() >= until) return false;
    await systemClock.sleep(pollMs);
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
