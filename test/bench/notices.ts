import { SignJWT } from 'jose';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { startBenchServer } from './bench-server.ts';
import type { BenchServer } from './bench-server.ts';
import { formatRow, median } from './row.ts';
import type { Row } from './row.ts';

const EVENTS = 10_000;
const PEOPLE = ['ada', 'ben', 'cy', 'dot', 'eve'];
const RECORDS = 500;
const ROUNDS = 16;
/** The time in which a resumed service does its delayed work first, in milliseconds. */
const WARM_UP_MS = 300;
const ROUND_MS = 1_000;
const CONNECTIONS = 8;
const RATIO_MAX = 1.5;

const ROLES = ['inspector', 'administrator'];
const BODIES = 20;
const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });

interface Request {
  readonly method?: string;
  readonly body?: unknown;
  readonly headers: Record<string, string>;
}

/** Returns the response's body; rejects if the request does not succeed. */
function send(url: string, { method = 'POST', body, headers }: Request): Promise<string> {
  return new Promise((resolve, reject) => {
    const asking = request(url, { method, headers, agent }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (piece: string) => (text += piece));
      response.on('end', () => {
        const { statusCode = 0 } = response;
        if (statusCode < 300) resolve(text);
        else reject(new Error(`${method} ${url} was answered with ${statusCode}: ${text}`));
      });
    });
    asking.on('error', reject);
    asking.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

const recordAt = (index: number): string =>
  `n-${Math.floor((index % RECORDS) / BODIES)}.body-${index % BODIES}`;

const comment = ({ address, headers }: BenchServer, index: number): Promise<string> =>
  send(`${address}/api/recommendations/${recordAt(index)}/commands/add-comment`, {
    headers,
    body: { text: 'The force has set out its priorities, and will publish its plan in spring.' },
  });

/** Runs an action with consecutive numbers on all connections, until `isOver`. */
async function onConnections(each: (index: number) => Promise<void>, isOver: (index: number) => boolean) {
  let next = 0;
  const connection = async (): Promise<void> => {
    for (let index = next++; !isOver(index); index = next++) await each(index);
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, connection));
}

/** Returns the headers of a user whose provider token contains a mail address. */
const addressed = ({ address, key }: BenchServer) =>
  Promise.all(
    PEOPLE.map(async (subject) => {
      const email = { email: `${subject}@inspectorate.example`, email_verified: true };
      const token = await new SignJWT({ roles: ['inspector'], organisations: [], ...email })
        .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
        .setSubject(subject)
        .setIssuer('urn:docket:development')
        .setAudience('urn:docket:api')
        .setIssuedAt()
        .setExpirationTime('1h')
        .sign(key);
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
      const body = { channels: ['email'], digest: 'at-once' };
      await send(`${address}/api/me/notices`, { method: 'PUT', headers, body });
    }),
  );

async function issueRecords({ address, headers }: BenchServer): Promise<void> {
  for (let index = 0; index < RECORDS / BODIES; index += 1) {
    const body = {
      id: `n-${index}`,
      title: 'Bench',
      text: 'Every force should publish an action plan.',
      recipients: Array.from({ length: BODIES }, (_, body) => `body-${body}`),
      report: { name: 'Bench', publishedOn: '2026-01-05' },
    };
    await send(`${address}/api/recommendations`, { headers, body });
  }
}

/** Creates a store whose outbox has started, and then a log that causes many messages to five people and a webhook. */
async function fill(folder: string, outbox: NodeJS.ProcessEnv, hook: string): Promise<void> {
  const start = (settings: NodeJS.ProcessEnv) =>
    startBenchServer(folder, join(folder, 'docket.sqlite'), ROLES, settings);
  const begun = await start(outbox);
  await send(`${begun.address}/api/webhooks`, {
    headers: begun.headers,
    body: { url: hook, audience: 'inspectorate', types: ['CommentAdded'] },
  });
  await addressed(begun);
  await issueRecords(begun);
  await begun.stop();
  const filling = await start({ DOCKET_OUTBOX: 'off' });
  await onConnections(
    async (index) => {
      await comment(filling, index);
    },
    (index) => index >= EVENTS,
  );
  await filling.stop();
}

async function startReceivers() {
  const child = spawn(process.execPath, ['test/bench/message-receivers.ts'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  const { mail, hook } = JSON.parse(line) as { readonly mail: string; readonly hook: string };
  return {
    mail,
    hook,
    async received() {
      return JSON.parse(await send(hook, { method: 'GET', headers: {} })) as Received;
    },
    async stop() {
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

interface Received {
  readonly mails: number;
  readonly webhooks: number;
}

/** Returns the 99th percentile of the latency of commands in sequence. */
async function round(server: BenchServer): Promise<number> {
  const from = performance.now() + WARM_UP_MS;
  const until = from + ROUND_MS;
  const times: number[] = [];
  await onConnections(
    async (index) => {
      const began = performance.now();
      await comment(server, index);
      if (began >= from) times.push(performance.now() - began);
    },
    () => performance.now() > until,
  );
  return times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.99)] ?? NaN;
}

/**
 * Measures commands while mails and webhooks are sent, compared with a service with the same log that sends nothing.
 */
export async function benchNotices(): Promise<Row[]> {
  const folder = mkdtempSync(join(process.cwd(), '.bench-notices-'));
  const receivers = await startReceivers();
  const servers: BenchServer[] = [];
  try {
    const [sending, silent] = ['sending', 'silent'].map((name) => join(folder, name)) as [string, string];
    mkdirSync(sending);
    const outbox = { DOCKET_NOTIFICATIONS: writeFile(folder, receivers.mail) };
    await fill(sending, outbox, receivers.hook);
    cpSync(sending, silent, { recursive: true });
    const start = async (of: string, settings: NodeJS.ProcessEnv): Promise<BenchServer> => {
      const server = await startBenchServer(of, join(of, 'docket.sqlite'), ROLES, settings);
      servers.push(server);
      return server;
    };
    const alone = await start(silent, { DOCKET_OUTBOX: 'off' });
    await round(alone);
    const beside = await start(sending, outbox);
    await round(beside);
    return [await compare(alone, beside, () => receivers.received())];
  } finally {
    for (const server of servers) await server.stop();
    await receivers.stop();
    agent.destroy();
    rmSync(folder, { recursive: true });
  }
}

/** Measures both in alternation, so that other work on the machine affects both. */
async function compare(
  alone: BenchServer,
  beside: BenchServer,
  received: () => Promise<Received>,
): Promise<Row> {
  const times: { alone: number[]; beside: number[] } = { alone: [], beside: [] };
  const before = await received();
  for (let n = 0; n < ROUNDS; n += 1) {
    // The other service must not be slowed down meanwhile.
    beside.suspend();
    times.alone.push(await round(alone));
    beside.goOn();
    times.beside.push(await round(beside));
  }
  const after = await received();
  const [mails, webhooks] = [after.mails - before.mails, after.webhooks - before.webhooks];
  if (mails === 0 || webhooks === 0 || after.webhooks >= EVENTS)
    throw new Error(
      `${mails} mails and ${webhooks} webhooks were sent: that is no load, or not all the time`,
    );
  const [value, floor] = [median(times.beside), median(times.alone)];
  const ratio = value / floor;
  const during = `${mails} mails and ${webhooks} webhooks of ${EVENTS} events with ${PEOPLE.length} notices each`;
  const measure = `commands' p99 beside ${during}, against without them (at most)`;
  return { measure, value, floor, ratio, target: RATIO_MAX, unit: 'ms', isMet: ratio <= RATIO_MAX };
}

function writeFile(folder: string, mail: string): string {
  const path = join(folder, 'notifications.json');
  const smtp = { url: mail, from: 'docket@inspectorate.example' };
  writeFileSync(path, JSON.stringify({ baseUrl: 'https://docket.example', smtp, subscriptions: [] }));
  return path;
}

if (import.meta.main) {
  for (const measured of await benchNotices()) process.stdout.write(`${formatRow(measured)}\n`);
}
