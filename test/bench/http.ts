import autocannon from 'autocannon';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { formatRow, median, row } from './row.ts';
import type { Row } from './row.ts';
import { startBenchServer } from './bench-server.ts';
import type { BenchServer } from './bench-server.ts';

const CONNECTIONS = 64;
const RECORDS = 1_000;
const ROUNDS = 5;
const ROUND_SECONDS = 4;
const WARM_UP_SECONDS = 3;
const DELAY_MS_MAX = 10;

const COMMENT = JSON.stringify({
  text: 'The force has set out its priorities in line with the plan, and will publish the action plan in spring.',
});

async function issueRecords({ address, headers }: BenchServer): Promise<void> {
  const bodies = ['forces-a', 'forces-b'].flatMap((prefix) =>
    Array.from({ length: RECORDS / 20 / 2 }, (_, index) => ({ id: `${prefix}-${index}` })),
  );
  for (const { id } of bodies) {
    const recipients = Array.from({ length: 20 }, (_, index) => `body-${index}`);
    const body = JSON.stringify({
      id,
      title: 'Bench',
      text: 'Every force should publish an action plan.',
      recipients,
      report: { name: 'Bench', publishedOn: '2026-01-05' },
    });
    const answer = await fetch(`${address}/api/recommendations`, { method: 'POST', headers, body });
    if (answer.status !== 201)
      throw new Error(`issuing ${id} was answered with ${answer.status}: ${await answer.text()}`);
  }
}

/** Returns the comment paths of all records. Each connection starts at another one. */
function commentRequests(): { method: 'POST'; path: string }[] {
  const paths = ['forces-a', 'forces-b'].flatMap((prefix) =>
    Array.from({ length: RECORDS / 20 / 2 }, (_, index) =>
      Array.from(
        { length: 20 },
        (__, body) => `/api/recommendations/${prefix}-${index}.body-${body}/commands/add-comment`,
      ),
    ).flat(),
  );
  return paths.map((path) => ({ method: 'POST' as const, path }));
}

/** Returns requests per second. Every response must be 200. */
async function load(
  { address, headers }: BenchServer,
  path: string | null,
  seconds: number,
): Promise<number> {
  const requests = commentRequests();
  let clients = 0;
  const result = await autocannon({
    url: path === null ? address : `${address}${path}`,
    connections: CONNECTIONS,
    duration: seconds,
    method: 'POST',
    headers,
    body: COMMENT,
    ...(path === null && {
      setupClient(client: autocannon.Client) {
        const start = Math.floor((clients++ * requests.length) / CONNECTIONS);
        client.setRequests(
          [...requests.slice(start), ...requests.slice(0, start)].map((one) => ({
            ...one,
            headers,
            body: COMMENT,
          })),
        );
      },
    }),
  });
  if (result.non2xx > 0 || result.errors > 0) {
    throw new Error(`${result.non2xx} answers were no 200, ${result.errors} connections failed`);
  }
  return result.requests.average;
}

/**
 * Measures durable commands over HTTP, compared with the same server's empty route, and the event loop's delay
 * meanwhile.
 */
export async function benchHttp(): Promise<Row[]> {
  const folder = mkdtempSync(join(process.cwd(), '.bench-http-'));
  const server = await startBenchServer(folder, join(folder, 'docket.sqlite'), ['inspector']);
  const delay = async () =>
    (await (await fetch(`${server.address}/api/bench/delay`, server)).json()) as { p99: number };
  try {
    await issueRecords(server);
    await load(server, null, WARM_UP_SECONDS);
    await load(server, '/api/bench/empty', WARM_UP_SECONDS);
    const rates: { commands: number[]; empty: number[]; p99: number[] } = {
      commands: [],
      empty: [],
      p99: [],
    };
    for (let round = 0; round < ROUNDS; round++) {
      rates.empty.push(await load(server, '/api/bench/empty', ROUND_SECONDS));
      await delay();
      rates.commands.push(await load(server, null, ROUND_SECONDS));
      rates.p99.push((await delay()).p99);
    }
    const p99 = median(rates.p99);
    return [
      row(`durable commands over HTTP, ${CONNECTIONS} connections on ${RECORDS} records`, {
        value: median(rates.commands),
        floor: median(rates.empty),
        target: 0.6,
        unit: 'requests/s',
      }),
      {
        measure: 'event-loop delay p99 during that load',
        value: p99,
        floor: DELAY_MS_MAX,
        ratio: p99 / DELAY_MS_MAX,
        target: 1,
        unit: 'ms',
        isMet: p99 <= DELAY_MS_MAX,
      },
    ];
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true });
  }
}

if (import.meta.main) {
  for (const measured of await benchHttp()) process.stdout.write(`${formatRow(measured)}\n`);
}
