import autocannon from 'autocannon';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { BODIES, COMMON_WORDS, makeLargeStore, recordIdAt } from './large-store.ts';
import { formatRow, median, row } from './row.ts';
import type { Row } from './row.ts';
import { startBenchServer } from './bench-server.ts';
import type { BenchServer } from './bench-server.ts';

const SIZE = { records: 20_000, events: 100_000 };
const CONNECTIONS = 64;
const READERS = 8;
const ROUNDS = 4;
const ROUND_SECONDS = 4;
const DELAY_MS_MAX = 10;
const SLOWER_MAX = 3;

const COMMENT = JSON.stringify({
  text: 'The force has set out its priorities, and will publish its plan in spring.',
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

/** Returns the rate of comments on records throughout the store on all connections, in commands per second. */
async function commands({ address, headers }: BenchServer): Promise<number> {
  let clients = 0;
  const result = await autocannon({
    url: address,
    connections: CONNECTIONS,
    duration: ROUND_SECONDS,
    setupClient(client: autocannon.Client) {
      const first = clients++;
      client.setRequests(
        Array.from({ length: 200 }, (_, index) => ({
          method: 'POST' as const,
          path: `/api/recommendations/${recordIdAt((first + index * CONNECTIONS) % SIZE.records)}/commands/add-comment`,
          headers,
          body: COMMENT,
        })),
      );
    },
  });
  if (result.non2xx > 0 || result.errors > 0)
    throw new Error(`${result.non2xx} answers were no 200, ${result.errors} connections failed`);
  return result.requests.average;
}

interface Readers {
  /** Returns the number of responses so far, and of those other than 200. */
  readonly answers: () => { readonly answered: number; readonly refused: number };
  stop(): Promise<void>;
}

/** Starts readers, each as another user. They send the next request when they have read the last response. */
function startReaders({ address, headersOf }: BenchServer): Readers {
  let isOver = false;
  let answered = 0;
  let refused = 0;
  const reader = async (first: number): Promise<void> => {
    const headers = await headersOf(`reader-${first}`);
    for (let turn = first; !isOver; turn += 1) {
      const read = READS[first % READS.length] as (typeof READS)[number];
      const answer = await fetch(`${address}${read(turn)}`, { headers });
      for await (const _ of answer.body ?? []);
      answered += 1;
      if (answer.status === 503) refused += 1;
      else if (answer.status !== 200) throw new Error(`${read(turn)} was answered with ${answer.status}`);
    }
  };
  const readers = Array.from({ length: READERS }, (_, index) => reader(index));
  return {
    answers: () => ({ answered, refused }),
    async stop() {
      isOver = true;
      await Promise.all(readers);
    },
  };
}

/** Returns the 99th percentile of sequential GETs of a record during commands, in milliseconds. */
async function recordReads({ address, headers }: BenchServer, isOver: () => boolean): Promise<number> {
  const times: number[] = [];
  for (let turn = 0; !isOver(); turn += 1) {
    const started = performance.now();
    const answer = await fetch(`${address}/api/recommendations/${recordIdAt((turn * 97) % SIZE.records)}`, {
      headers,
    });
    await answer.arrayBuffer();
    times.push(performance.now() - started);
    if (answer.status !== 200) throw new Error(`a record was answered with ${answer.status}`);
  }
  return times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.99)] ?? NaN;
}

interface Measured {
  readonly rate: number;
  readonly recordMs: number;
  readonly delayMs: number;
}

async function round(server: BenchServer): Promise<Measured> {
  const delay = async () =>
    (await (await fetch(`${server.address}/api/bench/delay`, server)).json()) as { p99: number };
  await delay();
  let isOver = false;
  const reads = recordReads(server, () => isOver);
  const rate = await commands(server);
  isOver = true;
  return { rate, recordMs: await reads, delayMs: (await delay()).p99 };
}

/**
 * Measures commands and GETs of a record while readers search, list, count and page events, compared with no readers.
 */
export async function benchReaders(): Promise<Row[]> {
  const folder = mkdtempSync(join(process.cwd(), '.bench-readers-'));
  let server: BenchServer | undefined;
  try {
    const { store } = await makeLargeStore(folder, SIZE);
    server = await startBenchServer(folder, store, ['inspector', 'auditor']);
    await round(server);
    const alone: Measured[] = [];
    const beside: Measured[] = [];
    const answers = { answered: 0, refused: 0 };
    for (let n = 0; n < ROUNDS; n += 1) {
      alone.push(await round(server));
      const readers = startReaders(server);
      beside.push(await round(server));
      await readers.stop();
      const { answered, refused } = readers.answers();
      answers.answered += answered;
      answers.refused += refused;
    }
    return rowsOf(alone, beside, answers);
  } finally {
    await server?.stop();
    rmSync(folder, { recursive: true });
  }
}

function rowsOf(
  alone: readonly Measured[],
  beside: readonly Measured[],
  { answered, refused }: { readonly answered: number; readonly refused: number },
): Row[] {
  const of = (all: readonly Measured[], figure: keyof Measured): number =>
    median(all.map((measured) => measured[figure]));
  const during = `${READERS} readers (${answered} answers, ${refused} of them too slow or refused)`;
  const [delay, delayAlone] = [of(beside, 'delayMs'), of(alone, 'delayMs')];
  const [value, floor] = [of(beside, 'recordMs'), of(alone, 'recordMs')];
  return [
    row(`commands over HTTP, ${CONNECTIONS} connections, beside ${during}, against without them`, {
      value: of(beside, 'rate'),
      floor: of(alone, 'rate'),
      target: 0.6,
      unit: 'requests/s',
    }),
    {
      measure: `event-loop delay p99 during that, and without readers ${delayAlone.toFixed(1)} ms (at most)`,
      value: delay,
      floor: DELAY_MS_MAX,
      ratio: delay / DELAY_MS_MAX,
      target: 1,
      unit: 'ms',
      isMet: delay <= DELAY_MS_MAX,
    },
    {
      measure: "a record's GET p99 during that, against without readers (at most)",
      value,
      floor,
      ratio: value / floor,
      target: SLOWER_MAX,
      unit: 'ms',
      isMet: value / floor <= SLOWER_MAX,
    },
  ];
}

if (import.meta.main) {
  for (const measured of await benchReaders()) process.stdout.write(`${formatRow(measured)}\n`);
}
