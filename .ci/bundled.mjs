// Keeps `dist/bundled.json`: the packages that the build bundled, for the licences and the SBOM.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const FILE = 'dist/bundled.json';

/** The paths of packages below the checkout, such as `node_modules/pino`, sorted. */
export const bundledPackages = () => (existsSync(FILE) ? JSON.parse(readFileSync(FILE, 'utf8')) : []);

/** The packages of these files, sorted. */
export const packagesOf = (files) =>
  [
    ...new Set(files.flatMap((path) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? [])),
  ].sort();

/** Adds the packages of these files. */
export function recordPackages(files) {
  const packages = [...new Set([...bundledPackages(), ...packagesOf(files)])].sort();
  writeFileSync(FILE, `${JSON.stringify(packages, null, 2)}\n`);
}
