import type { Transaction } from 'kysely';
import type { OperationalTables } from './operational-tables.ts';
import type { ReadModelDatabase } from './read-model-database.ts';

type RunState = 'running' | 'ended' | 'failed' | 'stopped';

/** A requested verification of the log, which runs in any process. */
export interface VerificationRow {
  readonly id: string;
  readonly askedBy: string;
  readonly askedAt: string;
  readonly finishedAt: string | null;
  readonly state: RunState;
  readonly events: number;
  readonly total: number | null;
  /** The result or error as JSON; null while it runs, or if its process vanished. */
  readonly outcome: string | null;
}

export type RunProgress = Pick<VerificationRow, 'events' | 'total'>;

export interface RunEnd extends RunProgress {
  readonly state: Exclude<RunState, 'running'>;
  readonly outcome: string | null;
}

/** The time without a heartbeat after which the verifying process counts as gone. */
const SILENT_MS_MAX = 60_000;
/** The number of verifications that are kept. */
const KEPT = 20;

type Database = Pick<ReadModelDatabase, 'db' | 'sql'>;

/**
 * Records the start of a verification, unless one is already running in any process. Returns the id of the running
 * verification.
 */
export function beginRun({ db, sql }: Database, id: string, requester: string): Promise<string> {
  return db.transaction().execute(async (trx) => {
    await sql.lock(trx, 'verifications');
    const running = await trx
      .selectFrom('verifications')
      .select(['id', 'heard_at'])
      .select(sql.now.as('now'))
      .where('state', '=', 'running')
      .execute();
    const current = running.find((row) => !isSilent(row));
    if (current !== undefined) return current.id;
    for (const silent of running) await markStopped(trx, silent.id);
    const old = await newestFirst(trx)
      .offset(KEPT - 1)
      .limit(KEPT)
      .execute();
    for (const each of old) await trx.deleteFrom('verifications').where('id', '=', each.id).execute();
    const now = { asked_at: sql.now, heard_at: sql.now };
    const row = { ...now, finished_at: null, state: 'running', events: 0, total: null, outcome: null };
    await trx
      .insertInto('verifications')
      .values({ ...row, id, asked_by: requester })
      .execute();
    return id;
  });
}

const isSilent = ({ heard_at: heard, now }: { readonly heard_at: string; readonly now: string }): boolean =>
  Date.parse(now) - Date.parse(heard) > SILENT_MS_MAX;

/** Marks a verification as stopped, because its process vanished. */
const markStopped = (trx: Transaction<OperationalTables>, id: string) =>
  trx.updateTable('verifications').set({ state: 'stopped' }).where('id', '=', id).execute();

/** Records progress, or only a heartbeat. */
export async function noteRun(database: Database, id: string, progress: RunProgress): Promise<void> {
  await change(database, id, { ...progress, heard_at: database.sql.now });
}

/** Records the end of a verification. */
export async function endRun(database: Database, id: string, end: RunEnd): Promise<void> {
  await change(database, id, { ...end, heard_at: database.sql.now, finished_at: database.sql.now });
}

/** Changes a verification in a transaction, which waits for a file's lock without blocking the thread. */
const change = ({ db }: Database, id: string, values: Readonly<Record<string, unknown>>): Promise<unknown> =>
  db
    .transaction()
    .execute((trx) => trx.updateTable('verifications').set(values).where('id', '=', id).execute());

/** Returns the last verifications, newest first. */
export async function listRuns({ db, sql }: Database): Promise<VerificationRow[]> {
  const rows = await newestFirst(db).selectAll().select(sql.now.as('now')).limit(KEPT).execute();
  return rows.map(({ id, asked_by: askedBy, asked_at: askedAt, ...row }) => {
    const state = row.state === 'running' && isSilent(row) ? 'stopped' : (row.state as RunState);
    const { finished_at: finishedAt, events, total, outcome } = row;
    return { id, askedBy, askedAt, finishedAt, state, events, total, outcome };
  });
}

const newestFirst = (db: ReadModelDatabase['db'] | Transaction<OperationalTables>) =>
  db.selectFrom('verifications').select('id').orderBy('asked_at', 'desc').orderBy('id');
