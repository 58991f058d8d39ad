import { expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { SAMPLE } from '../support/command-line.ts';
import { childEnvironment, settingsIn } from '../support/service-child.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const BYTES_MAX = 20_000_000;
const RUN_MS_MAX = 60_000;

/** What `npm pack --json` prints of a package. */
interface Packed {
  readonly filename: string;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string }[];
}

// The long test installs the package with its dependencies.
it('is packed without sources, and runs without the checkout', async () => {
  const folder = temporaryFolder();
  const run = async (file: string, words: readonly string[], cwd = folder): Promise<string> => {
    const path = `${dirname(process.execPath)}:${process.env['PATH']}`;
    const env = childEnvironment(settingsIn(folder, { PATH: path }));
    return (await promisify(execFile)(file, words, { cwd, env, timeout: RUN_MS_MAX })).stdout;
  };
  // The build exists; `prepack` would make it again.
  const words = ['pack', '--silent', '--json', '--ignore-scripts', '--pack-destination', folder];
  const [packed] = JSON.parse(await run('npm', words, ROOT)) as [Packed];
  expect(packed.unpackedSize).toBeLessThan(BYTES_MAX);
  const paths = packed.files.map(({ path }) => path);
  expect(paths.filter((path) => /\.(?:ts|map)$|\.spec\./.test(path))).toEqual([]);
  // What the service and the demo read at run time.
  const { bin } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { bin: { docket: string } };
  const parts = ['apps/server/src/main.js', 'apps/server/src/demo.js', 'swagger-ui/swagger-ui-bundle.js'];
  expect(paths).toEqual(
    expect.arrayContaining([bin.docket, ...parts.map((path) => `dist/${path}`), 'test/fixtures/730.txt']),
  );
  expect(paths.some((path) => /^dist\/assets\/.*\.css$/.test(path))).toBe(true);
  expect(paths.some((path) => /^dist\/libs\/statechart\/charts\/.*\.svg$/.test(path))).toBe(true);

  await run('tar', ['-xzf', packed.filename]);
  const installed = join(folder, 'package');
  mkdirSync(join(installed, 'node_modules'));
  symlinkSync(join(ROOT, 'node_modules/better-sqlite3'), join(installed, 'node_modules/better-sqlite3'));
  const docket = join(installed, 'dist/apps/cli/src/main.js');
  expect(await run(process.execPath, [docket, 'import', SAMPLE])).toContain('730 created');
  expect(await run(process.execPath, [docket, 'verify'])).toMatch(/^Verified: /);
});
