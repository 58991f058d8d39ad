import { describe, expect, it } from '@jest/globals';
import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, statfsSync, statSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { jsonLines, runDocket } from '../support/command-line.ts';
import { itOnSqlite } from '../support/journey-store.ts';
import {
  childEnvironment,
  DIST,
  eventually,
  pause,
  settingsIn,
  startScript,
} from '../support/service-child.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startService } from '../support/service.ts';

const SERVER = join(DIST, 'apps/server/src/main.js');

/** Linux has /dev/full, and process limits that can be raised again. */
const describeOnLinux = process.platform === 'linux' ? describe : describe.skip;

/** A test of thousands of requests, for `npm run test:long`; the test of the log's destination has the same cases. */
const itLong = process.env['DOCKET_TEST_LONG'] === undefined ? it.skip : it;

/** Limits the size of files of a running process, for which that is the same as a full disk. */
const limitFiles = (pid: number, bytes: number | 'unlimited'): void => {
  execFileSync('prlimit', ['--pid', String(pid), `--fsize=${bytes}:unlimited`]);
};

describeOnLinux('a disk that is full', () => {
  itOnSqlite(
    'refuses commands with 503, is in log and readiness, and is over when there is room',
    async () => {
      const service = await startService({ env: { DOCKET_LOG_LEVEL: 'error' }, isNew: true });
      const inspector = service.as('inspector');
      await inspector.issue({ id: 'before' });
      const pid = service.process.child.pid ?? 0;
      limitFiles(pid, 4_096);
      const issued = {
        id: 'during',
        title: 'A title',
        text: 'x'.repeat(40_000),
        recipients: ['wiltshire'],
        report: { name: 'A report', publishedOn: '2026-01-05' },
      };
      for (let attempt = 0; attempt < 3; attempt++) {
        const { status, json } = await inspector.post('/api/recommendations', issued);
        expect({ status, type: json.type }).toEqual({
          status: 503,
          type: 'urn:docket:problem:store-unavailable',
        });
      }
      const ready = await service.request('GET', '/health/ready');
      expect(ready).toMatchObject({ status: 503, json: { status: 'not-ready' } });
      expect(ready.json.checks).toContainEqual({
        name: 'store',
        ok: false,
        detail: 'events cannot be appended; see the log of the service',
      });
      // Existing data can still be read.
      expect((await inspector.get('/api/recommendations/before')).status).toBe(200);
      await eventually(
        () => Promise.resolve(service.stderr()),
        (log) => log.includes('Events cannot be appended'),
      );
      expect(service.stderr()).toMatch(
        /Events cannot be appended .*: the event store cannot be written: .* \(SQLITE_(FULL|IOERR\w*)\)/,
      );
      expect(service.stderr().match(/Events cannot be appended/g)).toHaveLength(1);

      limitFiles(pid, 'unlimited');
      expect((await inspector.post('/api/recommendations', issued)).status).toBe(201);
      // Followers of the log retry by themselves.
      await eventually(
        () => service.request('GET', '/health/ready'),
        ({ status }) => status === 200,
      );
      await service.stop();
      const { code } = await runDocket(['verify'], { folder: service.folder });
      expect(code).toBe(0);
    },
  );

  const canMount = process.getuid?.() === 0;
  const itAsRoot = canMount ? itOnSqlite : it.skip;

  itAsRoot('is reported by a start, as is a read-only one', async () => {
    const folder = temporaryFolder();
    const disk = join(folder, 'disk');
    mkdirSync(disk);
    const env = { ...settingsIn(folder), DOCKET_STORE: `sqlite:${join(disk, 'docket.sqlite')}`, PORT: '0' };
    const start = async () => {
      const started = startScript('apps/server/src/main.js', { ...env, DOCKET_LOG_LEVEL: 'warn' }, folder);
      const { code } = await started.ended;
      return { code, stdout: started.stdout(), stderr: started.stderr() };
    };
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16k', 'tmpfs', disk]);
    try {
      const full = await start();
      expect(full).toMatchObject({ code: 3, stdout: '' });
      expect(full.stderr).toMatch(
        /^docket: .*docket\.sqlite cannot be used: .*(SQLITE_FULL|SQLITE_IOERR\w*|room|ENOSPC).*\n$/,
      );
      execFileSync('mount', ['-o', 'remount,size=64m', disk]);
      const service = await startService({ folder, env });
      await service.as('inspector').issue();
      await service.stop();
      execFileSync('mount', ['-o', 'remount,ro', disk]);
      const readOnly = await start();
      expect(readOnly).toMatchObject({ code: 3, stdout: '' });
      expect(readOnly.stderr).toMatch(/^docket: .*docket\.sqlite cannot be used: .*\n$/);
    } finally {
      execFileSync('umount', [disk]);
    }
  });

  itAsRoot('ends a rebuild of the read models, and the live ones stay', async () => {
    const folder = temporaryFolder();
    const disk = join(folder, 'disk');
    mkdirSync(disk);
    const env = { DOCKET_READ_MODELS: `sqlite:${join(disk, 'read-models.sqlite')}` };
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', disk]);
    try {
      const service = await startService({ folder, env });
      const { json } = await service.as('inspector').issue({ id: 'full-1' });
      const list = () => service.as('inspector').get(`/api/recommendations?minPosition=${json.position}`);
      await list();
      const { blocks, bfree, bsize } = statfsSync(disk);
      for (const free of [64, 256]) {
        const size = (blocks - bfree) * bsize + free * 1_024;
        execFileSync('mount', ['-o', `remount,size=${size}`, disk]);
        const full = await runDocket(['rebuild'], { folder, env });
        expect(full.code).not.toBe(0);
        expect(full.stderr).toMatch(/disk is full|SQLITE_FULL|ENOSPC/);
        expect((await list()).json.items).toHaveLength(1);
      }
      execFileSync('mount', ['-o', 'remount,size=64m', disk]);
      expect(await runDocket(['rebuild'], { folder, env })).toMatchObject({ code: 0 });
      expect((await list()).json.items).toHaveLength(1);
      expect(readdirSync(disk).filter((name) => /_\d+$/.test(name))).toHaveLength(1);
      await service.stop();
    } finally {
      execFileSync('umount', [disk]);
    }
  });
});

/** Starts the server with its log written to this destination. */
async function serving(stderr: number | 'pipe') {
  const folder = temporaryFolder();
  const child: ChildProcess = spawn(process.execPath, [SERVER], {
    cwd: folder,
    env: childEnvironment({ ...settingsIn(folder), PORT: '0', DOCKET_LOG_LEVEL: 'trace' }),
    stdio: ['ignore', 'pipe', stderr],
  });
  let printed = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (printed += text));
  await eventually(
    () => Promise.resolve(printed),
    (text) => text.includes('is ready at'),
    30_000,
  );
  const address = /is ready at (\S+)/.exec(printed)?.[1] ?? '';
  const get = (path: string): Promise<{ status: number; text: string }> =>
    new Promise((resolve, reject) => {
      const outgoing = httpRequest(address + path, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (piece: string) => (text += piece));
        response.on('end', () => {
          resolve({ status: response.statusCode ?? 0, text });
        });
      });
      outgoing.setTimeout(20_000, () => outgoing.destroy(new Error('no answer')));
      outgoing.on('error', reject);
      outgoing.end();
    });
  const droppedLines = async (): Promise<number> => {
    const { text } = await get('/metrics');
    return Number(/^docket_log_lines_dropped_total (\d+)$/m.exec(text)?.[1]);
  };
  /** Sends requests whose log lines exceed the buffer of any pipe. */
  const sendMany = async (times: number): Promise<void> => {
    for (let sent = 0; sent < times; sent += 50) {
      const answers = await Promise.all(Array.from({ length: 50 }, () => get('/health/live')));
      expect(answers.every(({ status }) => status === 200)).toBe(true);
    }
  };
  const stop = async (): Promise<unknown> => {
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    return Promise.race([exited, pause(20_000).then(() => 'did not end')]);
  };
  return { child, folder, sendMany, dropped: droppedLines, stop };
}

describeOnLinux('a log that cannot be written', () => {
  it('to a file that may not grow: the current line is ended, and the reader gets the number of lost lines', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'log');
    const log = openSync(file, 'a');
    const server = await serving(log);
    closeSync(log);
    const pid = server.child.pid ?? 0;
    await server.sendMany(200);
    await pause(1_100);
    limitFiles(pid, statSync(file).size + 100);
    await server.sendMany(200);
    expect(await server.dropped()).toBeGreaterThan(100);
    limitFiles(pid, 'unlimited');
    await server.sendMany(50);
    await server.stop();
    const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
    const broken = lines.filter((line) => {
      try {
        JSON.parse(line);
        return false;
      } catch {
        return true;
      }
    });
    expect(broken.length).toBeLessThanOrEqual(1);
    expect(lines.some((line) => line.includes('"dropped":'))).toBe(true);
  });

  it('to a full pipe without a reader: requests are answered, and a stop ends all the same', async () => {
    const server = await serving('pipe');
    server.child.stderr?.pause();
    await server.sendMany(1_000);
    expect(await server.stop()).toEqual([0, null]);
  });

  itLong(
    'to a pipe without a reader: the reader gets the number of lost lines once it reads, and a stop ends all the same',
    async () => {
      const server = await serving('pipe');
      // The test's own listener is paused, so that nothing reads the pipe.
      server.child.stderr?.pause();
      let sent = 0;
      while ((await server.dropped()) === 0 && sent < 60_000) {
        await server.sendMany(1_000);
        sent += 1_000;
      }
      const lost = await server.dropped();
      expect(lost).toBeGreaterThan(0);
      let text = '';
      server.child.stderr
        ?.setEncoding('utf8')
        .on('data', (piece: string) => (text += piece))
        .resume();
      await eventually(
        () => Promise.resolve(text),
        (log) => log.includes('"dropped":'),
      );
      const dropped = /\{[^\n]*"dropped":(\d+)[^\n]*\}\n/.exec(text);
      expect(Number(dropped?.[1])).toBeGreaterThanOrEqual(lost);
      server.child.stderr?.pause();
      await server.sendMany(1_000);
      expect(await server.stop()).toEqual([0, null]);
    },
    120_000,
  );
});

describeOnLinux('the command line', () => {
  it('continues if its messages to people cannot be written', async () => {
    const folder = temporaryFolder();
    const full = openSync('/dev/full', 'w');
    const child = spawn(
      process.execPath,
      [join(DIST, 'apps/cli/src/main.js'), 'import', join(DIST, '../package.json'), '--json'],
      {
        cwd: folder,
        env: childEnvironment({ ...settingsIn(folder), DOCKET_WRONG: 'x' }),
        stdio: ['ignore', 'pipe', full],
      },
    );
    closeSync(full);
    let stdout = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    expect(await once(child, 'close')).toEqual([1, null]);
    expect(jsonLines({ stdout })).toMatchObject([{ outcome: 'refused' }]);
  });

  it('says that its results cannot be written, and ends with 1', async () => {
    const folder = temporaryFolder();
    const full = openSync('/dev/full', 'w');
    const child = spawn(
      process.execPath,
      [join(DIST, 'apps/cli/src/main.js'), 'token', '--subject', 's', '--role', 'auditor'],
      {
        cwd: folder,
        env: childEnvironment(settingsIn(folder)),
        stdio: ['ignore', full, 'pipe'],
      },
    );
    closeSync(full);
    let stderr = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    expect(await once(child, 'close')).toEqual([1, null]);
    expect(stderr).toMatch(/^docket: cannot write to standard output: .*ENOSPC.*\n$/);
  });
});
