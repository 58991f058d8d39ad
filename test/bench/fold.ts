import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { PROJECTIONS } from '#platform/projections';
import { createFirstGeneration, indexLive } from '#projections/generations';
import type { Projection } from '#projections/projection';
import { openConnection } from '#projections/sqlite/connection';
import { openSqliteReadModels } from '#projections/sqlite/open-read-models';
import { tableInGeneration } from '#projections/tables';
import { foldLog, makeLargeLog } from './large-store.ts';
import type { StoreSize } from './large-store.ts';
import { formatRow, row } from './row.ts';
import type { Row } from './row.ts';

const EVENTS_PER_RECORD = 10;
const TARGET = 0.5;
/** The batch size of the runner. */
const EVENTS_PER_BATCH = 1_000;

/**
 * Returns the size of the store, which `DOCKET_BENCH_FOLD_EVENTS=1000000` sets. With fewer events than the default,
 * updating indexes row by row is so cheap that the floor is not comparable.
 */
function sizeFromEnvironment(): StoreSize {
  const events = Number(process.env['DOCKET_BENCH_FOLD_EVENTS'] ?? 300_000);
  if (!Number.isSafeInteger(events) || events < EVENTS_PER_BATCH)
    throw new RangeError(`DOCKET_BENCH_FOLD_EVENTS is a number of events from ${EVENTS_PER_BATCH}`);
  return { records: Math.ceil(events / EVENTS_PER_RECORD), events };
}

/** Returns seconds of processor time, of all threads of this process. */
function processorSeconds(since?: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1e6;
}

/** Returns the processor time in which all projections fold the whole log and build their indexes. */
async function foldSeconds(log: string, readModels: string): Promise<number> {
  const before = process.cpuUsage();
  await foldLog(log, readModels);
  return processorSeconds(before);
}

type Cells = readonly unknown[];

/** Writes every row of a projection's tables, in this many transactions per table. */
function writeRows(
  from: Database.Database,
  to: Database.Database,
  { tables, searches = [] }: Projection,
  transactions: number,
): number {
  let seconds = 0;
  for (const { name, columns } of tables) {
    const table = tableInGeneration(name, 1);
    const names = Object.keys(columns);
    const quoted = names.map((column) => `"${column}"`).join(', ');
    const insert = to.prepare(`insert into ${table} (${quoted}) values (${names.map(() => '?').join(', ')})`);
    const indexes = searches
      .filter(({ table: searched }) => searched === name)
      .map(({ name: found, includes = () => true }) => {
        const index = to.prepare(`insert into ${tableInGeneration(found, 1)} (rowid, text) values (?, ?)`);
        return { index, includes };
      });
    const [id, text] = [names.indexOf('id'), names.indexOf('text')];
    const write = to.transaction((rows: readonly Cells[]) => {
      for (const cells of rows) insert.run(cells);
      for (const { index, includes } of indexes) {
        for (const cells of rows) if (includes(Number(cells[id]))) index.run(cells[id], cells[text]);
      }
    });
    const rows = from.prepare(`select count(*) from ${table}`).pluck().get() as number;
    const select = from.prepare(
      `select rowid, ${quoted} from ${table} where rowid > ? order by rowid limit ?`,
    );
    select.raw();
    const limit = Math.max(1, Math.ceil(rows / transactions));
    for (let after: unknown = -1, written = 0; written < rows;) {
      const read = select.all(after, limit) as Cells[];
      const part = read.map(([, ...cells]) => cells);
      const before = process.cpuUsage();
      write.immediate(part);
      seconds += processorSeconds(before);
      after = read.at(-1)?.[0];
      written += read.length;
    }
  }
  return seconds;
}

/**
 * Returns the time of the floor, which writes the projected rows to a new file. The file has the same tables, keys,
 * indexes, full-text index and pragmas; each row is one prepared statement, and each table has as many transactions as
 * the projection. A row that was updated many times is written once, in its final form, in the order of its table: the
 * floor decides nothing, reads nothing back, and updates nothing. It updates its indexes with each row, as a live read
 * model does. The projection builds them at its end, which its time includes.
 */
async function floorSeconds(folded: string, path: string, { events }: StoreSize): Promise<number> {
  await makeTables(path);
  const from = new Database(folded, { readonly: true });
  const to = openConnection(path);
  try {
    const transactions = Math.ceil(events / EVENTS_PER_BATCH);
    return PROJECTIONS.reduce((sum, projection) => sum + writeRows(from, to, projection, transactions), 0);
  } finally {
    to.close();
    from.close();
  }
}

/** Creates the tables of all projections, and their indexes. */
async function makeTables(path: string): Promise<void> {
  const database = openSqliteReadModels(path);
  for (const projection of PROJECTIONS) {
    await createFirstGeneration(database, projection);
    await indexLive(database, projection);
  }
  await database.close();
}

/**
 * Measures projecting a log into all read models, compared with writing the resulting rows. Both are events per second
 * of processor time: other work on the machine makes both wait, but not work more.
 */
export async function benchFold(): Promise<Row[]> {
  const size = sizeFromEnvironment();
  const folder = mkdtempSync(join(tmpdir(), 'docket-bench-fold-'));
  try {
    const log = await makeLargeLog(folder, size);
    const readModels = join(folder, 'read-models.sqlite');
    const folded = await foldSeconds(log, readModels);
    const floor = await floorSeconds(readModels, join(folder, 'floor.sqlite'), size);
    return [
      row(`folding all read models over ${size.events} events, against writing the same rows raw`, {
        value: size.events / folded,
        floor: size.events / floor,
        target: TARGET,
        unit: 'events/CPU s',
      }),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (import.meta.main) {
  for (const measured of await benchFold()) process.stdout.write(`${formatRow(measured)}\n`);
}
