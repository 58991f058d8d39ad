import { readFileSync } from 'node:fs';

interface PackageJson {
  readonly version?: string;
}

/** Returns the project's package.json, from the source or the build; empty if it cannot be read. */
function packageJson(): PackageJson {
  for (const up of ['../../../package.json', '../../../../package.json']) {
    try {
      return JSON.parse(readFileSync(new URL(up, import.meta.url), 'utf8')) as PackageJson;
    } catch {
      // In a build, it is one folder further up.
    }
  }
  return {};
}

export const VERSION = packageJson().version ?? 'unknown';
