import { expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { lstatSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { SAMPLE } from '../support/command-line.ts';
import { childEnvironment, settingsIn, startNode } from '../support/service-child.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const BYTES_MAX = 60_000_000;
const INSTALL_MS_MAX = 120_000;

it(
  'is packed, installed and run without the checkout',
  async () => {
    const folder = temporaryFolder();
    const prefix = join(folder, 'prefix');
    const run = async (file: string, ...words: string[]): Promise<string> => {
      const env = childEnvironment(
        settingsIn(folder, { PATH: `${dirname(process.execPath)}:${process.env['PATH']}` }),
      );
      const cwd = file === 'npm' ? ROOT : folder;
      return (await promisify(execFile)(file, words, { cwd, env, timeout: INSTALL_MS_MAX })).stdout;
    };
    // The build exists; `prepack` would make it again.
    await run('npm', 'pack', '--silent', '--ignore-scripts', '--pack-destination', folder);
    const quietly = ['--silent', '--prefer-offline', '--no-audit', '--no-fund'];
    await run('npm', 'install', ...quietly, '--global', '--prefix', prefix, join(folder, 'docket-0.1.0.tgz'));

    const files = readdirSync(prefix, { recursive: true, encoding: 'utf8' });
    const bytes = files.reduce((sum, file) => sum + lstatSync(join(prefix, file)).size, 0);
    expect(bytes).toBeLessThan(BYTES_MAX);
    const installed = join(prefix, 'lib/node_modules/docket');
    expect(readdirSync(join(installed, 'node_modules')).filter((name) => !name.startsWith('.'))).toEqual([
      'better-sqlite3',
      'node-addon-api',
    ]);
    expect(files.filter((file) => /\.(?:ts|map)$|\.spec\./.test(file))).toEqual([]);

    const docket = join(prefix, 'bin/docket');
    expect(await run(docket, '--help')).toContain('docket [options] [command]');
    expect(await run(docket, 'import', SAMPLE)).toContain('730 created');
    expect(await run(docket, 'verify')).toMatch(/^Verified: /);
    const kurrentdb = run(docket, '--store', 'kurrentdb://localhost:1?tls=false', 'status');
    await expect(kurrentdb).rejects.toMatchObject({
      code: 3,
      stderr: expect.stringContaining('npm install -g @kurrent/kurrentdb-client@') as unknown,
    });

    const main = join(installed, 'dist/apps/cli/src/main.js');
    const demo = startNode([main, 'demo'], { PORT: '0' }, folder);
    await demo.printed(/Press Ctrl-C to stop/);
    const address = /http:\S+/.exec(demo.stdout())?.[0] ?? '';
    for (const path of ['sign-in', 'api/docs', 'api/docs/swagger-ui-bundle.js'])
      expect((await fetch(new URL(path, address))).status).toBe(200);
    expect(await demo.end('SIGINT')).toEqual({ code: 0, signal: null });
  },
  INSTALL_MS_MAX,
);
