import { readFileSync } from 'node:fs';

interface PackageJson {
  readonly version?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** The project's package.json, of the source or of what was built; empty where it cannot be read. */
export function packageJson(): PackageJson {
  for (const up of ['../../../package.json', '../../../../package.json']) {
    try {
      return JSON.parse(readFileSync(new URL(up, import.meta.url), 'utf8')) as PackageJson;
    } catch {
      // It is one folder up where the project was built.
    }
  }
  return {};
}

/** Docket's version. */
export const VERSION = packageJson().version ?? 'unknown';
