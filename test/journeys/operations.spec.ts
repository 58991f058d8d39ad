import { beforeAll, describe, expect, it } from '@jest/globals';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openStore } from '#platform/open-store';
import { parseStore } from '#platform/settings';
import { runDocket } from '../support/command-line.ts';
import { collectLog } from '../support/event-streams.ts';
import { JOURNEY_STORE, removeReadModels } from '../support/journey-store.ts';
import { PageBrowser } from '../support/pages.ts';
import { openFeed } from '../support/service-feed.ts';
import { refusal, startService } from '../support/service.ts';
import type { Client, RunningService } from '../support/service.ts';
import { eventually, pause, settingsIn } from '../support/service-child.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

let service: RunningService;
let inspector: Client;
let administrator: Client;

const clients = (): void => {
  inspector = service.as('inspector');
  administrator = service.as('administrator');
};

beforeAll(async () => {
  service = await startService({ isNew: true });
  clients();
  for (let index = 0; index < 12; index += 1) {
    await inspector.issue({ id: `op-${index}`, recipients: [['avon', 'kent'][index % 2]] });
    if (index % 3 === 0) await inspector.command(`op-${index}`, 'start-progress');
    await inspector.command(`op-${index}`, 'add-comment', { text: `Remark ${index}`, visibility: 'public' });
  }
});

/** Returns all responses that use read models, once these are at the end of the log. */
const readModels = async (): Promise<unknown[]> => {
  const { items } = (await service.as('auditor').get('/api/events?limit=10000')).json;
  const position = items.at(-1)?.position;
  const paths = [
    `/api/recommendations?limit=200&sort=id&minPosition=${position}`,
    `/api/recommendations?q=remark&sort=-updatedOn&minPosition=${position}`,
    `/api/recommendations?recipient=kent&status=being-progressed&minPosition=${position}`,
    `/api/statistics?minPosition=${position}`,
  ];
  return Promise.all(paths.map(async (path) => (await inspector.get(path)).json));
};

describe('a service that is well', () => {
  it('has printed one line with its address', () => {
    expect(service.process.stdout()).toBe(`Docket is ready at ${service.address}\n`);
    expect(service.address).toMatch(/^http:\/\/127\.0\.0\.1:[1-9]\d+$/);
  });

  it('says that it lives and is ready', async () => {
    expect((await service.request('GET', '/health/live')).json).toEqual({ status: 'live' });
    const ready = await service.request('GET', '/health/ready');
    expect(ready).toMatchObject({ status: 200, json: { status: 'ready' } });
    const { checks } = ready.json;
    expect(checks.map(({ name }) => name)).toContain('store');
    expect(checks.every(({ ok }) => ok)).toBe(true);
  });

  it('reports its measurements, the lag of every projection among them', async () => {
    await readModels();
    const { text, headers } = await service.request('GET', '/metrics');
    expect(headers['content-type']).toMatch(/^text\/plain/);
    expect(text).toMatch(/^docket_projection_lag_events\{projection="register"\} 0$/m);
    expect(text).toMatch(/^docket_projection_lag_events\{projection="audit-trail"\} 0$/m);
    expect(text).toMatch(/^docket_read_models_lag_seconds 0$/m);
    // Metrics contain routes and not addresses, whose ids would each create a series.
    expect(text).toContain('route="/api/recommendations/:id/commands/:command"');
    expect(text).not.toContain('op-3');
  });

  it('reports how its store appends: how long it took, in which groups, and the obstacles', async () => {
    const measured = async (name: string): Promise<number> => {
      const { text } = await service.request('GET', '/metrics');
      const line = text.split('\n').find((each) => each.startsWith(`${name} `));
      return Number(line?.split(' ').at(-1));
    };
    const names = [
      'docket_append_seconds_count{outcome="appended"}',
      'docket_append_seconds_count{outcome="repeated"}',
      'docket_append_group_commits_count',
      'docket_append_events_total',
    ];
    const before = await Promise.all(names.map(measured));
    expect(before.every((value) => value >= 0)).toBe(true);
    await inspector.issue({ id: 'measured', recipients: ['avon', 'kent'] });
    await inspector.command('measured.avon', 'add-comment', { text: 'One more', visibility: 'public' });
    const after = await Promise.all(names.map(measured));
    // The two commits are in sequence. The issue appends an event per record, and one that reserves the id.
    expect(after.map((value, index) => value - before[index]!)).toEqual([2, 0, 2, 4]);
    expect(await measured('docket_append_conflicts_total')).toBe(0);
    for (const reason of ['read', 'handler']) {
      expect(await measured(`docket_subscription_drops_total{reason="${reason}"}`)).toBe(0);
    }
  });

  it('measures everything that its documentation lists', async () => {
    await inspector.get('/api/deadlines');
    const { text } = await service.request('GET', '/metrics');
    const read = (file: string): string => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
    const page = read('docs/observability.md');
    const measured = [...text.matchAll(/^# TYPE (docket_\w+) /gm)].map(([, name]) => name);
    const table = page.slice(0, page.indexOf('## Alerts'));
    const documented = [...table.matchAll(/`(docket_\w+)(?:\{[\w, ]+\})?`/g)].map(([, name]) => name);
    expect([...new Set(documented)].sort()).toEqual(measured.sort());
    const rules = read('deploy/prometheus/docket.rules.yml');
    const alerted = [...rules.matchAll(/docket_\w+/g)].map(([name]) => name.replace(/_(bucket|count)$/, ''));
    expect(alerted.length).toBeGreaterThan(10);
    expect(
      [...alerted, ...page.matchAll(/docket_\w+/g)].map(String).filter((name) => !measured.includes(name)),
    ).toEqual([]);
  });

  it('writes no token, no text and no key to its log, and its read models to the configured place', async () => {
    const elsewhere = join(temporaryFolder(), 'models.sqlite');
    const other = await startService({
      env: { DOCKET_LOG_LEVEL: 'trace', DOCKET_READ_MODELS: `sqlite:${elsewhere}` },
    });
    const person = other.as('inspector');
    await person.issue({ id: 'logged', text: 'Confidential wording', title: 'Confidential title' });
    await person.command('logged', 'add-comment', { text: 'Confidential remark', visibility: 'public' });
    await person.command('logged', 'approve-closure', { statement: 'Confidential refusal' });
    await person.command('logged', 'add-comment', {
      text: 'Confidential',
      visibility: 'public',
      more: 'Confidential',
    });
    await other.request('GET', `/api/statistics?Confidential=1`, { token: `${person.token}x` });
    await other.request('GET', `/api/recommendations?q=zanzibar&token=${person.token}`);
    await other.request('POST', '/api/recommendations', {
      token: person.token,
      body: '{"text":"Confidential',
    });
    await other.stop();
    expect(other.stderr()).toContain('"route":"/api/recommendations"');
    for (const secret of [person.token, 'Confidential', 'zanzibar', other.secret.toString('base64url')]) {
      expect(other.stderr()).not.toContain(secret);
    }
    expect(existsSync(elsewhere)).toBe(true);
    expect(readdirSync(other.folder).filter((name) => name.includes('read-models'))).toEqual([]);
  });
});

describe('the page of operations', () => {
  it('shows an administrator the health of the service, its messages and the versions that run', async () => {
    const browser = new PageBrowser(service.address);
    await browser.signIn('demo-administrator');
    const page = await browser.follow(await browser.get('/'), 'Operations');
    const [words = ''] = page.words('main');
    const { checks } = (await service.request('GET', '/health/ready')).json;
    for (const { name } of checks) expect(words.toLowerCase()).toContain(`${name}statewell`);
    expect(words).toMatch(/Failed ?0/);
    expect(words).toMatch(/process \d+.*Service.*\d+\.\d+\.\d+/);
  });

  it('is for no one else, and neither is a retry', async () => {
    const browser = new PageBrowser(service.address);
    const work = await browser.signIn('demo-inspector');
    expect(work.words('nav a')).not.toContain('Operations');
    expect((await browser.get('/operations')).status).toBe(403);
    const mark = (await browser.get('/account')).find('[name=mark]')?.getAttribute('value') ?? '';
    expect(await browser.post('/operations/messages/x/retry', { mark })).toMatchObject({ status: 403 });
  });

  it.each([
    ['GET', '/api/projections'],
    ['POST', '/api/projections/register/rebuild'],
    ['POST', '/api/sweeps'],
    ['GET', '/api/outbox'],
    ['POST', '/api/clock/confirmations'],
  ])('and no route %s %s does its work', async (method, path) => {
    const { token } = administrator;
    expect(await service.request(method, path, { token })).toMatchObject(refusal(404, 'not-found'));
  });
});

describe('the read models', () => {
  it('are rebuilt where they are missing, and are equal to the old ones', async () => {
    const before = await readModels();
    expect(await service.stop()).toEqual({ code: 0, signal: null });
    await removeReadModels(service.folder);
    service = await startService({ folder: service.folder });
    clients();
    // A ready service has read models at the end of the log.
    const list = await inspector.get('/api/recommendations?limit=200&sort=id');
    expect(list.json).toEqual(before[0]);
    // The service has restarted, and recorded that the log was read.
    const position = expect.any(String) as unknown;
    expect(await readModels()).toEqual(before.map((answer) => ({ ...(answer as object), position })));
  });

  it('are rebuilt by the command line beside the running service', async () => {
    const before = await readModels();
    const rebuilt = await runDocket(['rebuild'], { folder: service.folder });
    expect(rebuilt).toMatchObject({ code: 0, stderr: '' });
    expect(rebuilt.stdout).toMatch(/^Rebuilt the read models from \d+ events$/m);
    // The read of the log is recorded, and may be folded only after the first responses.
    const position = expect.any(String) as unknown;
    expect(await readModels()).toEqual(before.map((answer) => ({ ...(answer as object), position })));
  });
});

describe('a store in memory', () => {
  it('serves, and is gone with its process', async () => {
    const folder = temporaryFolder();
    const other = await startService({
      folder,
      env: { DOCKET_STORE: 'memory:', DOCKET_READ_MODELS: 'memory:' },
    });
    const { json } = await other.as('inspector').issue({ id: 'mem-1' });
    const list = await other.as('inspector').get(`/api/recommendations?minPosition=${json.position}`);
    expect(list.json.items.map(({ id }) => id)).toEqual(['mem-1']);
    await other.stop();
    expect(readdirSync(folder)).toEqual(['development-key.jwk']);
  });
});

describe('a graceful stop', () => {
  it('under load loses nothing that was acknowledged, and a second signal changes nothing', async () => {
    const other = await startService({ isNew: true });
    const person = other.as('inspector');
    await person.issue({ id: 'load-1' });
    const acknowledged: string[] = [];
    const refused: string[] = [];
    const write = async (): Promise<void> => {
      for (;;) {
        const answer = await person
          .command('load-1', 'add-comment', { text: 'Under load.', visibility: 'public' })
          .catch(() => 'gone' as const);
        if (answer === 'gone') return;
        if (answer.status === 200) acknowledged.push(answer.json.events[0]?.eventId as string);
        else refused.push(answer.text);
      }
    };
    const writers = Array.from({ length: 24 }, write);
    await eventually(
      () => Promise.resolve(acknowledged.length),
      (count) => count > 60,
    );
    other.process.child.kill('SIGTERM');
    other.process.child.kill('SIGTERM');
    await pause(2);
    other.process.child.kill('SIGTERM');
    expect(await other.process.ended).toEqual({ code: 0, signal: null });
    await Promise.all(writers);
    // Requests during the stop are refused with a retryable error, so no result is unknown.
    for (const text of refused) expect(text).toMatch(/store-unavailable|too-busy/);

    const address = settingsIn(other.folder)['DOCKET_STORE'] ?? '';
    const store = await openStore(parseStore(address, 'DOCKET_STORE'), { create: false });
    const stored = new Set((await collectLog(store)).map(({ eventId }) => eventId));
    await store.close();
    expect(acknowledged.filter((eventId) => !stored.has(eventId))).toEqual([]);
    expect(await runDocket(['verify'], { folder: other.folder })).toMatchObject({ code: 0 });
  });

  it('ends the open feeds, waits for no idle connection, and leaves the log in its one file', async () => {
    const feed = await openFeed(service.address, service.token('auditor'));
    await service.request('GET', '/health/live');
    const startedAt = performance.now();
    expect(await service.process.end('SIGINT')).toEqual({ code: 0, signal: null });
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    await eventually(
      () => Promise.resolve(feed.ended),
      (ended) => ended,
    );
    if (JOURNEY_STORE !== 'sqlite') return;
    expect(existsSync(join(service.folder, 'docket.sqlite'))).toBe(true);
    expect(existsSync(join(service.folder, 'docket.sqlite-wal'))).toBe(false);
  });
});
