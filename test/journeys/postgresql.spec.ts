import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fileURLToPath } from 'node:url';
import { jsonLines, runDocket } from '../support/command-line.ts';
import { postgresqlSettings } from '../support/journey-store.ts';
import { startPostgresqlServer } from '../support/postgresql-server.ts';
import { connectTo, dropStore, postgresqlUrl } from '../support/postgresql-stores.ts';
import { openFeed } from '../support/service-feed.ts';
import { recommendation, refusal, startService } from '../support/service.ts';
import type { RunningService } from '../support/service.ts';
import { eventually, settingsIn, startScript } from '../support/service-child.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const SAMPLE = fileURLToPath(new URL('../fixtures/730.txt', import.meta.url));

// With DOCKET_TEST_STORE=postgresql all journeys run on PostgreSQL; these few always do.
let env: Record<string, string>;
let service: RunningService;

beforeAll(async () => {
  const folder = temporaryFolder();
  env = postgresqlSettings(folder, await postgresqlUrl());
  service = await startService({ folder, env });
}, 60_000);

afterAll(async () => {
  await service.stop();
  await dropStore(env['DOCKET_STORE']!);
});

const docket = (...words: string[]) => runDocket(words, { folder: service.folder, env });

const issued = async (): Promise<string> =>
  (await service.as('inspector').issue()).json.recommendations[0]?.id as string;

describe('a service on PostgreSQL', () => {
  it('carries out a command once, and finds what it did in the register, the log and the feed', async () => {
    const inspector = service.as('inspector');
    const feed = await openFeed(service.address, service.token('auditor'));
    const id = await issued();
    const key = { 'idempotency-key': 'once' };
    const first = await inspector.command(id, 'start-progress', {}, key);
    const again = await inspector.command(id, 'start-progress', {}, key);
    expect(first).toMatchObject({ status: 200, json: { version: 2 } });
    expect(again.json).toEqual(first.json);
    expect(await inspector.command(id, 'start-progress')).toMatchObject(refusal(409, 'command-not-allowed'));
    const list = await inspector.get(`/api/recommendations?minPosition=${first.json.position}`);
    expect(list.json.items.find((item) => item.id === id)).toMatchObject({ status: 'being-progressed' });
    const { json } = await inspector.get(`/api/recommendations/${id}/events`);
    const eventIds = json.items.map(({ eventId }) => eventId);
    expect(eventIds).toHaveLength(2);
    const isFed = () => eventIds.every((eventId) => feed.events.some(({ data }) => data.eventId === eventId));
    await eventually(() => Promise.resolve(isFed()), Boolean);
    feed.close();
  });

  it('is one of several nodes: each sees what the other does, and they exclude each other', async () => {
    const folder = temporaryFolder();
    const store = { DOCKET_STORE: env['DOCKET_STORE']! };
    const other = await startService({
      folder,
      env: { ...postgresqlSettings(folder, store.DOCKET_STORE), ...store },
    });
    const id = await issued();
    const nodes = [service, other];
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        nodes[index % 2]!.as('inspector', { subject: `inspector-${index}` }).command(id, 'start-progress'),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array<number>(19).fill(409)]);
    const { position } = answers.find(({ status }) => status === 200)!.json;
    for (const node of nodes) {
      const list = await node.as('inspector').get(`/api/recommendations?minPosition=${position}`);
      expect(list.json.items.find((item) => item.id === id)).toMatchObject({ status: 'being-progressed' });
    }
    expect(await other.stop()).toEqual({ code: 0, signal: null });
  });

  it('sees what the command line imports beside it, and the command line what it did', async () => {
    const imported = await docket('import', SAMPLE, '--json');
    const [created] = jsonLines(imported);
    expect(created).toMatchObject({ id: '730', outcome: 'created' });
    await eventually(
      () => service.as('inspector').get('/api/recommendations'),
      ({ json }) => json.items.some(({ id }) => id === '730'),
    );
    expect(jsonLines(await docket('replay', '730', '--json')).at(-1)).toMatchObject({
      version: created!['events'],
    });
    expect(jsonLines(await docket('verify', '--json')).at(-1)).toMatchObject({ ok: true });
    expect(await docket('sweep')).toMatchObject({ code: 0 });
    expect(await docket('rebuild')).toMatchObject({ code: 0 });
    const status = await docket('status');
    expect(status).toMatchObject({ code: 0 });
    expect(status.stdout).toContain(new URL(env['DOCKET_STORE']!).searchParams.get('schema'));
    expect(status.stdout + service.stderr()).not.toContain(new URL(env['DOCKET_STORE']!).password);
  });
});

describe('a PostgreSQL server on which there is no store', () => {
  it.each([['verify'], ['status'], ['export', '730'], ['rebuild'], ['sweep']])(
    'ends docket %s with 3, and is left as it was',
    async (...words) => {
      const folder = temporaryFolder();
      const own = postgresqlSettings(folder, env['DOCKET_STORE']!);
      const { code, stdout, stderr } = await runDocket(words, { folder, env: own });
      expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
      expect(stderr).toContain('there is no event store at postgresql://');
      const client = await connectTo(own['DOCKET_STORE']!);
      const { rowCount } = await client.query('SELECT FROM pg_namespace WHERE nspname = current_schema()');
      await client.end();
      expect(rowCount).toBe(0);
    },
  );
});

describe('a service whose PostgreSQL server cannot be reached', () => {
  it.each([
    ['at its start', (url: URL) => (url.port = '1'), 3],
    [
      'with an address that it does not take',
      (url: URL) => {
        url.searchParams.set('schema', 'No Name');
      },
      2,
    ],
  ])('%s says so without the password, and ends', async (_, change, code) => {
    const folder = temporaryFolder();
    const address = new URL(env['DOCKET_STORE']!);
    change(address);
    const settings = settingsIn(folder, { ...env, DOCKET_STORE: address.href, PORT: '0' });
    const started = startScript('apps/server/src/main.js', settings, folder);
    expect(await started.ended).toEqual({ code, signal: null });
    expect(started.stderr()).toContain('postgresql://');
    expect(started.stderr()).not.toContain(address.password);
    expect(started.stderr()).not.toMatch(/^\s+at .*\(/m);
  });

  it('for a second, while nobody gives a command, is ready again within five', async () => {
    const server = await startPostgresqlServer();
    const folder = temporaryFolder();
    const running = await startService({ folder, env: postgresqlSettings(folder, server.url) });
    try {
      const inspector = running.as('inspector');
      await inspector.issue({ id: 'bounced' });
      await server.kill9();
      expect(await inspector.command('bounced', 'start-progress')).toMatchObject({ status: 503 });
      // A sweep that comes just now fails.
      expect(await running.as('administrator').post('/api/sweeps')).toMatchObject({ status: 202 });
      await server.start();
      await eventually(
        () => running.request('GET', '/health/ready'),
        ({ status }) => status === 200,
        5_000,
      );
    } finally {
      await running.stop();
      await server.remove();
    }
  }, 60_000);

  it('while it runs answers 503, and goes on by itself when the server is back', async () => {
    const server = await startPostgresqlServer();
    const folder = temporaryFolder();
    const running = await startService({ folder, env: postgresqlSettings(folder, server.url) });
    try {
      const inspector = running.as('inspector');
      const id = recommendation().id;
      const key = { 'idempotency-key': 'in-need' };
      await inspector.issue({ id });
      await server.kill9();
      const away = await inspector.command(id, 'start-progress', {}, key);
      expect(away).toMatchObject(refusal(503, 'store-unavailable'));
      const read = await inspector.get('/api/recommendations');
      expect(read).toMatchObject(refusal(503, 'store-unavailable'));
      expect(read.headers['retry-after']).toBe('1');
      expect(await inspector.get('/health/ready')).toMatchObject({ status: 503 });
      await server.start();
      const back = await eventually(
        () => inspector.command(id, 'start-progress', {}, key),
        ({ status }) => status !== 503,
      );
      expect(back).toMatchObject({ status: 200, json: { version: 2 } });
      const list = await eventually(
        () => inspector.get(`/api/recommendations?minPosition=${back.json.position}`),
        ({ status }) => status !== 503,
      );
      expect(list.json.items).toMatchObject([{ id, status: 'being-progressed' }]);
      await eventually(
        () => inspector.get('/health/ready'),
        ({ status }) => status === 200,
      );
      expect(await running.stop()).toEqual({ code: 0, signal: null });
    } finally {
      await server.remove();
    }
  }, 60_000);
});
