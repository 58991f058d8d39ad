import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import Database from 'better-sqlite3';
import { PROJECTIONS } from '#platform/projections';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { addDays } from '#lifecycle/plain-date';
import { openSqliteReadModels } from '#projections/sqlite/open-read-models';
import { queryDeadlines } from '#read-models/deadlines/deadlines-query';
import { queryRegister } from '#read-models/register/register-query';
import { queryStatistics } from '#read-models/register/statistics-query';
import { COMMON_WORDS, makeLargeStore } from './large-store.ts';
import { median, row } from './row.ts';
import type { Row } from './row.ts';

const SMALL = { records: 1_000, events: 10_000 };
/** The number of events; each record has ten. */
const EVENTS = Number(process.env['DOCKET_BENCH_LISTS_EVENTS'] ?? 200_000);
const LARGE = { records: EVENTS / 10, events: EVENTS };
const ROUNDS = 9;
/** The largest allowed factor by which a page may be slower with a hundred times as many records. */
const SLOWER_MAX = 4;

const TODAY = '2019-06-30';

/** Returns how often per second an action runs in sequence. */
async function perSecond(action: () => unknown): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round <= ROUNDS; round += 1) {
    const began = performance.now();
    await action();
    // The first run loads pages of the file into memory.
    if (round > 0) times.push(performance.now() - began);
  }
  return 1_000 / median(times);
}

type Read = (database: ReadModelDatabase) => Promise<unknown>;

const PAGES: Readonly<Record<string, Read>> = {
  'the first page of the list': (database) =>
    queryRegister(database, { today: TODAY, recipients: null, limit: 50 }),
  'the first page of a body’s open records by title': (database) =>
    queryRegister(database, {
      ...{ today: TODAY, recipients: null, limit: 50, recipient: ['force-3'] },
      ...{ status: ['awaiting-review', 'being-progressed'], sort: 'title' },
    }),
  'the first page of deadlines': (database) =>
    queryDeadlines(database, { today: TODAY, recipients: null, limit: 50 }),
};

/** The required number of pages a second of hits in every record. */
const PAGES_PER_SECOND = 10;

const SEARCHES: Readonly<Record<string, Read>> = Object.fromEntries(
  (['relevance', '-updatedOn'] as const).map((sort) => [
    `search where all records match, by ${sort}`,
    (database: ReadModelDatabase) =>
      queryRegister(database, {
        ...{ today: TODAY, recipients: null, limit: 50 },
        ...{ internal: 'all', q: COMMON_WORDS.join(' '), sort },
      }),
  ]),
);

/** SQL that counts the same rows in one statement: by body, status, due state and age. */
const before = (days: number) => `'${addDays(TODAY, -days)}'`;
const RAW_COUNT = `select recipient, status, closed,
    case when due_on is null then 0 when due_on <= ${before(30)} then 1 when due_on <= ${before(1)} then 2
      when due_on <= ${before(-14)} then 3 else 4 end as due,
    case when issued_on >= ${before(30)} then 0 when issued_on >= ${before(90)} then 1
      when issued_on >= ${before(180)} then 2 when issued_on >= ${before(365)} then 3 else 4 end as age,
    count(*) from register group by recipient, status, closed, due, age`;

/** Measures lists and deadlines at two sizes, searches, and statistics compared with a raw count of the same rows. */
export async function benchLists(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'docket-bench-'));
  const open: ReadModelDatabase[] = [];
  try {
    const at = async (name: string, size: typeof SMALL): Promise<string> => {
      const own = mkdtempSync(join(folder, name));
      return (await makeLargeStore(own, size)).readModels;
    };
    const [small, large] = [await at('small-', SMALL), await at('large-', LARGE)];
    open.push(openSqliteReadModels(small, PROJECTIONS), openSqliteReadModels(large, PROJECTIONS));
    const [few, many] = open as [ReadModelDatabase, ReadModelDatabase];
    const rows: Row[] = [];
    for (const [name, read] of Object.entries(PAGES)) {
      const floor = await perSecond(() => read(few));
      const value = await perSecond(() => read(many));
      const measure = `${name} at ${LARGE.records} records, against at ${SMALL.records}`;
      rows.push(row(measure, { value, floor, target: 1 / SLOWER_MAX, unit: 'a second' }));
    }
    for (const [name, read] of Object.entries(SEARCHES)) {
      const value = await perSecond(() => read(many));
      rows.push(row(name, { value, floor: PAGES_PER_SECOND, target: 1, unit: 'a second' }));
    }
    const raw = new Database(`${large}.${many.digest.slice(0, 6)}_1`, { readonly: true });
    const count = raw.prepare(RAW_COUNT);
    const floor = await perSecond(() => count.all());
    const value = await perSecond(() => queryStatistics(many, { today: TODAY, recipients: null }));
    raw.close();
    const measure = `statistics of ${LARGE.records} records, against a raw count`;
    rows.push(row(measure, { value, floor, target: 0.5, unit: 'a second' }));
    return rows;
  } finally {
    for (const database of open) await database.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
