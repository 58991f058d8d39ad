// Builds the apps, and gives what was built a package.json: names between rooms (`#lifecycle/decide`) lead to its own files.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

execFileSync(process.execPath, ['node_modules/@nestjs/cli/bin/nest.js', 'build'], {
  stdio: ['ignore', 'inherit', 'inherit'],
});
const { name, version, type, imports, dependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
const built = Object.fromEntries(
  Object.entries(imports).map(([room, files]) => [room, files.replace(/\.ts$/, '.js')]),
);
writeFileSync(
  'dist/package.json',
  `${JSON.stringify({ name, version, private: true, type, imports: built, dependencies }, null, 2)}\n`,
);
await import('./assets.mjs');
await import('./verifiers.mjs');
