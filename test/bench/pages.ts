import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { startBenchServer } from './bench-server.ts';
import type { BenchServer } from './bench-server.ts';
import { makeLargeStore, recordIdAt } from './large-store.ts';
import { median } from './row.ts';
import type { Row } from './row.ts';

const SIZE = { records: 100_000, events: 200_000 };
const ROUNDS = 150;
const SLOWER_MAX = 3;

/** As the browser of somebody who signed in asks for a page. */
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

/** Milliseconds until the first byte of an answer is there; the rest of it is read. */
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

/** The medians of two addresses, asked for in turn, so that whatever else the machine does is the same for both. */
async function mediansOf(
  server: BenchServer,
  asked: readonly { readonly path: string; readonly headers: Record<string, string> }[],
): Promise<number[]> {
  const agent = new Agent({ keepAlive: true });
  const times = asked.map((): number[] => []);
  for (let round = 0; round < ROUNDS; round += 1)
    for (const [index, { path, headers }] of asked.entries())
      times[index]?.push(await firstByteMs(server.address + path, headers, agent));
  agent.destroy();
  return times.map((each) => median(each.slice(ROUNDS / 3)));
}

const atMost = (measure: string, value: number, floor: number): Row => ({
  measure: `${measure} (at most)`,
  value,
  floor,
  ratio: value / floor,
  target: SLOWER_MAX,
  unit: 'ms',
  holds: value / floor <= SLOWER_MAX,
});

/** The register's page against the layout with an empty list, and a record's page against its JSON. */
export async function benchPages(): Promise<Row[]> {
  const folder = mkdtempSync(join(process.cwd(), '.bench-pages-'));
  let server: BenchServer | undefined;
  try {
    const { store } = await makeLargeStore(folder, SIZE);
    server = await startBenchServer(folder, store, ['inspector']);
    const browser = await signedIn(server);
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
      atMost(`the register's first byte with ${SIZE.records} records, against an empty list`, list, empty),
      atMost("a record's page, against its JSON", page, json),
    ];
  } finally {
    await server?.stop();
    rmSync(folder, { recursive: true });
  }
}
