import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { KurrentdbServer } from './kurrentdb/server.ts';
import { startPostgresqlServer } from './postgresql-server.ts';
import type { PostgresqlServer } from './postgresql-server.ts';
import { unpackBrowser } from './unpack-browser.ts';
import type { UnpackedBrowser } from './unpack-browser.ts';

/** The resources of a Jest run, which its tear-down releases. */
export const run: {
  server?: Server;
  postgresql?: Promise<PostgresqlServer>;
  kurrentdb?: Promise<KurrentdbServer>;
  browser?: Promise<UnpackedBrowser>;
} = {};

/**
 * The folder of the compile cache that the processes started by specs share. It saves a sixth of the processor time.
 */
const COMPILED = fileURLToPath(new URL('../../node_modules/.cache/compiled', import.meta.url));

/**
 * Starts Jest's global set-up. Each run has one PostgreSQL server, one test double of KurrentDB, and one unpacked
 * browser, each created when the first spec needs it. Specs run in other processes, so they request these over HTTP, at
 * `DOCKET_TEST_RUN`.
 */
export default async function setUp(): Promise<void> {
  run.server = createServer((request, response) => {
    // A kept connection could end when a spec sends the next request.
    response.setHeader('connection', 'close');
    addressAt(request.url ?? '').then(
      (address) => response.end(address),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  run.server.listen(0, '127.0.0.1');
  await once(run.server, 'listening');
  process.env['DOCKET_TEST_RUN'] = `http://127.0.0.1:${(run.server.address() as AddressInfo).port}`;
  process.env['NODE_COMPILE_CACHE'] ??= COMPILED;
  const real = process.env['KURRENTDB_URL'];
  if (real !== undefined) process.env['DOCKET_TEST_KURRENTDB_CALLS'] = (await callsOf(real)).join(' ');
  // The settings of journeys are computed synchronously, and cannot request an address.
  if (process.env['DOCKET_TEST_STORE'] === 'postgresql') {
    process.env['DOCKET_TEST_POSTGRESQL'] ??= (await postgresqlServer()).url;
  }
  if (process.env['DOCKET_TEST_STORE'] === 'kurrentdb') {
    process.env['DOCKET_TEST_KURRENTDB'] = process.env['KURRENTDB_URL'] ?? (await kurrentdbServer()).url;
  }
}

/** Returns the versions whose calls a KurrentDB has, if specs depend on them. */
async function callsOf(url: string): Promise<string[]> {
  const { KurrentDBClient } = await import('@kurrent/kurrentdb-client');
  const client = KurrentDBClient.connectionString(url);
  const calls = { '25.1': () => client.multiStreamAppend([]), '26.1': () => client.appendRecords([]) };
  const versions: string[] = [];
  for (const [version, call] of Object.entries(calls)) {
    const error = await call().catch((thrown: unknown) => thrown as { type?: string });
    if (!('type' in error) || error.type !== 'unsupported') versions.push(version);
    else process.stdout.write(`KURRENTDB_URL is older than ${version}: cases of its calls are skipped\n`);
  }
  await client.dispose();
  return versions;
}

async function addressAt(path: string): Promise<string> {
  if (path === '/postgresql') return (await postgresqlServer()).url;
  const [, of, control, prefix = ''] = path.split('/');
  if (of === 'kurrentdb') {
    const { url, store, faults } = await kurrentdbServer();
    if (control === 'scavenge') store.scavenge();
    if (control === 'lock' || control === 'unlock') faults[control](prefix);
    return url;
  }
  if (path === '/browser') return JSON.stringify(await (run.browser ??= unpackBrowser()));
  throw new Error(`a run of the tests has nothing at ${path}`);
}

function postgresqlServer(): Promise<PostgresqlServer> {
  run.postgresql ??= startPostgresqlServer().then((server) => {
    // An interrupted run has no tear-down, and a signal alone causes no exit event.
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
    process.once('exit', () => {
      server.removeNow();
    });
    return server;
  });
  return run.postgresql;
}

/** Starts the test double in this process. */
function kurrentdbServer(): Promise<KurrentdbServer> {
  run.kurrentdb ??= import('./kurrentdb/server.ts').then(({ KurrentdbServer }) => KurrentdbServer.start());
  return run.kurrentdb;
}
