import type { ReadModelDatabase } from './read-model-database.ts';

/** A process that uses the read models' database. */
export interface ProcessIdentity {
  readonly id: string;
  readonly kind: 'server' | 'scheduler';
  readonly host: string;
  readonly pid: number;
  readonly version: string;
}

interface SeenProcess extends Omit<ProcessIdentity, 'kind'> {
  readonly kind: string;
  readonly since: string;
  readonly lastSeen: string;
  /** True if the last heartbeat is recent. */
  readonly isHeardOf: boolean;
}

/** The interval between heartbeats. */
export const HEARTBEAT_MS = 15_000;
/** The age of the last heartbeat after which a process counts as silent: three missed heartbeats. */
const SILENT_MS_MAX = 3 * HEARTBEAT_MS;
/** The time for which a vanished process stays in the list. */
const LISTED_MS_MAX = 7 * 24 * 3_600_000;

type Database = Pick<ReadModelDatabase, 'db' | 'sql'>;

/** Records a heartbeat. */
export async function noteProcess({ db, sql }: Database, process: ProcessIdentity): Promise<void> {
  // A transaction waits for a file's lock without blocking the thread.
  await db.transaction().execute((trx) =>
    trx
      .insertInto('processes')
      .values({ ...process, since: sql.now, last_seen: sql.now })
      .onConflict((conflict) => conflict.column('id').doUpdateSet({ last_seen: sql.now }))
      .execute(),
  );
}

/** Removes a process that ends, and those that vanished long ago. */
export async function forgetProcess({ db }: Database, id: string, now: number): Promise<void> {
  const before = new Date(now - LISTED_MS_MAX).toISOString();
  await db.transaction().execute((trx) =>
    trx
      .deleteFrom('processes')
      .where((where) => where.or([where('id', '=', id), where('last_seen', '<', before)]))
      .execute(),
  );
}

/** Returns the running and the vanished processes, longest-running first. */
export async function listProcesses({ db, sql }: Database): Promise<SeenProcess[]> {
  const rows = await db
    .selectFrom('processes')
    .selectAll()
    .select(sql.now.as('now'))
    .orderBy('since')
    .orderBy('id')
    .execute();
  return rows.map(({ last_seen: lastSeen, now, ...process }) => ({
    ...process,
    lastSeen,
    isHeardOf: Date.parse(now) - Date.parse(lastSeen) <= SILENT_MS_MAX,
  }));
}
