// Runs after every `npm ci`. With development dependencies it builds, and sets the commit hook; without them (`npm ci
// --omit=dev` on a built tree) it does nothing. A script named `prepare` would cause a warning where the package is installed.
import { existsSync } from 'node:fs';
import { execFileSync } from 'node:child_process';

const run = (file, ...args) =>
  execFileSync('node_modules/.bin/node', [file, ...args], { stdio: ['ignore', 'inherit', 'inherit'] });

// Not typescript, which a production dependency also installs.
if (existsSync('node_modules/@nestjs/cli')) {
  if (existsSync('.git') && existsSync('node_modules/husky')) run('node_modules/husky/bin.js');
  run('.ci/build.mjs');
} else if (!existsSync('dist/apps/server/src/main.js')) {
  console.error('docket: not built. Run `npm ci` with the development dependencies once; it builds.');
  process.exitCode = 1;
}
