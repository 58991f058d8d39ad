import { describe, expect, it } from '@jest/globals';
import { chmodSync, chownSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { openStore } from '#platform/open-store';
import { append, commit, draft } from '../support/event-commits.ts';
import { runDocket, SAMPLE } from '../support/command-line.ts';
import { itOnSqlite } from '../support/journey-store.ts';
import { DIST, eventually, settingsIn, startNode, startWarm } from '../support/service-child.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import type { Started } from '../support/service-child.ts';
import { recommendation, refusal, startService } from '../support/service.ts';

const ROOT = join(DIST, '..');
const SERVER = 'apps/server/src/main.js';

const isRoot = process.getuid?.() === 0;
const NOBODY = 65_534;

async function ended(started: Started) {
  const { code } = await started.ended;
  return { code, stdout: started.stdout(), stderr: started.stderr() };
}

/** Starts a server that must fail. */
const failing = (env: Record<string, string>, folder = temporaryFolder()) =>
  ended(startWarm('service', settingsIn(folder, { PORT: '0', ...env }), folder));

const messages = (stderr: string): string[] =>
  stderr
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => (JSON.parse(line) as { msg: string }).msg);

const WITHOUT_EFFECT =
  'DOCKET_RAED_MODELS is not a setting of this version; it has no effect. Did you mean DOCKET_READ_MODELS?';

describe('a start logs its configuration', () => {
  it('its version, where store and read models are and how large or new, and which setting has no effect', async () => {
    const folder = temporaryFolder();
    const on = (store: string, more: Record<string, string> = {}) =>
      startService({
        folder,
        env: {
          DOCKET_STORE: `sqlite:${join(folder, store)}`,
          DOCKET_READ_MODELS: `sqlite:${join(folder, 'models.sqlite')}`,
          DOCKET_LOG_LEVEL: 'info',
          ...more,
        },
      });
    const first = await on('docket.sqlite');
    await first.stop();
    expect(messages(first.stderr())[0]).toContain(`store sqlite:${join(folder, 'docket.sqlite')} (new)`);
    expect(first.stderr()).not.toContain('new and empty');
    // The read models are those of the other store.
    const second = await on('mistyped.sqlite', { DOCKET_RAED_MODELS: 'sqlite:x' });
    await second.stop();
    const said = messages(second.stderr());
    expect(said).toContain(WITHOUT_EFFECT);
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
    const startLine = said.find((message) => message.includes(' starts: ')) ?? '';
    expect(startLine).toMatch(
      new RegExp(`^Docket ${version.replaceAll('.', '\\.')} starts: store .*, read models .*, outbox .*$`),
    );
    expect(startLine).toMatch(/read models \S+ \(\d[\d.]* [kM]B\)/);
    expect(said).toContainEqual(
      expect.stringMatching(
        /^The store sqlite:\S+mistyped.sqlite is new and empty, but there already are read models at sqlite:\S+models.sqlite/,
      ),
    );
    expect(said.at(-1)).toBe('Stopped');
  });

  it('no password of any of them', async () => {
    const folder = temporaryFolder();
    const { stderr } = await failing(
      { DOCKET_STORE: 'postgresql://ann:pa55word@127.0.0.1:1/cases?schema=north' },
      folder,
    );
    expect(stderr).toContain('postgresql://ann@127.0.0.1:1/cases');
    expect(stderr).not.toContain('pa55word');
  });
});

describe('settings without an effect are warned of', () => {
  it('by the command line, on standard error', async () => {
    const folder = temporaryFolder();
    const env = { DOCKET_RAED_MODELS: 'sqlite:x', DOCKET_LOG_LEVEL: 'warn' };
    const run = await runDocket(['token', '--subject', 'a', '--role', 'auditor'], { folder, env });
    expect(run).toMatchObject({ code: 0, stderr: `docket: warning: ${WITHOUT_EFFECT}\n` });
    expect(run.stdout).toMatch(/^[\w.-]+\n$/);
    const wrong = ['--store', 'postgresql://127.0.0.1:1/cases?shema=north', 'status'];
    const { code, stderr } = await runDocket(wrong, { folder });
    expect(code).toBe(2);
    expect(stderr).toMatch(/--store.*"shema" is not a parameter of the address; use schema, /);
  });
});

describe('a store or port that cannot be opened is reported in one line', () => {
  it('read models in a folder', async () => {
    const folder = temporaryFolder();
    const env = { DOCKET_READ_MODELS: `sqlite:${folder}`, DOCKET_LOG_LEVEL: 'warn' };
    const { code, stdout, stderr } = await failing(env, folder);
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toMatch(new RegExp(`^docket: .*${folder} is a folder. Use the path of a file in it\n$`));
  });

  it('a store behind a link to itself, by the command line', async () => {
    const folder = temporaryFolder();
    const loop = join(folder, 'loop');
    symlinkSync(loop, loop);
    const env = { DOCKET_STORE: `sqlite:${join(loop, 'x.sqlite')}` };
    const { code, stderr } = await runDocket(['status'], { folder, env });
    expect(code).toBe(3);
    expect(stderr).toMatch(/^docket: .*x\.sqlite cannot be used: .*\n$/);
  });

  it('a store below a folder that may not be read', async () => {
    const folder = temporaryFolder();
    const closed = join(folder, 'closed');
    mkdirSync(closed);
    writeFileSync(join(closed, 'docket.sqlite'), '');
    chmodSync(closed, 0o000);
    chmodSync(folder, 0o755);
    if (isRoot) chownSync(folder, NOBODY, NOBODY);
    const env = {
      ...settingsIn(folder),
      DOCKET_STORE: `sqlite:${join(closed, 'docket.sqlite')}`,
      DOCKET_LOG_LEVEL: 'warn',
    };
    const uid = isRoot ? { uid: NOBODY } : {};
    const run = await ended(startNode([join(DIST, SERVER)], env, folder, uid));
    chmodSync(closed, 0o700);
    expect(run).toMatchObject({ code: 3, stdout: '' });
    expect(run.stderr).toMatch(
      /^docket: .*docket\.sqlite cannot be used: permission denied \(EACCES\)\. Make sure .*\n$/,
    );
  });

  it('a port that is in use', async () => {
    const occupied = createServer();
    await new Promise<void>((resolve) => occupied.listen(0, '127.0.0.1', resolve));
    const { port } = occupied.address() as AddressInfo;
    // In a process of its own, which must end although everything else is open by then.
    const folder = temporaryFolder();
    const settings = settingsIn(folder, { PORT: String(port), DOCKET_LOG_LEVEL: 'warn' });
    const { code, stdout, stderr } = await ended(startNode([join(DIST, SERVER)], settings, folder));
    await new Promise((resolve) => occupied.close(resolve));
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toBe(
      `docket: 127.0.0.1:${port} is already in use; set PORT to another port, or to 0 for any free one\n`,
    );
  });
});

describe('a development key that cannot be used', () => {
  it('ends the start as a setting does', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'key');
    writeFileSync(path, 'no key');
    const { code, stdout, stderr } = await failing({ DOCKET_DEVELOPMENT_KEY: path }, folder);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/does not contain an HS256 JWK/);
  });
});

describe('a scheduler without a store', () => {
  it('does not say that it starts', async () => {
    const folder = temporaryFolder();
    const scheduler = startWarm('scheduler', settingsIn(folder), folder);
    const { code, stderr } = await ended(scheduler);
    expect(code).toBe(3);
    expect(stderr).not.toContain(' starts: ');
  });
});

describe('a scheduler with the settings of its servers', () => {
  it('sweeps also where they say that servers do not', async () => {
    const folder = temporaryFolder();
    expect((await runDocket(['import', SAMPLE], { folder })).code).toBe(0);
    const env = { ...settingsIn(folder), DOCKET_SWEEP: 'off' };
    const scheduler = startWarm('scheduler', env, folder);
    await scheduler.printed(/^Docket's scheduler is ready; it sweeps now, and next at \S+T\d\d:03:00/m);
    // A pending read at the end would be ended by the signal itself.
    await eventually(
      () => Promise.resolve(scheduler.stderr()),
      (stderr) => stderr.includes('Deadlines were swept'),
    );
    expect(await scheduler.end('SIGTERM')).toEqual({ code: 0, signal: null });
    expect(messages(scheduler.stderr())).toContain(
      'DOCKET_SWEEP is off, but that setting applies only to servers: the scheduler sweeps every hour',
    );
  });
});

describe('a clock that is behind the log', () => {
  /** Creates a log of one event that is recorded this far in the future. */
  const logOfFuture = async (folder: string, aheadMs: number): Promise<string> => {
    const store = await openStore({ kind: 'sqlite', path: join(folder, 'docket.sqlite') }, { create: true });
    const recordedAt = new Date(Date.now() + aheadMs).toISOString();
    await store.append({ ...commit([append('s-1', 0, draft())]), recordedAt });
    await store.close();
    return recordedAt;
  };
  const DAY_MS = 86_400_000;

  itOnSqlite('by a day prevents all recording', async () => {
    const folder = temporaryFolder();
    const recordedAt = await logOfFuture(folder, DAY_MS);
    const service = await startService({ folder });
    const inspector = service.as('inspector');
    const ready = () => service.request('GET', '/health/ready');
    const issueRecord = () => inspector.post('/api/recommendations', recommendation({ id: 'held' }));

    expect(await ready()).toMatchObject({ status: 503, json: { status: 'not-ready' } });
    expect((await ready()).json.checks).toContainEqual({
      name: 'clock',
      ok: false,
      detail: expect.stringContaining(recordedAt),
    });
    expect(await issueRecord()).toMatchObject(refusal(503, 'clock-jumped'));
    expect((await service.request('GET', '/metrics')).text).toMatch(/^docket_clock_jumped 1$/m);
    const sweep = await runDocket(['sweep'], { folder });
    expect(sweep).toMatchObject({ code: 1, stderr: expect.stringContaining('clock-jumped') });
    await service.stop();
    expect(messages(service.stderr())).toContainEqual(expect.stringMatching(/Nothing is recorded until/));
  });
});

describe('a Node that is too old', () => {
  const scripts = (): string[] => {
    const { scripts: named, bin } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
      bin: Record<string, string>;
    };
    const run = Object.values(named).flatMap((line) => /node (dist\/\S+\.js)$/.exec(line)?.[1] ?? []);
    return [...new Set([...run, ...Object.values(bin)])];
  };

  it('is refused by every entry point before anything native is loaded, with the required version', async () => {
    const folder = temporaryFolder();
    const preload = join(folder, 'old-node.cjs');
    writeFileSync(
      preload,
      `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.19.2' } });
       process.dlopen = (_, name) => { require('fs').writeSync(2, 'LOADED ' + name); process.exit(99); };`,
    );
    expect(scripts()).toHaveLength(4);
    for (const script of scripts()) {
      const run = await ended(
        startNode(['--require', preload, join(ROOT, script)], settingsIn(folder), folder),
      );
      expect(run).toMatchObject({ code: 2, stdout: '' });
      expect(run.stderr).toMatch(
        /^docket needs Node 22 or later; this is v[\d.]+\. Install a later Node\. In a checkout, start it through npm .*\.\n$/,
      );
    }
  });
});
