import autocannon from 'autocannon';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import pg from 'pg';
import { startPostgresqlServer } from '../support/postgresql-server.ts';
import { startBenchServer } from './bench-server.ts';
import type { BenchServer } from './bench-server.ts';
import { atMost, row } from './row.ts';
import type { Row } from './row.ts';

/*
 * Compares Docket with a service on Emmett, another event-sourcing library: both on one PostgreSQL server, in turns, with
 * the same comments. Emmett is installed into a temporary folder, so this bench needs the npm registry.
 */
const EMMETT = ['emmett@0.42.0', 'emmett-postgresql@0.42.0', 'pongo@0.16.11'].map(
  (name) => `@event-driven-io/${name}`,
);

const CONNECTIONS = 64;
/** Each connection comments on records of its own. */
const RECORDS = CONNECTIONS * 40;
const ROUNDS = 3;
const ROUND_SECONDS = 8;
/** The required ratios of commands a second, of those with their projections, and of processor time. */
const LIMITS = { rate: 4, projectedRate: 2, processor: 0.6 };

const COMMENT = {
  text: 'The force has set out its priorities, and will publish its plan in spring.',
  visibility: 'public',
};

interface Service {
  readonly address: string;
  readonly headers: Record<string, string>;
  readonly issue: (id: string) => { readonly path: string; readonly body: object };
  readonly commentPath: (id: string) => string;
  readonly usagePath: string;
  /** Waits until the projections are at the end of the log. */
  readonly projected: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

async function startDocket(folder: string, url: string): Promise<Service> {
  const server = await startBenchServer(folder, '', ['inspector'], {
    DOCKET_STORE: url,
    DOCKET_READ_MODELS: `${url}?schema=docket_read_models`,
  });
  return {
    ...server,
    issue: (id) => ({
      path: '/api/recommendations',
      body: {
        ...{ id, title: `Title of ${id}`, text: COMMENT.text, recipients: ['avon'] },
        ...{ report: { name: 'Report', publishedOn: '2026-01-05' }, deadlines: [] },
      },
    }),
    commentPath: (id) => `/api/recommendations/${id}/commands/add-comment`,
    usagePath: '/api/bench/usage',
    projected: () => projected(server),
    stop: () => server.stop(),
  };
}

async function projected({ address, headers }: BenchServer): Promise<void> {
  const path = `${address}/api/recommendations/${idOf(0)}/commands/add-comment`;
  const answer = await fetch(path, { method: 'POST', headers, body: JSON.stringify(COMMENT) });
  const { position } = (await answer.json()) as { position: string };
  while (!(await fetch(`${address}/api/recommendations?limit=1&minPosition=${position}`, { headers })).ok);
}

async function startEmmett(folder: string, url: string): Promise<Service> {
  const { version } = createRequire(import.meta.url)('fastify/package.json') as { version: string };
  const npm = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  await promisify(execFile)('npm', [...npm, '--prefix', folder, ...EMMETT, `fastify@${version}`]);
  copyFileSync(new URL('peer-server.mjs', import.meta.url), join(folder, 'peer-server.mjs'));
  const child = spawn(process.execPath, [join(folder, 'peer-server.mjs')], {
    env: { ...process.env, PEER_DATABASE: url },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [address] = (await once(createInterface(child.stdout), 'line')) as [string];
  return {
    address,
    headers: { 'content-type': 'application/json' },
    issue: (id) => ({ path: `/recommendations/${id}`, body: { title: `Title of ${id}` } }),
    commentPath: (id) => `/recommendations/${id}/comments`,
    usagePath: '/usage',
    // An inline projection is in the transaction of its event.
    projected: () => Promise.resolve(),
    async stop() {
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

interface Measured {
  /** Commands a second while they are sent, and until the projections are at the end of the log. */
  readonly rate: number;
  readonly projectedRate: number;
  /** The service's processor time for a command, in microseconds. */
  readonly processorUs: number;
}

const idOf = (record: number): string => `r-${record}`;

async function issueAll({ address, headers, issue }: Service): Promise<void> {
  const issueOne = async (record: number): Promise<void> => {
    const { path, body } = issue(idOf(record));
    const answer = await fetch(address + path, { method: 'POST', headers, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${path} was answered with ${answer.status}: ${await answer.text()}`);
    await answer.arrayBuffer();
  };
  // Emmett creates its tables with the first event, which must be on its own.
  for (let from = 0, to = 1; from < RECORDS; from = to, to = Math.min(to + CONNECTIONS, RECORDS))
    await Promise.all(Array.from({ length: to - from }, (_, index) => issueOne(from + index)));
}

async function round(service: Service): Promise<Measured> {
  const { address, headers, commentPath } = service;
  await processorMs(service);
  const began = performance.now();
  let clients = 0;
  const { requests, non2xx, errors } = await autocannon({
    url: address,
    connections: CONNECTIONS,
    duration: ROUND_SECONDS,
    setupClient(client: autocannon.Client) {
      const connection = clients++;
      client.setRequests(
        Array.from({ length: RECORDS / CONNECTIONS }, (_, turn) => ({
          method: 'POST' as const,
          path: commentPath(idOf(connection + turn * CONNECTIONS)),
          headers,
          body: JSON.stringify(COMMENT),
        })),
      );
    },
  });
  if (non2xx > 0 || errors > 0)
    throw new Error(`${non2xx} answers were no 200, ${errors} connections failed`);
  await service.projected();
  const seconds = (performance.now() - began) / 1_000;
  return {
    rate: requests.average,
    projectedRate: requests.total / seconds,
    processorUs: (1_000 * (await processorMs(service))) / requests.total,
  };
}

/** Returns the service's processor time since the last call. */
async function processorMs({ address, headers, usagePath }: Service): Promise<number> {
  const answer = await fetch(address + usagePath, { headers });
  return ((await answer.json()) as { processorMs: number }).processorMs;
}

async function makeDatabase(url: string, name: string): Promise<string> {
  const client = new pg.Client(url);
  await client.connect();
  await client.query(`create database ${name}`);
  await client.end();
  return url.replace(/[^/]*$/, name);
}

/** Measures durable comments over HTTP on PostgreSQL: Docket with all read models, Emmett with one inline projection. */
export async function benchPeer(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'docket-bench-peer-'));
  const server = await startPostgresqlServer();
  const services: Service[] = [];
  try {
    const emmett = await startEmmett(folder, await makeDatabase(server.url, 'emmett'));
    services.push(emmett);
    const docket = await startDocket(folder, server.url);
    services.push(docket);
    for (const service of services) {
      await issueAll(service);
      // The first round compiles the code.
      await round(service);
    }
    const pairs: (readonly [docket: Measured, emmett: Measured])[] = [];
    for (let n = 0; n < ROUNDS; n += 1) pairs.push([await round(docket), await round(emmett)]);
    return [
      rateOf(pairs, 'rate', 'comments'),
      rateOf(pairs, 'projectedRate', 'comments with their projections'),
      processorOf(pairs),
    ];
  } finally {
    for (const service of services) await service.stop();
    await server.remove();
    rmSync(folder, { recursive: true, force: true });
  }
}

type Pairs = readonly (readonly [docket: Measured, emmett: Measured])[];

/** Returns the pair of rounds with the median ratio. */
const medianPair = (pairs: Pairs, figure: keyof Measured): { value: number; floor: number } => {
  const sorted = pairs
    .map(([docket, emmett]) => ({ value: docket[figure], floor: emmett[figure] }))
    .sort((a, b) => a.value / a.floor - b.value / b.floor);
  return sorted[Math.floor(sorted.length / 2)] as { value: number; floor: number };
};

const rateOf = (pairs: Pairs, figure: 'rate' | 'projectedRate', what: string): Row =>
  row(`${what} over HTTP on PostgreSQL, ${CONNECTIONS} connections, against Emmett`, {
    ...medianPair(pairs, figure),
    target: LIMITS[figure],
    unit: 'commands/s',
  });

const processorOf = (pairs: Pairs): Row =>
  atMost("Node's processor time of a comment, against Emmett", {
    ...medianPair(pairs, 'processorUs'),
    target: LIMITS.processor,
    unit: 'µs',
  });
