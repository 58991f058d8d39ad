// Prints the files that a request runs through, or figures about the whole code: `npm run trace -- "GET /api/inbox"`.
import { createHmac } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { BroadcastChannel } from 'node:worker_threads';
import { DOCUMENTED } from '../support/documented-commands.ts';
import { printCounts } from './counts.ts';
import { instrument } from './instrument.ts';

const ROOT = process.cwd();
const WARM_UPS = 5;
/** What a timer does during one of the measurements is no part of the request. */
const MEASUREMENTS = 5;
/** The time without a newly entered file after which a request's work is done. */
const QUIET_MS = 150;
/** The time in which every thread gets a message. */
const MESSAGE_MS = 50;

interface Entry {
  readonly file: string;
  readonly name: string;
  readonly at: bigint;
  readonly threadId: number;
}

const [wanted = ''] = process.argv.slice(2);
const [, method = '', path = ''] = /^([A-Z]+) (\/\S*)$/.exec(wanted) ?? [];
if (wanted === '--counts') printCounts(ROOT);
else if (path === '') {
  process.stderr.write('usage: npm run trace -- "METHOD /path" | --counts\n');
  process.exitCode = 2;
} else await trace();

async function trace(): Promise<void> {
  const data = mkdtempSync(join(tmpdir(), 'docket-trace-'));
  try {
    const send = await startService(data);
    const source = readFileSync(join(ROOT, 'test/fixtures/730.txt'), 'utf8');
    const records = ['730', ...Array.from({ length: WARM_UPS + MEASUREMENTS - 1 }, (_, at) => `73${at + 1}`)];
    for (const id of records) await send('POST', '/api/imports', source.replace('(730)', `(${id})`));
    const request = (id: string) => send(method, path.replace('/730', `/${id}`), bodyFor(path));
    for (const id of records.splice(1, WARM_UPS)) await request(id);
    const measured: Entry[][] = [];
    for (const id of records.toReversed()) measured.push(await entriesWhile(() => request(id)));
    const files = measured.map((entries) => new Set(entries.map(({ file }) => file)));
    print(measured.at(-1)!.filter(({ file }) => files.every((each) => each.has(file))));
  } finally {
    rmSync(data, { recursive: true, force: true });
  }
  // The service and its threads would go on.
  process.exit();
}

type Send = (method: string, path: string, body?: unknown) => Promise<unknown>;

/** Starts the instrumented service on an in-memory store. Returns its client, which is an inspector's. */
async function startService(data: string): Promise<Send> {
  const key = join(data, 'development-key.jwk');
  const env = {
    DOCKET_STORE: 'memory:',
    DOCKET_DEVELOPMENT_KEY: key,
    DOCKET_SESSION_KEY: join(data, 'session-key.jwk'),
    DOCKET_CHECKPOINTS: 'off',
    DOCKET_SWEEP: 'off',
    DOCKET_LOG_LEVEL: 'error',
    PORT: '0',
  };
  process.chdir(data);
  const serving = pathToFileURL(join(instrument(ROOT), 'apps/server/src/serve.js')).href;
  const { serve } = (await import(serving)) as {
    serve: (env: NodeJS.ProcessEnv) => Promise<string | undefined>;
  };
  const address = await serve(env);
  if (address === undefined) throw new Error('The service has not started');
  const authorization = `Bearer ${tokenOf(key)}`;
  return async (sentMethod, sentPath, body) => {
    const type = typeof body === 'string' ? 'text/plain' : 'application/json';
    const response = await fetch(address + sentPath, {
      method: sentMethod,
      headers: { authorization, ...(body !== undefined && { 'content-type': type }) },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok)
      process.stderr.write(`${sentMethod} ${sentPath} is refused with ${response.status}: ${text}\n`);
  };
}

function tokenOf(key: string): string {
  const { k } = JSON.parse(readFileSync(key, 'utf8')) as { k: string };
  const iat = Math.floor(Date.now() / 1_000);
  const roles = Object.values(DOCUMENTED).flatMap(({ roles: each }) => each);
  const claims = {
    ...{ sub: 'tracer', roles: [...new Set([...roles, 'auditor', 'administrator'])], organisations: [] },
    ...{ iss: 'urn:docket:development', aud: 'urn:docket:api', iat, exp: iat + 3_600 },
  };
  const signed = [{ alg: 'HS256', typ: 'JWT' }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  return `${signed}.${createHmac('sha256', Buffer.from(k, 'base64url')).update(signed).digest('base64url')}`;
}

/** Returns a valid body for a request; undefined if it has none. */
function bodyFor(target: string): unknown {
  if (method === 'GET') return undefined;
  const command = /\/commands\/([a-z-]+)$/.exec(target)?.[1];
  const documented = Object.entries(DOCUMENTED).find(([name]) => name === command)?.[1];
  const named = {
    ...{ record: '730', successor: '731', predecessor: '732', closed: '733', foreign: '734' },
    ...{ comment: '', issued: '', request: '' },
  };
  if (documented !== undefined) return documented.body(named);
  if (target !== '/api/recommendations') return {};
  const report = { name: 'Regional Organised Crime Units', publishedOn: '2020-01-06' };
  const text = 'Every force should publish an action plan.';
  const id = `traced-${process.hrtime.bigint()}`;
  return { id, title: 'An action plan', text, recipients: ['wiltshire'], report };
}

/** Returns the first entries of every file, in all threads, from a request until nothing more is entered. */
async function entriesWhile(request: () => Promise<unknown>): Promise<Entry[]> {
  const channel = new BroadcastChannel('trace');
  let reported: Entry[] = [];
  channel.onmessage = ({ data }: { data: unknown }) => {
    if (Array.isArray(data)) reported.push(...(data as Entry[]));
  };
  await setTimeout(QUIET_MS);
  channel.postMessage('start');
  await setTimeout(MESSAGE_MS);
  await request();
  let before: number;
  do {
    before = reported.length;
    await setTimeout(QUIET_MS);
    reported = [];
    channel.postMessage('report');
    await setTimeout(MESSAGE_MS);
  } while (reported.length !== before);
  channel.postMessage('stop');
  channel.close();
  return reported.toSorted((one, other) => Number(one.at - other.at));
}

function print(entries: readonly Entry[]): void {
  const first = new Map<string, Entry>();
  for (const entry of entries) if (!first.has(entry.file)) first.set(entry.file, entry);
  const lines = [...first.values()].map(
    ({ file, name, threadId }) => `${threadId === 0 ? 'main' : `thread ${threadId}`}\t${file}\t${name}`,
  );
  const folders = new Map<string, number>();
  for (const file of first.keys()) folders.set(dirname(file), (folders.get(dirname(file)) ?? 0) + 1);
  lines.push('', ...[...folders].sort().map(([folder, files]) => `${files}\t${folder}`), '');
  process.stdout.write(`${lines.join('\n')}\n${first.size} files in ${folders.size} folders\n`);
}
