import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import Database from 'better-sqlite3';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { addDays } from '#lifecycle/plain-date';
import { openSqliteReadModels } from '#projections/sqlite/open-read-models';
import { queryDeadlines } from '#read-models/deadlines/deadlines-query';
import { pastRegister } from '#read-models/history/history-source';
import { NEVER } from '#read-models/history/spans';
import { queryRegister } from '#read-models/register/register-query';
import { queryStatistics } from '#read-models/register/statistics-query';
import { makeLargeStore } from './large-store.ts';
import { formatRow, measuring, median, row } from './row.ts';
import type { Row } from './row.ts';

const SMALL = { records: 1_000, events: 10_000 };
/** The number of events; each record has ten. */
const EVENTS = Number(process.env['DOCKET_BENCH_LISTS_EVENTS'] ?? 200_000);
const LARGE = { records: EVENTS / 10, events: EVENTS };
const ROUNDS = 9;
/** The largest allowed factor by which a page may be slower with a hundred times as many records. */
const SLOWER_MAX = 4;

const TODAY = '2019-06-30';
const THEN = { effectiveOn: '2018-06-30', knownAt: null, named: [null, null] } as const;

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

const HOLDS = `from_on <= '${THEN.effectiveOn}' and known_to = ${NEVER}
  and (next_on > '${THEN.effectiveOn}' or next_known = ${NEVER})`;

/** Returns SQL that counts the same rows in one statement: by body, status, due state and age on a day. */
function rawCount(rows: string, day: string): string {
  const before = (days: number) => `'${addDays(day, -days)}'`;
  return `select recipient, status, closed,
    case when due_on is null then 0 when due_on <= ${before(30)} then 1 when due_on <= ${before(1)} then 2
      when due_on <= ${before(-14)} then 3 else 4 end as due,
    case when issued_on >= ${before(30)} then 0 when issued_on >= ${before(90)} then 1
      when issued_on >= ${before(180)} then 2 when issued_on >= ${before(365)} then 3 else 4 end as age,
    count(*) from ${rows} group by recipient, status, closed, due, age`;
}
const RAW = {
  'today’s': rawCount('register_g1', TODAY),
  past: rawCount(`history_g1 where ${HOLDS}`, THEN.effectiveOn),
} as const;

const STATISTICS: Readonly<Record<keyof typeof RAW, Read>> = {
  'today’s': (database) => queryStatistics(database, { today: TODAY, recipients: null }),
  past: (database) =>
    queryStatistics(database, { today: THEN.effectiveOn, recipients: null }, pastRegister(THEN)),
};

/** Measures lists and deadlines at two sizes, and statistics compared with a raw count of the same rows. */
export async function benchLists(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'docket-bench-'));
  const open: ReadModelDatabase[] = [];
  try {
    const at = async (name: string, size: typeof SMALL): Promise<string> => {
      const own = mkdtempSync(join(folder, name));
      return (await makeLargeStore(own, size)).readModels;
    };
    const [small, large] = [await at('small-', SMALL), await at('large-', LARGE)];
    open.push(openSqliteReadModels(small), openSqliteReadModels(large));
    const [few, many] = open as [ReadModelDatabase, ReadModelDatabase];
    const rows: Row[] = [];
    const add = async (
      measure: string,
      value: () => unknown,
      floor: () => unknown,
      target: number,
    ): Promise<void> => {
      const rates = await measuring(measure, async () => ({
        floor: await perSecond(floor),
        value: await perSecond(value),
      }));
      rows.push(row(measure, { ...rates, target, unit: 'a second' }));
      process.stderr.write(`${formatRow(rows.at(-1) as Row)}\n`);
    };
    for (const [name, read] of Object.entries(PAGES)) {
      const measure = `${name} at ${LARGE.records} records, against at ${SMALL.records}`;
      await add(
        measure,
        () => read(many),
        () => read(few),
        1 / SLOWER_MAX,
      );
    }
    const raw = new Database(large, { readonly: true });
    for (const [name, read] of Object.entries(STATISTICS)) {
      const count = raw.prepare(RAW[name as keyof typeof RAW]);
      const measure = `${name} statistics of ${LARGE.records} records, against a raw count`;
      await add(
        measure,
        () => read(many),
        () => count.all(),
        0.5,
      );
    }
    raw.close();
    return rows;
  } finally {
    for (const database of open) await database.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
