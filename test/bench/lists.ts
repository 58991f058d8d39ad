import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import Database from 'better-sqlite3';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { addDays } from '#lifecycle/plain-date';
import { openSqliteReadModels } from '#projections/sqlite/open-read-models';
import { queryDeadlines } from '#read-models/deadlines/deadlines-query';
import { asItWas } from '#read-models/history/history-source';
import { dueAsTheyWere } from '#read-models/history/past-deadlines';
import { NEVER } from '#read-models/history/spans';
import { queryRegister, REGISTER_SORTS } from '#read-models/register/register-query';
import type { RegisterQuery } from '#read-models/register/register-query';
import { queryStatistics } from '#read-models/register/statistics-query';
import { makeLargeStore } from './large-store.ts';
import { formatRow, measuring, median, row } from './row.ts';
import type { Row } from './row.ts';

const SMALL = { records: 1_000, events: 10_000 };
/** Ten for each record. */
const EVENTS = Number(process.env['DOCKET_BENCH_LISTS_EVENTS'] ?? 200_000);
const LARGE = { records: EVENTS / 10, events: EVENTS };
const ROUNDS = 9;
/** At a hundred times as many records a page takes four times as long at the most. */
const SLOWER_MAX = 4;

const TODAY = '2019-06-30';
const NAMED = { named: [null, null] } as const;
/** Two days, one of them as it was known while the history was recorded. */
const THEN = { effectiveOn: '2018-06-30', knownAt: null, ...NAMED };
const AS_KNOWN = { effectiveOn: '2017-06-30', knownAt: '2019-05-01T00:00:00.000Z', ...NAMED };

/** How often a second something can be done, one after the other. */
async function perSecond(action: () => unknown): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round <= ROUNDS; round += 1) {
    const began = performance.now();
    await action();
    // The first brings pages of the file into memory.
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

/** The same rows, counted by the database alone, in one statement: by body, status, and how due and how old each is on a day. */
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
  past: (database) => queryStatistics(database, { today: THEN.effectiveOn, recipients: null }, asItWas(THEN)),
};

const PAST = [THEN, AS_KNOWN];
const pastPage =
  (view: (typeof PAST)[number], query: Partial<RegisterQuery>): Read =>
  (database) =>
    queryRegister(
      database,
      { today: view.effectiveOn, recipients: null, limit: 50, ...query },
      asItWas(view),
    );

/** Those that leave nothing look at every row that could be left. */
const FILTERS: readonly Partial<RegisterQuery>[] = [
  { owner: ['nobody'] },
  { without: 'owner' },
  { status: ['complete'] },
  { recipient: ['force-3'], sort: 'title' },
  { deadline: ['overdue'] },
  { closure: ['requested'], sort: 'dueOn' },
  { extension: ['pending'] },
];

/** The slowest of each is held against how often a second it is to be done. */
const OF_THE_PAST: readonly (readonly [measure: string, perSecond: number, reads: readonly Read[]])[] = [
  ['a page in the usual order', 20, PAST.map((view) => pastPage(view, {}))],
  [
    'a page in any other order, or with a filter',
    10,
    PAST.flatMap((view) => [
      ...REGISTER_SORTS.filter((sort) => sort !== 'relevance').map((sort) => pastPage(view, { sort })),
      ...FILTERS.map((filter) => pastPage(view, filter)),
    ]),
  ],
  [
    'deadlines',
    10,
    PAST.map(
      (view): Read =>
        (database) =>
          queryDeadlines(
            database,
            { today: view.effectiveOn, recipients: null, limit: 50 },
            dueAsTheyWere(view),
          ),
    ),
  ],
  [
    'statistics',
    5,
    PAST.map(
      (view): Read =>
        (database) =>
          queryStatistics(database, { today: view.effectiveOn, recipients: null }, asItWas(view)),
    ),
  ],
];

async function pastRows(database: ReadModelDatabase): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [what, floor, reads] of OF_THE_PAST) {
    const measure = `the slowest of ${reads.length} views of the past: ${what}, of ${LARGE.events} events`;
    const rates = await measuring(measure, async () => {
      const each: number[] = [];
      for (const read of reads) each.push(await perSecond(() => read(database)));
      return each;
    });
    rows.push(row(measure, { value: Math.min(...rates), floor, target: 1, unit: 'a second' }));
    process.stderr.write(`${formatRow(rows.at(-1) as Row)}\n`);
  }
  return rows;
}

/** Lists and deadlines at two sizes side by side, and statistics against a raw count over the same rows. */
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
    return [...rows, ...(await pastRows(many))];
  } finally {
    for (const database of open) await database.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
