import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { startKurrentdbServer } from './kurrentdb/start.ts';
import type { KurrentdbServer } from './kurrentdb/start.ts';
import { startPostgresqlServer } from './postgresql-server.ts';
import type { PostgresqlServer } from './postgresql-server.ts';
import { unpackBrowser } from './unpack-browser.ts';
import type { UnpackedBrowser } from './unpack-browser.ts';

/** What a run of Jest holds: its tear-down lets go of it. */
export const run: {
  asked?: Server;
  postgresql?: Promise<PostgresqlServer>;
  kurrentdb?: Promise<KurrentdbServer>;
  browser?: Promise<UnpackedBrowser>;
} = {};

/** Where each process that a spec starts finds what others have compiled: it takes a sixth less of the processor. */
const COMPILED = fileURLToPath(new URL('../../node_modules/.cache/compiled', import.meta.url));

/**
 * Jest's global set-up: one PostgreSQL server, one that speaks KurrentDB's protocol, and one unpacked browser a run, each made
 * when the first spec asks for it. The specs are in other processes than this, so they ask over HTTP, at `DOCKET_TEST_RUN`.
 */
export default async function setUp(): Promise<void> {
  run.asked = createServer((request, response) => {
    // A connection that were kept could end at the moment when a spec asks again.
    response.setHeader('connection', 'close');
    addressAt(request.url ?? '').then(
      (address) => response.end(address),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  run.asked.listen(0, '127.0.0.1');
  await once(run.asked, 'listening');
  process.env['DOCKET_TEST_RUN'] = `http://127.0.0.1:${(run.asked.address() as AddressInfo).port}`;
  process.env['NODE_COMPILE_CACHE'] ??= COMPILED;
  const real = process.env['KURRENTDB_URL'];
  if (real !== undefined) process.env['DOCKET_TEST_KURRENTDB_CALLS'] = (await callsOf(real)).join(' ');
  // The journeys' settings are made in one go, and ask nobody.
  if (process.env['DOCKET_TEST_STORE'] === 'postgresql') {
    process.env['DOCKET_TEST_POSTGRESQL'] ??= (await postgresqlServer()).url;
  }
  if (process.env['DOCKET_TEST_STORE'] === 'kurrentdb') {
    process.env['DOCKET_TEST_KURRENTDB'] = process.env['KURRENTDB_URL'] ?? (await kurrentdbServer()).url;
  }
}

/** The versions whose calls a KurrentDB has, of those whose absence specs skip. */
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
  if (path === '/kurrentdb') {
    const { url, controlUrl } = await kurrentdbServer();
    return JSON.stringify({ url, controlUrl });
  }
  if (path === '/browser') return JSON.stringify(await (run.browser ??= unpackBrowser()));
  throw new Error(`a run of the tests has nothing at ${path}`);
}

function postgresqlServer(): Promise<PostgresqlServer> {
  run.postgresql ??= startPostgresqlServer().then((server) => {
    // A run that is broken off has no tear-down, and a signal by itself no exit event.
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
    process.once('exit', () => {
      server.removeNow();
    });
    return server;
  });
  return run.postgresql;
}

/** It ends by itself with this process. */
function kurrentdbServer(): Promise<KurrentdbServer> {
  run.kurrentdb ??= startKurrentdbServer();
  return run.kurrentdb;
}
