import autocannon from 'autocannon';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { BODIES, COMMON_WORDS, makeLargeStore, recordIdAt } from './large-store.ts';
import { atMost, median, row } from './row.ts';
import type { Row } from './row.ts';
import { startBenchServer } from './bench-server.ts';
import type { BenchServer } from './bench-server.ts';

const SIZE = { records: 20_000, events: 100_000 };
const CONNECTIONS = 64;
const READERS = 8;
const ROUNDS = 4;
const ROUND_SECONDS = 4;
/** The share of the empty route's rate, and the factors of its processor time and 99th percentile. */
/** `processor` and `p99` are a tenth above the largest of three quiet runs. */
const LIMITS = { rate: 0.6, processor: 5, p99: 4, besideReaders: 3, delayMs: 10 };

const COMMENT = JSON.stringify({
  text: 'The force has set out its priorities, and will publish its plan in spring.',
  visibility: 'public',
});

/** The requests that each reader repeats: search, lists, counts, and pages of events. */
const READS: readonly ((turn: number) => string)[] = [
  () => `/api/recommendations?q=${COMMON_WORDS.join('%20')}`,
  (turn) => `/api/recommendations?sort=title&limit=200&recipient=${BODIES[turn % BODIES.length]}`,
  () => '/api/statistics',
  (turn) => `/api/events?limit=10000&after=${(turn * 7_919) % (SIZE.events - 10_000)}`,
  (turn) => `/api/recommendations?q=${COMMON_WORDS[turn % COMMON_WORDS.length]}&sort=-updatedOn`,
  (turn) => `/api/deadlines?limit=200&recipient=${BODIES[turn % BODIES.length]}`,
  (turn) =>
    `/api/recommendations?deadline=overdue&status=being-progressed&sort=dueOn&recipient=${BODIES[turn % BODIES.length]}`,
  (turn) => `/api/events?limit=10000&type=CommentAdded&after=${(turn * 6_007) % (SIZE.events - 20_000)}`,
];

/** Each connection comments on other records of the whole store. */
const commentOf = (connection: number, turn: number): string =>
  `/api/recommendations/${recordIdAt((connection + turn * CONNECTIONS) % SIZE.records)}/commands/add-comment`;
/** The route with only those steps that every command's request passes. */
const emptyRoute = (): string => '/api/bench/empty';

interface Measured {
  /** Requests a second. */
  readonly rate: number;
  /** The 99th percentile of the responses, in milliseconds. */
  readonly p99: number;
  /** The server's processor time for a request, in milliseconds. */
  readonly processorMs: number;
  /** The 99th percentile of the event loop's delay, in milliseconds. */
  readonly delayMs: number;
}

/** Sends requests on all connections, of which every response must be 200. */
async function round(server: BenchServer, pathOf: typeof commentOf): Promise<Measured> {
  const { address, headers } = server;
  await usage(server);
  let clients = 0;
  const { requests, latency, non2xx, errors } = await autocannon({
    url: address,
    connections: CONNECTIONS,
    duration: ROUND_SECONDS,
    setupClient(client: autocannon.Client) {
      const connection = clients++;
      client.setRequests(
        Array.from({ length: 200 }, (_, turn) => ({
          method: 'POST' as const,
          path: pathOf(connection, turn),
          headers,
          body: COMMENT,
        })),
      );
    },
  });
  if (non2xx > 0 || errors > 0)
    throw new Error(`${non2xx} answers were no 200, ${errors} connections failed`);
  const { p99, processorMs } = await usage(server);
  return {
    rate: requests.average,
    p99: latency.p99,
    processorMs: processorMs / requests.total,
    delayMs: p99,
  };
}

/** Returns the event loop's delay and the processor time since the last call, in milliseconds. */
const usage = async (server: BenchServer) =>
  (await (await fetch(`${server.address}/api/bench/usage`, server)).json()) as {
    p99: number;
    processorMs: number;
  };

/** Starts readers, each as another user. Returns a function that ends them, and returns their number of responses. */
function startReaders({ address, headersOf }: BenchServer): () => Promise<number> {
  let isOver = false;
  let answered = 0;
  const reader = async (first: number): Promise<void> => {
    const headers = await headersOf(`reader-${first}`);
    for (let turn = first; !isOver; turn += 1) {
      const read = READS[first % READS.length] as (typeof READS)[number];
      const answer = await fetch(`${address}${read(turn)}`, { headers });
      // A reader may be refused, and the service ends an answer that takes too long.
      await answer.arrayBuffer().then(
        () => (answered += 1),
        () => undefined,
      );
      if (answer.status !== 200 && answer.status !== 503)
        throw new Error(`${read(turn)} was answered with ${answer.status}`);
    }
  };
  const readers = Array.from({ length: READERS }, (_, index) => reader(index));
  return async () => {
    isOver = true;
    await Promise.all(readers);
    return answered;
  };
}

/** Measures durable commands over HTTP: compared with an empty route, and beside readers compared with alone. */
export async function benchCommands(): Promise<Row[]> {
  const folder = mkdtempSync(join(process.cwd(), '.bench-commands-'));
  let server: BenchServer | undefined;
  try {
    const { store } = await makeLargeStore(folder, SIZE);
    server = await startBenchServer(folder, store, ['inspector', 'auditor']);
    for (const path of [emptyRoute, commentOf]) await round(server, path);
    const [empty, alone, beside]: [Measured[], Measured[], Measured[]] = [[], [], []];
    let answered = 0;
    for (let n = 0; n < ROUNDS; n += 1) {
      empty.push(await round(server, emptyRoute));
      alone.push(await round(server, commentOf));
      const stopReaders = startReaders(server);
      beside.push(await round(server, commentOf));
      answered += await stopReaders();
    }
    return rowsOf({ empty, alone, beside }, answered);
  } finally {
    await server?.stop();
    rmSync(folder, { recursive: true });
  }
}

function rowsOf(
  rounds: Readonly<Record<'empty' | 'alone' | 'beside', readonly Measured[]>>,
  answered: number,
): Row[] {
  const of = (kind: keyof typeof rounds, figure: keyof Measured): number =>
    median(rounds[kind].map((measured) => measured[figure]));
  const comparing = (figure: keyof Measured, target: number, unit: string) => ({
    value: of('alone', figure),
    floor: of('empty', figure),
    target,
    unit,
  });
  const besideReaders = `beside ${READERS} readers (${answered} answers)`;
  return [
    row(
      `durable commands over HTTP, ${CONNECTIONS} connections, against an empty route`,
      comparing('rate', LIMITS.rate, 'requests/s'),
    ),
    atMost(
      'processor time of a command, against an empty route',
      comparing('processorMs', LIMITS.processor, 'ms'),
    ),
    atMost('p99 of a command, against an empty route', comparing('p99', LIMITS.p99, 'ms')),
    atMost(`p99 of a command ${besideReaders}, against without them`, {
      value: of('beside', 'p99'),
      floor: of('alone', 'p99'),
      target: LIMITS.besideReaders,
      unit: 'ms',
    }),
    atMost(`event-loop delay p99 ${besideReaders}`, {
      value: of('beside', 'delayMs'),
      floor: LIMITS.delayMs,
      target: 1,
      unit: 'ms',
    }),
  ];
}
