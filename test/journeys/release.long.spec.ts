import { expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from '../support/temporary-folder.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const RELEASE_MS_MAX = 600_000;

/** Makes a release in a copy of the checkout, and returns its files. */
function release(name: string): ReadonlyMap<string, Buffer> {
  const folder = join(temporaryFolder(), name);
  const tracked = execFileSync('git', ['ls-files', '-z'], { cwd: ROOT, encoding: 'utf8' }).split('\0');
  for (const file of tracked.filter((path) => path !== '')) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    cpSync(join(ROOT, file), join(folder, file));
  }
  // The bundle names packages by their paths, so a symbolic link would make a difference.
  execFileSync('cp', ['-a', join(ROOT, 'node_modules'), folder]);
  execFileSync('npm', ['run', '--silent', 'release'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const made = join(folder, 'release');
  return new Map(readdirSync(made).map((file) => [file, readFileSync(join(made, file))]));
}

it(
  'is the same in two folders, and its SBOM lists the bundled packages and no tool',
  () => {
    const [one, other] = [release('one'), release('another-folder')];
    expect([...one.keys()]).toEqual([
      'SHA256SUMS',
      'docket-0.1.0.cdx.json',
      'docket-0.1.0.tgz',
      'verify-source.txt',
      'verify.html',
      'verify.py',
    ]);
    for (const [file, bytes] of one)
      expect({ file, isSame: other.get(file)?.equals(bytes) }).toEqual({ file, isSame: true });
    const { components } = JSON.parse(String(one.get('docket-0.1.0.cdx.json'))) as {
      readonly components: readonly { readonly name: string }[];
    };
    const names = new Set(components.map(({ name }) => name));
    const wanted = ['better-sqlite3', 'fastify', 'govuk-frontend', 'swagger-ui-dist'];
    expect(wanted.filter((name) => !names.has(name))).toEqual([]);
    expect(['elkjs', 'node', 'typescript', 'jest', 'esbuild'].filter((name) => names.has(name))).toEqual([]);
  },
  RELEASE_MS_MAX,
);
