import type { Transaction } from 'kysely';
import { systemClock } from '#event-sourcing/clock';
import { lockedBookmark, SetReplacedError } from './model-set.ts';
import type { ModelSet } from './model-set.ts';
import type { OperationalTables } from './operational-tables.ts';
import { ReadModelsDamagedError } from './read-model-database.ts';
import type { ReadModelDatabase } from './read-model-database.ts';

type Row = OperationalTables['model_sets'];
type Database = Pick<ReadModelDatabase, 'db' | 'sql' | 'digest' | 'sets' | 'isTrouble'>;

/** The time without a sign of use after which a set counts as unused, because its processes ended or were killed. */
const SILENT_MS_MAX = 60_000;
const TOUCHED_EACH_MS = 10_000;
/** The characters of a digest in a set's name: a schema's name is short. */
const DIGEST_SHOWN = 6;

/** Thrown if a rebuild of the same read models is running. */
export class RebuildRunningError extends Error {
  readonly code = 'rebuild-running';

  constructor() {
    super('A rebuild is running, or was killed less than a minute ago. Wait until it ends, or for a minute');
    this.name = 'RebuildRunningError';
  }
}

/** Runs a transaction on the list of sets, which no other process changes meanwhile. */
const changingSets = <Result>(
  { db, sql }: Pick<Database, 'db' | 'sql'>,
  action: (trx: Transaction<OperationalTables>) => Promise<Result>,
): Promise<Result> =>
  db.transaction().execute(async (trx) => {
    await sql.lock(trx, 'model_sets');
    return action(trx);
  });

/** Returns all sets at the place. */
export const allSets = ({ db, sql }: Pick<Database, 'db' | 'sql'>) =>
  db.selectFrom('model_sets').selectAll().select(sql.now.as('now')).orderBy('number').execute();

const isSilent = ({ heard_at: heard, now }: { readonly heard_at: string; readonly now: string }): boolean =>
  Date.parse(now) - Date.parse(heard) > SILENT_MS_MAX;

/** Creates this build's live set, empty, if it is missing. */
export function makeLiveSet(database: Database): Promise<void> {
  return changingSets(database, async (trx) => {
    const own = await allSets({ db: trx, sql: database.sql });
    const live = own.find(({ digest, state }) => digest === database.digest && state === 'live');
    if (live !== undefined) {
      if (await database.sets.exists(live.name)) return;
      await trx.deleteFrom('model_sets').where('name', '=', live.name).execute();
    }
    await makeSet(database, trx, 'live');
  });
}

/**
 * Creates an empty set beside the live one, and returns its name. Replaces one whose builder is gone.
 * @throws RebuildRunningError
 */
export function makeBuildingSet(database: Database): Promise<string> {
  return changingSets(database, async (trx) => {
    const own = await allSets({ db: trx, sql: database.sql });
    const building = own.find(({ digest, state }) => digest === database.digest && state === 'building');
    if (building !== undefined) {
      if (!isSilent(building)) throw new RebuildRunningError();
      await dropSet(database, trx, building);
    }
    return makeSet(database, trx, 'building');
  });
}

async function makeSet(
  { digest, sets, sql }: Database,
  trx: Transaction<OperationalTables>,
  state: Row['state'],
): Promise<string> {
  const last = await trx
    .selectFrom('model_sets')
    .select('number')
    .orderBy('number', 'desc')
    .executeTakeFirst();
  const number = (last?.number ?? 0) + 1;
  const name = `${digest.slice(0, DIGEST_SHOWN)}_${number}`;
  await sets.make(name);
  await trx.insertInto('model_sets').values({ name, number, digest, state, heard_at: sql.now }).execute();
  return name;
}

/** Makes a set live in place of the live one, which is dropped later. */
export function switchSets({ digest, ...database }: Database, built: string): Promise<void> {
  return changingSets(database, async (trx) => {
    const sets = trx.updateTable('model_sets').where('digest', '=', digest);
    await sets.set({ state: 'replaced' }).where('state', '=', 'live').execute();
    const switched = await sets.set({ state: 'live' }).where('name', '=', built).executeTakeFirst();
    if (switched.numUpdatedRows !== 1n)
      throw new SetReplacedError('The set that was built has been dropped meanwhile');
  });
}

/** Records that a process uses a set. */
export async function touchSet({ db, sql }: Pick<Database, 'db' | 'sql'>, name: string): Promise<void> {
  // A transaction waits for a file's lock without blocking the thread.
  await db
    .transaction()
    .execute((trx) =>
      trx.updateTable('model_sets').set({ heard_at: sql.now }).where('name', '=', name).execute(),
    );
}

/** Records at intervals that a set is in use, while an action runs. */
export async function whileUsed<Result>(
  database: Pick<Database, 'db' | 'sql'>,
  name: string,
  action: () => Promise<Result>,
): Promise<Result> {
  // If this fails, the action fails as well.
  const touch = (): void => void touchSet(database, name).catch(() => undefined);
  const timer = systemClock.every(touch, TOUCHED_EACH_MS);
  try {
    return await action();
  } finally {
    timer.close();
  }
}

/** Drops a set that is being built. */
export const dropBuilding = (database: Database, name: string): Promise<void> =>
  changingSets(database, (trx) => dropSet(database, trx, { name, state: 'building' }));

/**
 * Drops unused sets: those that a rebuild replaced, those of other builds and of rebuilds whose processes
 * are gone, and remains without an entry.
 */
export async function dropUnusedSets(database: Database): Promise<void> {
  const unused = (row: Row & { now: string }): boolean =>
    row.state === 'replaced' ||
    (isSilent(row) && (row.state === 'building' || row.digest !== database.digest));
  const remains = (rows: readonly Row[], names: readonly string[]) =>
    names.filter((name) => !rows.some((row) => row.name === name));
  const before = await allSets(database);
  if (!before.some(unused) && remains(before, await database.sets.list()).length === 0) return;
  await changingSets(database, async (trx) => {
    const rows = await allSets({ db: trx, sql: database.sql });
    for (const row of rows.filter(unused)) await dropSet(database, trx, row);
    for (const name of remains(rows, await database.sets.list())) await database.sets.drop(name);
  });
}

/** Drops every set at the place. */
export const dropAllSets = (database: Database): Promise<void> =>
  changingSets(database, async (trx) => {
    for (const row of await allSets({ db: trx, sql: database.sql })) await dropSet(database, trx, row);
    for (const name of await database.sets.list()) await database.sets.drop(name);
  });

/** Drops a set. Only its builder uses one that is being built. */
async function dropSet(
  database: Database,
  trx: Transaction<OperationalTables>,
  { name, state }: Pick<Row, 'name' | 'state'>,
): Promise<void> {
  const { sets } = database;
  if (state !== 'building' && (await sets.exists(name))) await markReplaced(database, name);
  await sets.drop(name);
  await trx.deleteFrom('model_sets').where('name', '=', name).execute();
}

/** Opens a set, runs an action with it, and closes it. */
export async function withSet<Result>(
  sets: Database['sets'],
  name: string,
  action: (set: ModelSet) => Promise<Result>,
): Promise<Result> {
  const set = await sets.open(name);
  try {
    return await action(set);
  } finally {
    await set.close();
  }
}

/**
 * Records in a set that it is replaced, for the processes that have it open.
 * @throws the error of a set that cannot be written now: a process that has its file open would go on with it.
 */
async function markReplaced({ sets, isTrouble }: Database, name: string): Promise<void> {
  try {
    await withSet(sets, name, ({ db }) =>
      db.transaction().execute(async (trx) => {
        await lockedBookmark(trx);
        await trx.updateTable('bookmark').set({ replaced: 1 }).execute();
      }),
    );
  } catch (error) {
    // It is damaged, or was marked before.
    if (isTrouble(error) && !(error instanceof ReadModelsDamagedError)) throw error;
  }
}

/**
 * Runs an action with every set at the place, of this build and others, one after another. Sets that are dropped
 * meanwhile are left out.
 */
export async function withEachSet(
  database: Database & Pick<ReadModelDatabase, 'use'>,
  action: (set: ModelSet) => Promise<void>,
): Promise<void> {
  for (const row of await allSets(database)) {
    if (row.state === 'replaced' || !(await database.sets.exists(row.name))) continue;
    if (row.state === 'live' && row.digest === database.digest) await database.use(action);
    else await withSet(database.sets, row.name, action);
  }
}

/** Returns read models whose live set may be that of another build, if this build has none: for facts in both. */
export const ofAnyBuild = (database: ReadModelDatabase): ReadModelDatabase => ({
  ...database,
  async use(action) {
    const live = (await allSets(database)).filter(({ state }) => state === 'live');
    const other = live.at(-1);
    if (other === undefined || live.some(({ digest }) => digest === database.digest))
      return database.use(action);
    return withSet(database.sets, other.name, action);
  },
});
