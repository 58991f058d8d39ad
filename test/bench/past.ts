import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { SEALER_MODULE } from '#audit/seal';
import type { EventStore } from '#event-sourcing/event-store';
import { openSqliteEventStore } from '#event-store/sqlite/sqlite-event-store';
import { addDays } from '#lifecycle/plain-date';
import { LivesSet, shortPages } from '#lives/lives-set';
import { startBenchServer } from './bench-server.ts';
import type { BenchServer } from './bench-server.ts';
import { makeLargeStore, recordIdAt } from './large-store.ts';
import { atMost, median } from './row.ts';
import type { Row } from './row.ts';

/** The number of events; each record has ten. A million takes a quarter of an hour. */
const EVENTS = Number(process.env['DOCKET_BENCH_PAST_EVENTS'] ?? 100_000);
const ROUNDS = 7;
const ALONE_MS = 3_000;
/** The pause between the requests of another person. */
const PAUSE_MS = 10;

/** The largest acceptable figures: milliseconds, and megabytes of one set of lives. */
const DESIGN =
  EVENTS <= 100_000
    ? { first: 3_000, day: 150, otherDay: 150, series: 150, memory: 15 }
    : { first: 25_000, day: 150, otherDay: 1_200, series: 150, memory: 120 };
/** The largest acceptable factors of what was measured in the same run. */
const RATIOS = { first: 6, day: 15, otherDay: 0.25, series: 0.1, others: 3 };
/** The longest time for which backdated commands may delay others, in milliseconds. */
const DELAY_MS_MAX = 2_000;
const BACKDATED = 7_500;
const BACKDATED_AT_ONCE = 8;

const DAY = '2018-06-30';
const KNOWN_AT = '2019-05-01T00:00:00.000Z';
const LIST = '/api/recommendations?limit=50';

async function answered({ address, headers }: BenchServer, path: string): Promise<number> {
  const answer = await fetch(address + path, { headers });
  const text = await answer.text();
  if (answer.status !== 200 && answer.status !== 503)
    throw new Error(`${path} was answered with ${answer.status}: ${text}`);
  return answer.status;
}

/** Returns the milliseconds until a view is answered. While lives are read, requests are refused with 503. */
async function untilAnswered(server: BenchServer, path: string): Promise<number> {
  const began = performance.now();
  while ((await answered(server, path)) !== 200) await new Promise((done) => setTimeout(done, 20));
  return performance.now() - began;
}

async function medianMs(server: BenchServer, pathOf: (round: number) => string): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) times.push(await untilAnswered(server, pathOf(round)));
  return median(times);
}

async function comment(server: BenchServer, record: number, effectiveOn?: string): Promise<void> {
  const { address, headers } = server;
  const path = `/api/recommendations/${recordIdAt(record)}/commands/add-comment`;
  const body = JSON.stringify({
    text: 'The plan is on its way.',
    visibility: 'public',
    ...(effectiveOn && { effectiveOn }),
  });
  const answer = await fetch(address + path, { method: 'POST', headers, body });
  if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  await answer.arrayBuffer();
}

/** Returns the times of another person's lists and commands, one after the other, until some work is done. */
async function othersDuring(server: BenchServer, work: Promise<unknown>): Promise<readonly number[]> {
  const times: number[] = [];
  const state = { isOver: false };
  const over = work.finally(() => (state.isOver = true));
  for (let turn = 0; !state.isOver; turn += 1) {
    const began = performance.now();
    await (turn % 2 === 0 ? answered(server, LIST) : comment(server, turn % (EVENTS / 10)));
    times.push(performance.now() - began);
    await new Promise((done) => setTimeout(done, PAUSE_MS));
  }
  await over;
  return times;
}

const p99 = (times: readonly number[]): number =>
  times.toSorted((a, b) => a - b)[Math.floor(0.99 * times.length)] ?? NaN;

/** Returns the row of a time against what was measured in this run, and the row against the design's figure. */
const rowsOf = (what: string, value: number, [against, floor, most]: Floor, design: number): Row[] => [
  atMost(`${what}, against ${against}`, { value, floor, target: most, unit: 'ms' }),
  atMost(`${what}, against the design's figure`, { value, floor: design, target: 1, unit: 'ms' }),
];
type Floor = readonly [against: string, ms: number, most: number];

/** Measures the first view of a kind, and other people's requests meanwhile. */
async function firstView(server: BenchServer, what: string, path: string, logMs: number): Promise<Row[]> {
  const alone = p99(await othersDuring(server, new Promise((done) => setTimeout(done, ALONE_MS))));
  const view = untilAnswered(server, path);
  const beside = p99(await othersDuring(server, view));
  return [
    ...rowsOf(what, await view, ['reading the log', logMs, RATIOS.first], DESIGN.first),
    atMost(`p99 of others during ${what}, against alone`, {
      ...{ value: beside, floor: alone, target: RATIOS.others, unit: 'ms' },
    }),
  ];
}

/** Measures days that are shown, other days and figures. */
async function views(server: BenchServer, logMs: number): Promise<Row[]> {
  const current = await medianMs(server, () => LIST);
  const shown = await medianMs(server, () => `${LIST}&effectiveOn=${DAY}`);
  const other = await medianMs(server, (round) => `${LIST}&effectiveOn=${addDays(DAY, -1 - round)}`);
  const year = (round: number) => `from=${2016 + (round % 3)}-01-01&to=${2016 + (round % 3)}-12-31`;
  const series = await medianMs(server, (round) => `/api/statistics/series?interval=month&${year(round)}`);
  const ofLog = (most: number): Floor => ['reading the log', logMs, most];
  return [
    ...rowsOf('a page of a day already shown', shown, ['the current list', current, RATIOS.day], DESIGN.day),
    ...rowsOf('a page of another day', other, ofLog(RATIOS.otherDay), DESIGN.otherDay),
    ...rowsOf('12 points of a series', series, ofLog(RATIOS.series), DESIGN.series),
  ];
}

/** Measures how long backdated commands on one record delay the lists and commands of another person. */
async function backdating(server: BenchServer): Promise<Row> {
  const clients = Array.from({ length: BACKDATED_AT_ONCE }, async () => {
    for (let n = 0; n < BACKDATED / BACKDATED_AT_ONCE; n += 1) await comment(server, 0, DAY);
  });
  const times = await othersDuring(server, Promise.all(clients));
  return atMost(`the longest list or command beside ${BACKDATED} backdated commands`, {
    ...{ value: times.reduce((a, b) => Math.max(a, b), 0), floor: DELAY_MS_MAX, target: 1, unit: 'ms' },
  });
}

/** Reads the log without folding it. */
async function readingMs(log: EventStore): Promise<number> {
  const began = performance.now();
  for await (const page of shortPages(log, '0')) void page;
  return performance.now() - began;
}

/** Returns the megabytes of the lives of all records. */
async function megabytesOfLives(log: EventStore): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const used = () => {
    collect();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  // The first set also fills caches of the program.
  const sets = [1, 2].map(() => new LivesSet(log, null, () => undefined));
  await sets[0]?.build(() => undefined);
  const before = used();
  await sets[1]?.build(() => undefined);
  const bytes = used() - before;
  // No set may be collected before it is measured.
  for (const set of sets) set.mark(recordIdAt(0));
  return bytes / 2 ** 20;
}

/** Measures views of the past through the service: the first, others, figures, the memory of a set of lives, and backdated commands. */
export async function benchPast(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'docket-bench-past-'));
  try {
    const { store } = await makeLargeStore(folder, { records: EVENTS / 10, events: EVENTS });
    const log = await openSqliteEventStore({ path: store, sealerModule: SEALER_MODULE, create: false });
    const logMs = await readingMs(log);
    const memory = await megabytesOfLives(log);
    await log.close();
    const server = await startBenchServer(folder, store, ['inspector', 'approver']);
    try {
      const path = `${LIST}&effectiveOn=${DAY}`;
      return [
        ...(await firstView(server, `the first view at ${EVENTS} events`, path, logMs)),
        ...(await firstView(
          server,
          'the first view as known at a time',
          `${path}&knownAt=${KNOWN_AT}`,
          logMs,
        )),
        ...(await views(server, logMs)),
        atMost("the memory of a set of lives, against the design's figure", {
          ...{ value: memory, floor: DESIGN.memory, target: 1, unit: 'MB' },
        }),
        await backdating(server),
      ];
    } finally {
      await server.stop();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
