import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { runDocket } from '../support/command-line.ts';
import { postgresqlSettings } from '../support/journey-store.ts';
import { startPostgresqlServer } from '../support/postgresql-server.ts';
import { connectTo, postgresqlUrl } from '../support/postgresql-stores.ts';
import { recommendation, refusal, startService } from '../support/service.ts';
import { DIST, eventually, settingsIn, startNode } from '../support/service-child.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

// With DOCKET_TEST_STORE=postgresql all journeys run on PostgreSQL; these few always do.
let env: Record<string, string>;

beforeAll(async () => {
  env = postgresqlSettings(temporaryFolder(), await postgresqlUrl());
}, 60_000);

describe('a PostgreSQL server without a store', () => {
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
  let server: Awaited<ReturnType<typeof startPostgresqlServer>>;

  beforeAll(async () => {
    server = await startPostgresqlServer();
  }, 60_000);
  afterAll(() => server.remove());

  it.each([
    ['at its start', (url: URL) => (url.port = '1'), 3],
    [
      'with an address that it does not take',
      (url: URL) => {
        url.searchParams.set('schema', 'No Name');
      },
      2,
    ],
  ])('%s reports that without the password, and ends', async (_, change, code) => {
    const folder = temporaryFolder();
    const address = new URL(env['DOCKET_STORE']!);
    change(address);
    const settings = settingsIn(folder, { ...env, DOCKET_STORE: address.href, PORT: '0' });
    const started = startNode([join(DIST, 'apps/server/src/main.js')], settings, folder);
    expect(await started.ended).toEqual({ code, signal: null });
    expect(started.stderr()).toContain('postgresql://');
    expect(started.stderr()).not.toContain(address.password);
    expect(started.stderr()).not.toMatch(/^\s+at .*\(/m);
  });

  it('for a second, without a command, is ready again within five', async () => {
    const folder = temporaryFolder();
    const running = await startService({ folder, env: postgresqlSettings(folder, server.url) });
    try {
      const inspector = running.as('inspector');
      await inspector.issue({ id: 'bounced' });
      await server.kill9();
      expect(await inspector.command('bounced', 'start-progress')).toMatchObject({ status: 503 });
      await server.start();
      await eventually(
        () => running.request('GET', '/health/ready'),
        ({ status }) => status === 200,
        5_000,
      );
    } finally {
      await running.stop();
    }
  }, 60_000);

  it('while it runs answers 503, and recovers by itself when the server is back', async () => {
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
    } finally {
      expect(await running.stop()).toEqual({ code: 0, signal: null });
    }
  }, 60_000);
});
