import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/** Licences that allow redistribution in source or binary form with no more than a notice. */
const PERMISSIVE = [
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC0-1.0',
  'ISC',
  'MIT',
  'MIT-0',
  'Python-2.0',
  'Unlicense',
];

interface Locked {
  readonly version?: string;
  readonly dev?: boolean;
  readonly devOptional?: boolean;
  readonly license?: string;
}

/** Returns the packages that are installed with Docket or bundled in it, with the licence of package.json or the lock file. */
function shipped(): { name: string; version: string; licence: string }[] {
  const { packages } = JSON.parse(read('package-lock.json')) as { packages: Record<string, Locked> };
  const bundled = new Set(JSON.parse(read('dist/bundled.json')) as string[]);
  return Object.entries(packages)
    .filter(([path, { dev, devOptional }]) => bundled.has(path) || (dev !== true && devOptional !== true))
    .filter(([path]) => path !== '')
    .map(([path, { version = '', license }]) => {
      const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
      return { name, version, licence: license ?? installed(path) };
    });
}

function installed(path: string): string {
  const { license, licenses } = JSON.parse(read(`${path}/package.json`)) as {
    license?: string | { type: string };
    licenses?: { type: string }[];
  };
  const named = license ?? licenses?.[0] ?? 'none';
  return typeof named === 'string' ? named : named.type;
}

/** Returns the alternatives of an SPDX expression with `OR`. */
const choices = (licence: string): string[] => licence.replaceAll(/[()]/g, '').split(' OR ');

describe('the licences of shipped packages', () => {
  it('are known ones that require no more than a notice', () => {
    const packages = shipped();
    expect(packages.length).toBeGreaterThan(100);
    const unknown = packages.filter(({ licence }) => {
      return !choices(licence).some((choice) =>
        choice.split(' AND ').every((each) => PERMISSIVE.includes(each)),
      );
    });
    expect(unknown).toEqual([]);
  });
});
