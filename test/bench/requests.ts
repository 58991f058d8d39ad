import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { startPostgresqlServer } from '../support/postgresql-server.ts';
import { startBenchServer } from './bench-server.ts';
import type { BenchServer } from './bench-server.ts';
import { COMMON_WORDS, makeLargeStore } from './large-store.ts';
import { atMost, median } from './row.ts';
import type { Row } from './row.ts';

/** The number of events; each record has ten. */
const EVENTS = Number(process.env['DOCKET_BENCH_REQUESTS_EVENTS'] ?? 200_000);
const ROUNDS = 7;
const FOLDED_MS_MAX = 3_600_000;

const ORDERS = ['id', 'title', 'status', 'recipient', 'issuedOn', 'updatedOn', 'dueOn'].flatMap((order) => [
  `sort=${order}`,
  `sort=-${order}`,
]);
const FILTERS = [
  ...['status=complete', 'status=being-progressed&sort=title', 'status=complete&sort=title'],
  ...[
    'recipient=force-3',
    'recipient=force-3&sort=title',
    'owner=nobody',
    'without=owner',
    'statusOrigin=command',
  ],
  ...['deadline=overdue', 'deadline=approaching', 'closure=requested&sort=dueOn', 'evidence=submitted'],
  ...[
    'extension=pending',
    'proposal=waiting',
    'dueFrom=2017-01-01&dueTo=2017-03-31',
    'issuedFrom=2018-06-01',
  ],
  ...['queue=closures-to-decide', 'queue=extensions-to-decide', 'queue=overdue', 'queue=without-owner'],
];
const VIEWS = { current: '', 'on a past day': 'effectiveOn=2018-06-30' } as const;
/** Titles of a past day are not known. */
const offered = (view: string, queries: readonly string[]): readonly string[] =>
  view === '' ? queries : queries.filter((query) => !query.includes('title'));
const COMMON = COMMON_WORDS.join('+');

/** A group of requests, and the longest acceptable time in milliseconds. */
type RequestGroup = readonly [what: string, mostMs: number, paths: readonly string[]];

const LIST = '/api/recommendations?limit=50';
const ASKED: readonly RequestGroup[] = [
  ...Object.entries(VIEWS).flatMap(([name, view]): RequestGroup[] => {
    const list = (query: string) => `${LIST}&${view}&${query}`;
    return [
      [`${name}: a page in the usual order`, 50, [list('')]],
      [`${name}: a page in any order`, 100, offered(view, ORDERS).map(list)],
      [`${name}: a page with a filter`, 200, offered(view, FILTERS).map(list)],
      [
        `${name}: deadlines`,
        100,
        ['', '&state=overdue'].map((more) => `/api/deadlines?limit=50&${view}${more}`),
      ],
      [`${name}: statistics`, 200, [`/api/statistics?${view}`, `/api/statistics?${view}&deadline=overdue`]],
    ];
  }),
  [
    'search for what all records have',
    100,
    ['relevance', '-updatedOn'].map((sort) => `${LIST}&q=${COMMON}&sort=${sort}`),
  ],
  [
    'search for what a sixth of them have',
    250,
    ['relevance', '-updatedOn'].map((sort) => `${LIST}&q=custody&sort=${sort}`),
  ],
  ['what waits', 500, ['/api/work']],
  ['times to closure', 500, ['/api/statistics/closure-times']],
  ['what became of deadlines', 1_000, ['/api/statistics/deadlines']],
];

async function millisecondsOf({ address, headers }: BenchServer, path: string): Promise<number> {
  const times: number[] = [];
  // The first request loads pages of the file into memory.
  while (times.length <= ROUNDS) {
    const began = performance.now();
    const answer = await fetch(address + path, { headers });
    const text = await answer.text();
    if (answer.status === 503) {
      // Lives are being read from the log.
      await new Promise((done) => setTimeout(done, 100));
      continue;
    }
    if (answer.status !== 200) throw new Error(`${path} was answered with ${answer.status}: ${text}`);
    times.push(performance.now() - began);
  }
  return median(times.slice(1));
}

/** Waits until all read models are at the end of the log. */
async function ready({ address }: BenchServer): Promise<void> {
  for (const until = performance.now() + FOLDED_MS_MAX; performance.now() < until;) {
    if ((await fetch(`${address}/health/ready`)).ok) return;
    await new Promise((done) => setTimeout(done, 1_000));
  }
  throw new Error('The read models have not come to the end of the log');
}

async function rowsOf(server: BenchServer, database: string): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [what, mostMs, paths] of ASKED) {
    const times = new Map<string, number>();
    for (const path of paths) {
      const took = await millisecondsOf(server, path);
      times.set(path, took);
      process.stderr.write(`  ${database} ${took.toFixed(1)} ms ${path}\n`);
    }
    const value = Math.max(...times.values());
    const measure = `${database}, ${EVENTS} events, over HTTP, ${what}, the slowest of ${paths.length}`;
    rows.push(atMost(measure, { value, floor: mostMs, target: 1, unit: 'ms' }));
  }
  return rows;
}

/** Functions that run an action with read models in a database, by its address. */
const DATABASES: Readonly<
  Record<string, (folder: string, measure: (at: string) => Promise<Row[]>) => Promise<Row[]>>
> = {
  SQLite: (folder, measure) => measure(`sqlite:${join(folder, 'docket.read-models.sqlite')}`),
  async PostgreSQL(_, measure) {
    const server = await startPostgresqlServer();
    try {
      return await measure(`${server.url}?schema=docket_bench_read_models`);
    } finally {
      await server.remove();
    }
  },
};

/** Measures lists, figures and searches of today and of a past day, in any order and with any filter, on both databases. */
export async function benchRequests(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'docket-bench-requests-'));
  try {
    const { store } = await makeLargeStore(folder, { records: EVENTS / 10, events: EVENTS });
    const rows: Row[] = [];
    for (const [database, run] of Object.entries(DATABASES)) {
      const measureAt = async (readModels: string): Promise<Row[]> => {
        const server = await startBenchServer(folder, store, ['inspector', 'approver'], {
          DOCKET_READ_MODELS: readModels,
        });
        try {
          await ready(server);
          return await rowsOf(server, database);
        } finally {
          await server.stop();
        }
      };
      rows.push(...(await run(folder, measureAt)));
    }
    return rows;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
