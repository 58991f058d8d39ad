// Bundles the compiled code and its packages: a start then reads a hundred files instead of four thousand, and uses a
// third of the processor time. Entry points, and modules loaded by URL, stay in place in `dist` as one-line files.
import { build } from 'esbuild';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { recordPackages } from './bundled.mjs';

const FROM = resolve('dist/modules');
const TO = resolve('dist');

const ENTRIES = [
  ...['cli/src/main', 'scheduler/src/main', 'server/src/main', 'server/src/demo'].map(
    (name) => `apps/${name}`,
  ),
  // Modules of threads.
  'libs/audit/src/seal',
  'libs/event-store/src/postgresql/inspect-log',
  'libs/event-store/src/sqlite/inspect-log',
  'libs/event-store/src/sqlite/writer-worker',
  'libs/platform/src/log-page-worker',
  'libs/platform/src/past-worker',
  'libs/platform/src/projector-thread',
  'libs/platform/src/verification/verify-thread',
  'libs/projections/src/sqlite/reader-worker',
  // Modules of tests.
  'apps/cli/src/docket',
  'apps/scheduler/src/schedule',
  'apps/server/src/app',
  'apps/server/src/serve',
  'libs/platform/src/node',
  'libs/platform/src/settings',
];
/** Bundled on request, and apart, so that the package contains nothing of them. */
const BENCHES = ['http-server', 'sweep', 'verify'].map((name) => `test/bench/${name}`);

/** Packages that read their own files, are large and rarely loaded, or that Nest resolves at run time. */
const EXTERNAL = [
  '@kurrent/kurrentdb-client',
  'better-sqlite3',
  'pg-native',
  '@fastify/multipart',
  '@fastify/view',
  '@nestjs/microservices',
  '@nestjs/platform-express',
  '@nestjs/websockets',
];

/** Keeps each file's URL in `dist`, relative to which it finds others. */
const atTheirPlace = {
  name: 'at their place',
  setup({ onLoad }) {
    onLoad({ filter: /\.js$/ }, ({ path }) => {
      if (!path.startsWith(FROM)) return undefined;
      const address = `new URL(${JSON.stringify(`../${relative(FROM, path)}`)}, import.meta.url).href`;
      // A decorated class is bound twice, and would get a numbered name; Nest groups the API's routes by these names.
      const contents = readFileSync(path, 'utf8').replaceAll(/^let (\w+) = class \1\b/gm, 'let $1 = class');
      return { contents: contents.replaceAll('import.meta.url', address) };
    });
  },
};

/** The pages of the API documentation load their files from `dist/swagger-ui`, which .ci/assets.mjs copies. */
const swaggerFiles = {
  name: 'files of swagger-ui',
  setup({ onLoad }) {
    onLoad({ filter: /@nestjs\/swagger\/dist\/swagger-ui\/swagger-ui\.js$/ }, ({ path }) => {
      const folder = "require('node:url').fileURLToPath(new URL('../swagger-ui', import.meta.url))";
      const parts = readFileSync(path, 'utf8').split("require('swagger-ui-dist/absolute-path.js')()");
      if (parts.length !== 2)
        throw new Error(`${path} finds its files by other code than the build replaces`);
      return { contents: parts.join(folder) };
    });
  },
};

/**
 * ES modules of packages whose default for Node is CommonJS, of which nothing can be left out: a megabyte of unused
 * validators and operators would load at each start.
 */
const ES_MODULES = {
  'class-validator': 'class-validator/esm5/index.js',
  rxjs: 'rxjs/dist/esm/index.js',
  'rxjs/operators': 'rxjs/dist/esm/operators/index.js',
};
const usedParts = {
  name: 'used parts',
  setup({ onResolve }) {
    onResolve({ filter: /^(?:class-validator|rxjs|rxjs\/operators)$/ }, ({ path, kind }) =>
      // Nest's ValidationPipe, which Docket does not use, would import every validator.
      kind === 'dynamic-import'
        ? { external: true }
        : { path: resolve('node_modules', ES_MODULES[path]), sideEffects: false },
    );
  },
};

const OPTIONS = {
  bundle: true,
  metafile: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node22',
  legalComments: 'none',
  logLevel: 'warning',
  external: EXTERNAL,
  // Without keepNames, which renames each function on every creation: 7 % of a verification. Class names survive unless
  // two classes in a bundle share one.
  plugins: [atTheirPlace, swaggerFiles, usedParts],
  banner: {
    js: "import { createRequire as requireFrom } from 'node:module';\nconst require = requireFrom(import.meta.url);",
  },
};

for (const name of ['apps', 'bench', 'bundle', 'bundled.json', 'libs', 'test']) {
  rmSync(join(TO, name), { recursive: true, force: true });
}
async function bundle(entries, outdir) {
  const { metafile } = await build({
    ...OPTIONS,
    entryPoints: Object.fromEntries(
      entries.map((entry) => [entry.replaceAll('/', '-'), join(FROM, `${entry}.js`)]),
    ),
    outdir,
  });
  for (const entry of entries) {
    const file = join(TO, `${entry}.js`);
    mkdirSync(dirname(file), { recursive: true });
    const bundled = relative(dirname(file), join(outdir, `${entry.replaceAll('/', '-')}.js`));
    const interpreter = entry === 'apps/cli/src/main' ? '#!/usr/bin/env node\n' : '';
    writeFileSync(file, `${interpreter}export * from '${bundled}';\n`);
  }
  return Object.keys(metafile.inputs);
}
recordPackages(await bundle(ENTRIES, join(TO, 'bundle')));
if (process.argv.includes('--benches')) await bundle(BENCHES, join(TO, 'bench'));
