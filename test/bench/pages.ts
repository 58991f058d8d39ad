import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { streamEvents } from '#event-sourcing/event-store';
import { openSqliteEventStore } from '#event-store/sqlite/sqlite-event-store';
import { SEALER_MODULE } from '#audit/seal';
import { recordStream } from '#state-machines/inspection-recommendation/kind';
import { startBenchServer } from './bench-server.ts';
import type { BenchServer } from './bench-server.ts';
import { makeLargeStore, makeStoreOf, recordIdAt } from './large-store.ts';
import { atMost, median } from './row.ts';
import type { Row } from './row.ts';

const SIZE = { records: 100_000, events: 200_000 };
const ROUNDS = 150;
/** The lengths of the compared histories, in events. */
const HISTORY = { long: 5_000, short: 50, records: 5 };
const SLOWER_MAX = 3;

/** Returns the headers of a signed-in user's browser. */
async function signedIn({ address }: BenchServer): Promise<Record<string, string>> {
  const answer = await fetch(`${address}/sign-in`, {
    method: 'POST',
    redirect: 'manual',
    headers: { origin: address },
    body: new URLSearchParams({ person: 'demo-inspector', to: '/' }),
  });
  const [cookie = ''] = answer.headers.getSetCookie();
  if (cookie === '') throw new Error(`Nobody was signed in: ${answer.status}`);
  return { cookie: cookie.split(';')[0] ?? '', accept: 'text/html' };
}

/** Returns the milliseconds to a response's first byte, and reads the rest. */
function firstByteMs(url: string, headers: Record<string, string>, agent: Agent): Promise<number> {
  const began = performance.now();
  return new Promise((resolve, reject) => {
    get(url, { headers, agent }, (answer) => {
      const took = performance.now() - began;
      if (answer.statusCode !== 200)
        reject(new Error(`${url} was answered with ${String(answer.statusCode)}`));
      answer.on('end', () => {
        resolve(took);
      });
      answer.resume();
    }).on('error', reject);
  });
}

/** Returns the medians of two addresses, requested in alternation, so that other work on the machine affects both. */
async function mediansOf(
  server: BenchServer,
  requests: readonly { readonly path: string; readonly headers: Record<string, string> }[],
): Promise<number[]> {
  const agent = new Agent({ keepAlive: true });
  const times = requests.map((): number[] => []);
  for (let round = 0; round < ROUNDS; round += 1)
    for (const [index, { path, headers }] of requests.entries())
      times[index]?.push(await firstByteMs(server.address + path, headers, agent));
  agent.destroy();
  return times.map((each) => median(each.slice(ROUNDS / 3)));
}

const compared = (measure: string, value: number, floor: number): Row =>
  atMost(measure, { value, floor, target: SLOWER_MAX, unit: 'ms' });

/** Measures pages of many records, and of one with a long history. */
export const benchPages = async (): Promise<Row[]> => [...(await benchRegister()), ...(await benchHistory())];

/** Runs an action with a temporary folder. */
async function inFolder<Result>(action: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = mkdtempSync(join(process.cwd(), '.bench-pages-'));
  try {
    return await action(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/**
 * Measures the register's page compared with the layout and an empty list, and a record's page compared with its JSON.
 */
const benchRegister = (): Promise<Row[]> =>
  inFolder(async (folder) => {
    const { store } = await makeLargeStore(folder, SIZE);
    return served(folder, store, async (server, browser) => {
      const [list = NaN, empty = NaN] = await mediansOf(server, [
        { path: '/recommendations', headers: browser },
        { path: '/recommendations?issue=none', headers: browser },
      ]);
      const id = recordIdAt(7);
      const [page = NaN, json = NaN] = await mediansOf(server, [
        { path: `/recommendations/${id}`, headers: browser },
        { path: `/api/recommendations/${id}`, headers: server.headers },
      ]);
      return [
        compared(
          `the register's first byte with ${SIZE.records} records, against an empty list`,
          list,
          empty,
        ),
        compared("a record's page, against its JSON", page, json),
      ];
    });
  });

/**
 * Measures the history page of a long record compared with that of a short one and, if it is not cached, with reading
 * its events.
 */
const benchHistory = (): Promise<Row[]> =>
  inFolder(async (folder) => {
    const longs = Array<number>(HISTORY.records).fill(HISTORY.long);
    const { store } = await makeStoreOf(folder, [...longs, HISTORY.short]);
    const raw = await readingMs(store);
    return served(folder, store, async (server, headers) => {
      const pageOf = (record: number) => ({
        path: `/recommendations/${recordIdAt(record)}/history`,
        headers,
      });
      const [long = NaN, short = NaN] = await mediansOf(server, [pageOf(0), pageOf(HISTORY.records)]);
      // There are more records than the cache contains, so each is evicted before it is requested again.
      const first = await mediansOf(
        server,
        longs.map((_, record) => pageOf(record)),
      );
      return [
        compared(`the history of ${HISTORY.long} events, against that of ${HISTORY.short}`, long, short),
        compared('the same with nothing cached, against reading its events', median(first), raw),
      ];
    });
  });

/** Returns the median time of reading all events of a record. */
async function readingMs(path: string): Promise<number> {
  const store = await openSqliteEventStore({ path, sealerModule: SEALER_MODULE, create: false });
  const times: number[] = [];
  try {
    for (let round = 0; round < ROUNDS; round += 1) {
      const began = performance.now();
      await Array.fromAsync(streamEvents(store, recordStream(recordIdAt(round % HISTORY.records))));
      times.push(performance.now() - began);
    }
  } finally {
    await store.close();
  }
  return median(times.slice(ROUNDS / 3));
}

/** Runs an action with an inspector's browser and a service on a store. */
async function served(
  folder: string,
  store: string,
  action: (server: BenchServer, browser: Record<string, string>) => Promise<Row[]>,
): Promise<Row[]> {
  const server = await startBenchServer(folder, store, ['inspector']);
  try {
    return await action(server, await signedIn(server));
  } finally {
    await server.stop();
  }
}
