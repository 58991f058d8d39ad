// Compiles the apps, writes a package.json that maps imports such as `#lifecycle/decide` to the compiled files, and
// bundles them.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

execFileSync(process.execPath, ['node_modules/@nestjs/cli/bin/nest.js', 'build'], {
  stdio: ['ignore', 'inherit', 'inherit'],
});
const { name, version, type, imports } = JSON.parse(readFileSync('package.json', 'utf8'));
const built = Object.fromEntries(
  Object.entries(imports).map(([room, files]) => [room, files.replace(/\.ts$/, '.js')]),
);
const writePackage = (folder, members) => {
  writeFileSync(
    `${folder}/package.json`,
    `${JSON.stringify({ name, version, private: true, type, ...members }, null, 2)}\n`,
  );
};
writePackage('dist/modules', { imports: built });
writePackage('dist');
await import('./bundle.mjs');
await import('./charts.mjs');
await import('./assets.mjs');
await import('./verifiers.mjs');
await import('./third-party.mjs');
