// Builds the pages' assets: stylesheet, script and favicon, each compressed, and named by its digest so that browsers
// may cache it for ever.
import { build } from 'esbuild';
import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { compile, compileString } from 'sass';
import { recordPackages } from './bundled.mjs';
import { STYLE } from '../libs/statechart/src/chart-style.ts';

const WEB = 'apps/server/src/web';
const TO = 'dist/assets';

const { css } = compile(`${WEB}/styles/docket.scss`, {
  style: 'compressed',
  loadPaths: ['node_modules'],
  quietDeps: true,
});
// The charts' own style is added to the stylesheet: pages forbid inline styles.
const ofCharts = compileString(STYLE, { style: 'compressed' }).css;
const { outputFiles, metafile } = await build({
  entryPoints: [`${WEB}/browser/docket.ts`],
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
  legalComments: 'none',
  metafile: true,
  write: false,
});
recordPackages(Object.keys(metafile.inputs));
const assets = {
  'docket.css': Buffer.from(css + ofCharts),
  'docket.js': Buffer.from(outputFiles[0].contents),
  'favicon.svg': readFileSync(`${WEB}/images/favicon.svg`),
};

rmSync(TO, { recursive: true, force: true });
mkdirSync(TO, { recursive: true });
const manifest = {};
for (const [name, content] of Object.entries(assets)) {
  const digest = createHash('sha256').update(content).digest('hex').slice(0, 12);
  const hashed = name.replace(/\.(\w+)$/, `-${digest}.$1`);
  writeFileSync(`${TO}/${hashed}`, content);
  writeFileSync(`${TO}/${hashed}.br`, brotliCompressSync(content));
  writeFileSync(`${TO}/${hashed}.gz`, gzipSync(content, { level: 9 }));
  manifest[name] = hashed;
}
writeFileSync(`${TO}/manifest.json`, `${JSON.stringify(manifest, null, 2)}\n`);

// What the pages of the API documentation load.
const SWAGGER = 'node_modules/swagger-ui-dist';
const SWAGGER_FILES = [
  'favicon-16x16.png',
  'favicon-32x32.png',
  'swagger-ui-bundle.js',
  'swagger-ui-standalone-preset.js',
  'swagger-ui.css',
];
mkdirSync('dist/swagger-ui', { recursive: true });
for (const file of SWAGGER_FILES) copyFileSync(`${SWAGGER}/${file}`, `dist/swagger-ui/${file}`);
recordPackages([`${SWAGGER}/package.json`]);
